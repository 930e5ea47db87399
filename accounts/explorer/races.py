"""Explores a file of races, in a database that is made for it: the rows of ours are never touched."""

from collections.abc import Sequence
from typing import Any

from django.core.management import call_command

from accounts.db.scratch_database import scratch_database
from accounts.errors import BankError
from accounts.explorer.other_apps import find_app, installed, make_tables
from accounts.explorer.race_file import RaceFile, read_race_file
from accounts.explorer.strategy_files import say_error
from interleavings import CannotExplore, Report, explore
from interleavings.api import LIMIT


def explore_races(
    name: str,
    *,
    apps: Sequence[str] = (),
    schedule: str | None = None,
    limit: int = LIMIT,
    seed: int = 1,
    prune: bool = True,
) -> Report:
    """Every schedule of the sessions of a file, or one; each begins with the rows that its setup() has made.

    1. A scratch database is made, with the tables of this project and of `apps` (folders); it is dropped at the end.
    2. The file is executed in it, and its setup() called.
    3. Its sessions are explored (interleavings.explore).

    Raises BankError for a file or an app that cannot be used, and for sessions that cannot be explored.
    """
    if limit < 1:
        raise BankError(f"limit cannot be {limit}: choose 1 or more schedules.")
    others = [find_app(app) for app in apps]
    with scratch_database():
        call_command("migrate", run_syncdb=True, verbosity=0)
        with installed(others) as new:
            make_tables(new)
            return explore_sessions(read_race_file(name), schedule=schedule, limit=limit, seed=seed, prune=prune)


def explore_sessions(races: RaceFile, **options: Any) -> Report:
    """Call the setup, and explore the sessions, in the database that is there. `options`: interleavings.explore's.

    Raises BankError as explore_races does.
    """
    _set_up(races)
    try:
        arguments: dict[str, Any] = {**races.sessions, **options}
        return explore(**arguments)
    except CannotExplore as refusal:
        raise BankError(str(refusal)) from refusal


def _set_up(races: RaceFile) -> None:
    if races.setup is None:
        return
    try:
        races.setup()
    except (Exception, SystemExit) as error:  # it is anybody's code
        raise BankError(f"setup() of {races.name} failed ({say_error(error, races.path)}): repair it first.") from error

"""Cases of a shop instead of a bank: sessions on the models of an app of the lab's, explored by interleavings.

They run in a database of their own, in which the app's tables are, and no others.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from django.apps import apps
from django.db import connection

from accounts.db.scratch_database import scratch_database
from accounts.errors import BankError
from accounts.explorer.other_apps import OtherApp, find_app, installed, make_tables
from accounts.explorer.race_file import RaceFile, read_race_file
from accounts.explorer.races import explore_sessions
from accounts.explorer.strategy_files import look_at
from accounts.labs.case_runner import TooSlow
from accounts.labs.heartbeat import beat
from accounts.labs.race_schedules import RaceSchedules
from accounts.labs.submission_server import NAME as OF_A_SUBMISSION
from accounts.labs.variants import Variant
from interleavings import Report
from interleavings.engine.faults import Stuck

LIMIT = 1_000  # schedules of a case; a test with two sessions has some dozens

Call = Callable[[ModuleType, Variant], Any]


@dataclass(frozen=True)
class CallRace:
    """The lab's own test of a file: each session, with what stands over its column, calls something in the file."""

    app: Path
    setup: Callable[[], Any]
    sessions: Mapping[str, tuple[str, Call]]

    def explore(self, file: Path, variant: Variant) -> RaceSchedules:
        """Every schedule. Raises BankError for a file that cannot be explored."""
        headings = {name: variant.fill(heading) for name, (heading, _call) in self.sessions.items()}
        with _database_with(self.app):
            _original, module = look_at(file.name, file)
            calls = {name: partial(call, module, variant) for name, (_heading, call) in self.sessions.items()}
            return RaceSchedules(_explore(RaceFile(file.name, file, self.setup, calls)), headings)


@dataclass(frozen=True)
class OwnRace:
    """The test that a student's file holds, setup() and its sessions: of its own function, or of another file's."""

    app: Path
    function: str
    taken_from: Path | None = None  #: the file whose function takes the place of the student's

    def explore(self, file: Path, _variant: Variant) -> RaceSchedules:
        """Every schedule. Raises BankError for a file that holds no race, or cannot be explored."""
        with _database_with(self.app):
            races = read_race_file(str(file))
            if self.taken_from is not None:
                _original, other = look_at(self.taken_from.name, self.taken_from)
                setattr(races.module, self.function, getattr(other, self.function))
            return RaceSchedules(_explore(races), {name: f"session_{name}()" for name in races.sessions})


@contextmanager
def _database_with(folder: Path) -> Iterator[None]:
    """Inside, the app is installed, and the default database is one that has its tables, and rows that may be lost.

    The database in which a submission is graded is that already; its role may make no other one.
    """
    app = find_app(str(folder))
    if connection.settings_dict["NAME"] == OF_A_SUBMISSION:
        with installed([app]):
            _empty(app)  # of what the case before this one has left
            yield
        return
    with scratch_database(), installed([app]):
        make_tables([app])
        yield


def _empty(app: OtherApp) -> None:
    for config in apps.get_app_configs():
        for model in config.get_models() if config.name == app.name else ():
            model._base_manager.all().delete()


def _explore(races: RaceFile) -> Report:
    """Explored once more if a session did not arrive: on a busy machine it may be late that would have arrived."""
    name = str(connection.settings_dict["NAME"])
    explore = partial(explore_sessions, races, limit=LIMIT, invariant=beat, destroys_data_in=name)
    try:
        return explore()
    except BankError as first:
        if not _is_stuck(first):
            raise
    try:
        return explore()
    except BankError as second:
        raise TooSlow(str(second)) if _is_stuck(second) else second from second


def _is_stuck(refusal: BankError) -> bool:
    """A session took too long for a step; the reason may be the machine."""
    return isinstance(getattr(refusal.__cause__, "__cause__", None), Stuck)

"""Every order of the steps of several pieces of Django code, run on a real PostgreSQL.

    session     one piece of code under test, in a thread with a database connection of its own
    step        what a schedule puts in order: one statement, COMMIT, ROLLBACK or acquire of a Python lock
    gate        where a session stops before each step, until it is released
    schedule    an order of the steps of all sessions: "t t a t a" says whose step is next, and next ...
    scheduler   releases one session at a time, and sees which sessions wait for which others
    search      finds all schedules, and runs them one after the other
    scenario    what is searched: the sessions, how to set everything back, what to look at in the end

explore(call, other_call) is for everybody's code: it sets the database back before each schedule, and says which
schedules end as no serial order of the calls does (docs/your-own-code.md).

* `api.py` is explore(); `exploration.py` puts the packages together; `pytest_plugin.py` is the fixture.
* `engine/` runs sessions through schedules. Its docstring says which file to read first.
* `statements/` says which rows a statement touches, so that of schedules that end the same only one is run.
* `database/` keeps what stands in the tables, and sets it back; says whether a database may be explored in.
* `oracle/` runs the serial orders, and compares how schedules end.
* `report/` is what was found: as values, as text, as one HTML file.
* `postgres/` is a PostgreSQL for those who have none, as a database backend of Django's.

A wait is not guessed from the text of a statement, nor from time. After a step, a session is either at its next gate,
or done, or the database says (`pg_blocking_pids`) which other session it waits for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interleavings.api import explore
    from interleavings.errors import CannotExplore
    from interleavings.report.report import Report

__all__ = ["CannotExplore", "Report", "explore"]

_MODULES = {"CannotExplore": "errors", "Report": "report.report", "explore": "api"}


def __getattr__(name: str) -> Any:
    """Imported when it is first used: Django imports postgres/, and with it this file, before its models are there."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

"""A step: what a session does between two of its gates, and the result of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from interleavings.engine.code_place import CodePlace

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
ACQUIRE = "acquire "  # followed by the name of a Python lock

_QUALIFIED = re.compile(r'"\w+"\.("\w+")')
_MANY_COLUMNS = re.compile(r"SELECT [^(]*?, .*? FROM")


@dataclass
class Step:
    """One statement, COMMIT, ROLLBACK or acquire of a Python lock, and its result."""

    session: str
    sql: str
    params: Any = None
    columns: tuple[str, ...] = ()
    #: the rows that it read; None: it read none, or they cannot be read twice
    rows: list[tuple[Any, ...]] | None = None
    #: how many rows it wrote or read; 0 for a Python lock that was refused
    row_count: int | None = None
    #: the SQLSTATE, or the exception's name; empty if there was none
    error: str = ""
    #: the sessions that it had to wait for
    waited_for: list[str] = field(default_factory=list)
    #: the place in the schedule of the step that let it go on, from 0
    freed_by: int | None = None
    #: the sessions that the database let go on by this step, where it could have chosen others (choices.py)
    let_go: tuple[str, ...] = ()
    #: the lines of the user's code behind it, each called by the next one
    code_stack: tuple[CodePlace, ...] = ()
    #: whether a transaction was open when it was done, so that others do not see yet what it wrote
    in_transaction: bool = False
    #: whether its error has ended its transaction: there was no savepoint to go back to
    has_aborted: bool = False
    #: the Python locks that each session holds after it, by their names; nothing of sessions that hold none
    python_locks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def keep_rows(self, cursor: Any) -> None:
        """Note what the statement read. The cursor can still be asked for all of it."""
        self.row_count = getattr(cursor, "rowcount", None)
        description = getattr(cursor, "description", None)  # is made anew each time that it is asked for
        if description and isinstance(cursor, psycopg.Cursor):
            self.columns = tuple(column.name for column in description)
            self.rows = cursor.fetchall()
            if self.rows:
                cursor.scroll(0, mode="absolute")

    @property
    def code(self) -> CodePlace | None:
        """The innermost line of the user's code behind it; None if there is none."""
        return self.code_stack[0] if self.code_stack else None

    @property
    def is_acquire(self) -> bool:
        return self.sql.startswith(ACQUIRE)

    @property
    def was_blocked(self) -> bool:
        return bool(self.waited_for)

    def __str__(self) -> str:
        """The statement in at most 80 characters."""
        text = " ".join(self.sql.split())
        text = _MANY_COLUMNS.sub("SELECT ... FROM", _QUALIFIED.sub(r"\1", text)).replace('"', "")
        return text if len(text) <= 80 else f"{text[:60].rstrip()} ..."

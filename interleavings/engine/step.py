"""A step: what a session does between two of its gates, and what came of it."""

import re
from dataclasses import dataclass, field
from typing import Any

from interleavings.engine.code_place import CodePlace

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
QUALIFIED = re.compile(r'"\w+"\.("\w+")')
COLUMNS = re.compile(r"SELECT [^(]*?, .*? FROM")
ACQUIRE = "acquire "  # followed by the name of a Python lock


@dataclass
class Step:
    """One statement, COMMIT, ROLLBACK or acquire of a Python lock, and what came of it."""

    session: str
    sql: str
    params: Any = None
    columns: tuple[str, ...] = ()
    rows: list[tuple] | None = None  # what it read; None: nothing that could be read
    row_count: int | None = None  # how many rows it wrote or read
    error: str = ""  # the SQLSTATE, or the exception's name
    waited_for: list[str] = field(default_factory=list)  # the sessions that it had to wait for
    freed_by: int | None = None  # the place in the schedule of the step that let it go on
    code: CodePlace | None = None  # the line of the user's code behind it
    in_transaction: bool = False  # a transaction was open when it was done, so others do not see yet what it wrote

    @property
    def is_acquire(self) -> bool:
        return self.sql.startswith(ACQUIRE)

    @property
    def was_blocked(self) -> bool:
        return bool(self.waited_for)

    def __str__(self) -> str:
        text = COLUMNS.sub("SELECT ... FROM", QUALIFIED.sub(r"\1", " ".join(self.sql.split()))).replace('"', "")
        return text if len(text) <= 80 else f"{text[:60].rstrip()} ..."

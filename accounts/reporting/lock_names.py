"""Python locks in a schedule's table: whose lock is taken, and when it is let go.

The explorer's steps name a Python lock as its module does: LOCK. Where each session has a process of its own, there is
one LOCK in each of them. And letting a lock go is no step: it happens in the session's last step, after its COMMIT, as
in each of our own strategies.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from accounts.explorer.plan import SEPARATE

TAKES = re.compile(r"take (?P<lock>[^:]+?)(?=: waits| ->|$)")
IS_REFUSED = "-> it is taken"
A_FILE = "the file "  # a lock file is one for all processes of a machine


def locks_are_apart(processes: str, steps: Iterable[str]) -> bool:
    """Whether sessions take Python locks in these steps that others, in other processes, have too."""
    locks = [match["lock"] for match in map(TAKES.match, steps) if match]
    return processes == SEPARATE and any(not lock.startswith(A_FILE) for lock in locks)


def name_process(processes: str, step: str, column: int) -> str:
    """The step of the session in this column, from 0: "take LOCK (of process 2)" where processes are separate."""
    match = TAKES.match(step)
    if processes != SEPARATE or match is None or match["lock"].startswith(A_FILE):
        return step
    return f"{step[: match.end()]} (of process {column + 1}){step[match.end() :]}"


def name_locks(
    processes: str, sessions: Sequence[str], rows: Sequence[dict[str, Any]], *, ended: Collection[str]
) -> list[dict[str, Any]]:
    """The rows of `schedule_rows`, with processes as in `name_process`, and with the release of each ended session."""
    columns = [[row["cells"][column] for row in rows] for column in range(len(sessions))]
    for column, (session, cells) in enumerate(zip(sessions, columns, strict=True)):
        locks = [match["lock"] for cell in cells if IS_REFUSED not in cell and (match := TAKES.match(cell))]
        last = max((place for place, cell in enumerate(cells) if cell), default=None)
        columns[column] = [name_process(processes, cell, column) for cell in cells]
        if locks and last is not None and session in ended:
            columns[column][last] += f", then lets {' and '.join(locks)} go"
    return [row | {"cells": list(cells)} for row, cells in zip(rows, zip(*columns, strict=True), strict=True)]

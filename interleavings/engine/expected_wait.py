"""How long to give a step before the database is asked whether its session waits.

To ask costs as much as a step. What is expected here decides only when it is asked, not what is found.
"""

from collections.abc import Iterable

from interleavings.engine.session import Session
from interleavings.engine.step import COMMIT, ROLLBACK
from interleavings.statements import access

EXPECTED_S = 0.0005
UNKNOWN_S = 0.001  # most steps take less
NOT_EXPECTED_S = 0.02


def look_after_s(session: Session, sessions: Iterable[Session]) -> float:
    """How long to give the step that this session stands before. `sessions`: it, and the others of its scheduler."""
    step, trackers = session.next_step, {other: other.record.tracker for other in sessions}
    if step is None or any(tracker.touches_everything for tracker in trackers.values()):
        return UNKNOWN_S
    if step.sql in (COMMIT, ROLLBACK):
        return NOT_EXPECTED_S
    accessed = access(step.sql, step.params)
    if accessed is None:
        return UNKNOWN_S
    wanted = accessed.rows | accessed.also_locks if accessed.locks else frozenset()
    is_held = any(tracker.has_locked(wanted) for other, tracker in trackers.items() if other is not session)
    return EXPECTED_S if is_held else NOT_EXPECTED_S

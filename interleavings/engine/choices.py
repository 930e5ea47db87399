"""Whom the database lets go on, when a step releases what several sessions wait for.

PostgreSQL wakes all that wait directly for the end of a transaction. Each then tries to go on by itself, and the first
to take a row makes the others wait for it: which one that is depends on the processors, not on the schedule. So this is
a *choice of the database*, a branch of the tree of schedules. A schedule's text says how it was made: "t1>a" is a step
of t1 by which a was let go, and not its rivals. Search and replay repeat a run until the choice is the one they want.

To repeat less often, they make its rivals slow to wake (server_settings.py): such a session, when it is woken, first
spends a tenth of a millisecond on a message that is not read, and is too late. That only improves the luck: each choice
that is met is one that the database has made.

Sessions that queue up for *one* row are different. PostgreSQL lets the first of them wait for the row, and the others
for the first one; so they go on in the order in which they began to wait. Only where the row was written may a later
one *overtake* the first, in the instant between its old and its new version. That is no schedule of its own: it ends
as the schedule in which the later one began to wait first, which is run as well. (Unless something was committed
between the beginnings of the two waits that the first one's statement reads: that case is not explored.) A run with an
overtaking is run again.
(PostgreSQL source: src/backend/access/heap/README.tuplock.)
"""

from collections.abc import Collection
from dataclasses import dataclass

from interleavings.engine.waits import Waits


@dataclass(frozen=True)
class Release:
    """What a step did to the sessions that waited before it."""

    #: those that do not wait any more
    freed: tuple[str, ...] = ()
    #: those that wait for others now: they may have locked something on the way
    moved: tuple[str, ...] = ()
    #: those that waited for this step alone, if they are two or more and one was freed: any may have been the first
    rivals: tuple[str, ...] = ()
    #: the rivals that were freed, if another one now waits for them: so they were competing
    let_go: tuple[str, ...] = ()
    #: whether a session went on before the one that it was waiting behind
    is_overtaking: bool = False


def see_release(session: str, before: Waits, after: Waits, *, in_python: Collection[str]) -> Release:
    """What the session's step did, by the waits before and after it.

    `in_python`: the sessions that wait for a Python lock. These go on in the order of asking; there is no choice.
    """
    freed = tuple(sorted(before.keys() - after.keys()))
    moved = tuple(sorted(name for name in before if name in after and set(after[name]) - set(before[name])))
    direct = {
        name
        for name, others in before.items()
        if session in others and before.keys().isdisjoint(others) and name not in in_python
    }
    rivals = tuple(sorted(direct)) if len(direct) > 1 and direct.intersection(freed) else ()
    let_go = tuple(name for name in rivals if name in freed)
    are_competing = any(not set(let_go).isdisjoint(after.get(name, ())) for name in rivals)
    is_overtaking = any(
        ahead in before and ahead not in freed and name in after.get(ahead, ())
        for name in freed
        for ahead in before[name]
    )
    return Release(freed, moved, rivals, let_go if are_competing else (), is_overtaking)

"""Splits the tree of schedules into parts, so that several searches together run every schedule once.

A part is all that lies below one node at a fixed depth, or a schedule that ends above it. Each search walks the same
top of the tree, in the same order. Where it comes to a part, it asks whether the part is its own; if not, it turns
back.

What a search finds below a node may tell it what to try in the nodes above (search.py, rule 2). Searches in different
processes do not tell each other; so above the parts every session is tried that stands at a gate. Sleep sets alone see
to it there that nothing is run twice. That costs no more than some runs that are left on the way.
(Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996: sleep sets leave out no schedule.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interleavings.engine.scenario import write_schedule
from interleavings.engine.step import Step

# Some ten to thirty parts, by the number of sessions. From three sessions on, the database may have a choice
# (choices.py) in the fourth step: two have to wait by then, and one to have locked what they wait for. So there is none
# above the parts, and each search comes to the same parts.
DEPTHS = {1: 1, 2: 4, 3: 3}
DEPTH_OF_MANY = 2


@dataclass(frozen=True)
class Split:
    """Which part of the tree a search runs. `take` is asked once for each part, by the schedule that leads there."""

    #: how many steps lead to a part
    depth: int
    #: whether this search is to run the part; another one does, if not
    take: Callable[[str], bool]

    def is_above(self, trace: Sequence[Step]) -> bool:
        """Whether these steps end above the parts."""
        return len(trace) < self.depth

    def is_elsewhere(self, trace: Sequence[Step]) -> bool:
        """Whether another search runs the part to which these steps lead."""
        return not self.take(write_schedule(trace))


def split_depth(session_count: int) -> int:
    """How many steps lead to a part, for so many sessions."""
    return DEPTHS.get(session_count, DEPTH_OF_MANY)

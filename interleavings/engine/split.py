"""Splits the tree of schedules into parts, so that several searches together run every schedule once.

A part is all that lies below one node at a fixed depth, or a schedule that ends above it. Each search walks the same
top of the tree, in the same order. Where it comes to a part, it asks whether the part is its own; if not, it turns
back.

Where the database has a choice above the parts (choices.py), each search meets all its outcomes, in whatever order. So
a part goes by the schedule that leads to it, which says what was chosen.

What a search finds below a node may tell it what to try in the nodes above (search.py, rule 2). Searches in different
processes do not tell each other; so above the parts every session is tried that stands at a gate. Sleep sets alone see
to it there that nothing is run twice. That costs no more than some runs that are left on the way.
(Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996: sleep sets leave out no schedule.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interleavings.engine.scenario import write_schedule
from interleavings.engine.step import Step

# By the number of sessions. So there are ten to thirty parts with schedules in them, as a rule, and the largest has a
# fifth to a half of all schedules: enough for several processes, whatever their number.
DEPTHS = {1: 1, 2: 5, 3: 4}
DEPTH_OF_MANY = 3


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

    def part_of(self, steps: Sequence[Step]) -> str:
        """The part in which a schedule lies, as `take` was asked for it."""
        return write_schedule(steps[: self.depth])

    def is_elsewhere(self, trace: Sequence[Step]) -> bool:
        """Whether another search runs the part to which these steps lead."""
        return not self.take(self.part_of(trace))


def split_depth(session_count: int) -> int:
    """How many steps lead to a part, for so many sessions."""
    return DEPTHS.get(session_count, DEPTH_OF_MANY)

"""Which steps of a run came before which others for a reason, and which pairs of steps have to be tried in reverse.

A step *happens before* a later one if it touches it (footprint.py), or touches a step that happens before it. Two runs
in which the same steps happen before each other end the same. (Lamport, Time, Clocks, and the Ordering of Events in a
Distributed System, 1978; Mazurkiewicz, Trace Theory, 1987.)
"""

from collections.abc import Iterator
from typing import NamedTuple

from interleavings.engine.footprint import Footprint


class Reversal(NamedTuple):
    """A pair of steps is to be tried the other way round."""

    #: the place in the run of the earlier of the two
    place: int
    #: the sessions of which any one, going on there instead, leads to it; None: not known
    sessions: frozenset[str] | None


class Order:
    """The steps of one run, as far as it has come, and which of them happen before which."""

    def __init__(self) -> None:
        self._sessions: list[str] = []
        self._footprints: list[Footprint] = []
        self._happen_before: list[set[int]] = []  # for each step
        #: for each step, the places of the earlier steps that it touches
        self.touched: list[set[int]] = []

    def add(self, session: str, footprint: Footprint) -> None:
        """The session has taken a step that touched this."""
        touched = {place for place, other in enumerate(self._footprints) if other.touches(footprint)}
        self._sessions.append(session)
        self._footprints.append(footprint)
        self.touched.append(touched)
        self._happen_before.append(touched.union(*(self._happen_before[place] for place in touched)))

    def reversals_of_last_step(self) -> Iterator[Reversal]:
        """The steps that are in a *race* with the last one, and how to come to the other order of the two.

        1. An earlier step of another session races with it if it touches it, and no step between them happens after
           the one and before the other. (A step that let the session go on is none: without it, there is no last step.)
        2. Between the two, take the steps that do not happen after the earlier one. They can be taken where that one
           was, without it; and then the last step can.
        3. So any of these can be the first that no other of them happens before: its session leads to it.
        4. That holds only if the last step touches the same without the earlier one. It does if the earlier one only
           reads, so no other notices that it is missing; or if the last one only reads, and its text says what. A lock
           that need not be waited for, or a constraint that is not kept any more, makes it another step.

        (Abdulla, Aronis, Jonsson, Sagonas, Optimal Dynamic Partial Order Reduction, 2014, section 4: notdep and I.)
        """
        last = len(self._sessions) - 1
        name, footprint = self._sessions[last], self._footprints[last]
        between: set[int] = set()  # the steps that happen before the last one, by way of those seen so far
        for place in sorted(self.touched[last], reverse=True):
            if place in between:
                continue
            between |= self._happen_before[place]
            earlier = self._footprints[place]
            if self._sessions[place] != name and name not in earlier.sessions:
                is_known = earlier.only_reads or (footprint.only_reads and footprint.is_said_by_text)
                yield Reversal(place, self._first_without(place) if is_known else None)

    def _first_without(self, place: int) -> frozenset[str]:
        """Points 2 and 3 of `reversals_of_last_step`."""
        last = len(self._sessions) - 1
        rest = [later for later in range(place + 1, last) if place not in self._happen_before[later]] + [last]
        return frozenset(self._sessions[step] for step in rest if self._happen_before[step].isdisjoint(rest))

"""Which of many things are drawn where not all can be: as many as there is room for, evenly spread.

The rule: of `count` things, those are drawn for whose place (0, 1, 2 ...) `place * room % count < room`. If there is
room for all, these are all of them; otherwise they are exactly `room`, and the gaps between them differ by at most one.
"""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Mod
from django.db.models.lookups import LessThan

Thing = TypeVar("Thing")


def choose(things: Sequence[Thing], *, room: int) -> list[Thing]:
    """At most `room` of the things, in their order."""
    return [thing for place, thing in enumerate(things) if place * room % len(things) < room]


def is_chosen(place: Combinable, count: Combinable, *, room: int) -> LessThan:
    """The same rule as a condition on rows. `place` counts from 0; where `count` is 0, every row is chosen."""
    return LessThan(Mod(place * room, Greatest(count, Value(1))), room)

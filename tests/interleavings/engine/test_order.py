"""What happens before what, and which steps are to be tried the other way round."""

import pytest

from interleavings.engine.footprint import Footprint
from interleavings.engine.order import Order, Reversal

X, Y = ("x", 1), ("y", 1)


def read(session: str, thing: tuple[str, int]) -> tuple[str, Footprint]:
    return session, Footprint(reads={thing}, sessions={session})


def write(session: str, thing: tuple[str, int]) -> tuple[str, Footprint]:
    """In a transaction of its own."""
    return session, Footprint(reads={thing}, publishes={thing}, locks={thing}, releases={thing}, sessions={session})


@pytest.mark.parametrize(
    ("steps", "reversals"),
    [
        ([read("a", X), read("b", X)], []),
        ([write("a", X), read("a", X)], []),
        ([read("a", X), write("b", X)], [Reversal(0, frozenset("b"))]),
        ([write("a", X), read("b", X)], [Reversal(0, frozenset("b"))]),
        # What a write would touch without the one before it, its text does not say: it may have to wait.
        ([write("a", X), write("b", X)], [Reversal(0, None)]),
        # a's step is before c's already by way of b's.
        ([read("a", X), write("b", X), read("c", X)], [Reversal(1, frozenset("c"))]),
        # Without a's step, b comes to its write by its read, which is independent of it.
        ([read("a", X), read("b", Y), write("b", X)], [Reversal(0, frozenset("b"))]),
        ([read("a", X), read("c", Y), write("b", X)], [Reversal(0, frozenset("bc"))]),
    ],
)
def test_steps_to_be_tried_the_other_way_round(steps, reversals):
    order = Order()
    for session, footprint in steps:
        order.add(session, footprint)

    assert list(order.reversals_of_last_step()) == reversals


def test_step_that_let_the_session_go_on_is_in_no_race_with_its_next_one():
    order = Order()
    order.add("a", Footprint(locks={X}, sessions={"a"}))
    order.add("a", Footprint(releases={X}, publishes={X}, locks={X}, sessions={"a", "b"}))
    order.add(*read("b", X))

    assert list(order.reversals_of_last_step()) == []


def test_other_tables_may_be_asked_for_where_the_earlier_step_is_missing():
    order = Order()
    order.add(*write("a", X))
    order.add("b", Footprint(reads={X}, sessions={"b"}, is_said_by_text=False))

    assert list(order.reversals_of_last_step()) == [Reversal(0, None)]

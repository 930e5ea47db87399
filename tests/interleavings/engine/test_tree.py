"""Choices of the database in the tree: which one is wished for next, and when it is given up."""

from interleavings.engine.footprint import EVERYTHING
from interleavings.engine.tree import MIN_TRIES_IF_UNKNOWN, NO_WISH, Choice, Node, Outcome, places_to_slow

MAX_TRIES = 4
A_WON, B_WON, BOTH_WENT_ON = Outcome(("a",), ("b waits",)), Outcome(("b",), ("a waits",)), Outcome((), ("both",))


def choice_with(*outcomes: Outcome) -> Choice:
    return Choice(EVERYTHING, {outcome: Node({}) for outcome in outcomes}, rivals={"a": 3, "b": 5})


def test_each_rival_is_wished_for_until_all_below_it_is_run():
    choice = choice_with(A_WON, B_WON)
    assert choice.wish(MAX_TRIES) == "a"

    choice.children[A_WON].close()
    assert choice.wish(MAX_TRIES) == "b"

    choice.children[B_WON].close()
    assert choice.wish(MAX_TRIES) is None
    assert choice.unmet() == []


def test_rival_that_never_wins_is_given_up_and_named():
    choice = choice_with(A_WON)
    choice.children[A_WON].close()

    for _ in range(MAX_TRIES):
        assert choice.wish(MAX_TRIES) == "b"
        choice.note("b", A_WON)

    assert choice.wish(MAX_TRIES) is None
    assert choice.unmet() == ["b"]


def test_rivals_that_do_not_compete_are_tried_half_as_often_and_nothing_is_unmet():
    choice = choice_with(BOTH_WENT_ON)
    choice.children[BOTH_WENT_ON].close()
    wishes = []
    while (wish := choice.wish(MAX_TRIES)) is not None:
        wishes.append(wish)
        choice.note(wish, BOTH_WENT_ON)

    assert wishes == ["a", "a", "b", "b"]
    assert choice.unmet() == []


def test_rivals_of_which_it_is_not_known_whether_they_compete_are_tried_more_often():
    """To give one up too early would be to say of a schedule that it does not exist."""
    choice = choice_with(BOTH_WENT_ON)
    choice.may_compete = True
    choice.children[BOTH_WENT_ON].close()

    for rival in ("a", "b"):
        for _ in range(MIN_TRIES_IF_UNKNOWN):
            assert choice.wish(MAX_TRIES) == rival
            choice.note(rival, BOTH_WENT_ON)

    assert choice.wish(MAX_TRIES) is None


def test_rival_that_ended_its_transaction_at_once_was_the_first_and_is_not_wished_for_again():
    """No other can be seen waiting for it. That "b" waits for "a" when that one is first shows that they compete."""
    choice = choice_with(A_WON, BOTH_WENT_ON)
    choice.passed.add("b")
    for outcome in (A_WON, BOTH_WENT_ON):
        choice.children[outcome].close()

    assert choice.wish(MAX_TRIES) is None
    assert choice.unmet() == []


def test_outcome_that_is_met_again_but_has_been_run_is_a_miss():
    """Else a search would run it for ever, and never come to the other one in which the same rival wins."""
    won_otherwise = Outcome(("a",), ("b is done",))
    choice = choice_with(A_WON, won_otherwise)
    choice.rivals = {"a": 3}
    choice.children[A_WON].close()

    for _ in range(MAX_TRIES):
        assert choice.wish(MAX_TRIES) == "a"
        choice.note("a", A_WON)

    assert choice.wish(MAX_TRIES) is None
    assert choice.unmet() == ["a"]


def test_steps_of_the_rivals_that_are_to_lose_are_slowed():
    choice = choice_with(A_WON, B_WON)
    root = Node({}, {"t": choice}, ready=["t"])
    assert places_to_slow(root, MAX_TRIES) == {5}

    choice.children[A_WON].close()
    assert places_to_slow(root, MAX_TRIES) == {3}


def test_without_rivals_there_is_nothing_to_slow():
    choice = Choice(EVERYTHING, {BOTH_WENT_ON: Node({})})

    assert choice.wish(MAX_TRIES) == NO_WISH
    assert places_to_slow(Node({}, {"t": choice}, ready=["t"]), MAX_TRIES) == set()

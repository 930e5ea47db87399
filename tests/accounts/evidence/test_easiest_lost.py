"""Of lost updates, those that are easiest to understand."""

from accounts.evidence import History, Movement, easiest_lost


def movement(pk: int, *, on: int | None) -> Movement:
    """From account 1 to a new version of account 2, which the test does not look at."""
    return Movement(pk, 1, 2, 10, on, None)


def test_easiest_are_those_that_read_what_their_overwriter_read():
    movements = (movement(1, on=None), movement(2, on=1), movement(5, on=None), movement(4, on=None))
    seen = History({1: 100, 2: 100}, movements, {1: 4, 2: None})
    on_account_1 = [lost for lost in seen.lost_updates() if lost.account == 1]

    chosen = easiest_lost(seen, on_account_1, at_most=3)

    assert [lost.transfer for lost in chosen] == [1, 5, 2]
    assert [lost.transfer for lost in easiest_lost(seen, on_account_1, at_most=1)] == [1]

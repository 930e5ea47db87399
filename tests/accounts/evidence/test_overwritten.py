"""Of a lost update, the two writes that were based on the same version, in histories made to order."""

import pytest

from accounts.evidence import History, Movement, Overwritten, easiest_lost, overwritten

OPENING = {1: 100, 2: 100, 3: 100}


def movement(pk: int, *, on: int | None, amount: int = 10) -> Movement:
    """From account 1 to a new version of account 2, which none of the tests looks at."""
    return Movement(pk, 1, 2, amount, on, None)


def history(*movements: Movement, last: int) -> History:
    return History(OPENING, movements, {1: last, 2: None, 3: None})


def test_both_read_the_same_version():
    seen = history(movement(1, on=None), movement(2, on=1), movement(3, on=1), last=3)

    assert overwritten(seen, 1, 2) == Overwritten(account=1, base=1, branch=(2,), overwriter=3)


def test_what_was_written_on_top_of_a_lost_version_is_lost_with_it():
    seen = history(movement(1, on=None), movement(2, on=1), movement(4, on=2), movement(3, on=None), last=3)

    assert overwritten(seen, 1, 4) == Overwritten(account=1, base=None, branch=(1, 2, 4), overwriter=3)
    assert overwritten(seen, 1, 4).first == 1


@pytest.mark.parametrize(("account", "transfer"), [(1, 3), (3, 1), (1, 99)])
def test_nothing_was_overwritten(account, transfer):
    seen = history(movement(1, on=None), movement(3, on=None), last=3)

    assert overwritten(seen, account, transfer) is None


def test_write_that_was_never_made_was_not_overwritten():
    seen = history(movement(1, on=None), last=None)

    assert overwritten(seen, 1, 1) is None


def test_easiest_are_those_that_read_what_their_overwriter_read():
    seen = history(movement(1, on=None), movement(2, on=1), movement(5, on=None), movement(4, on=None), last=4)
    on_account_1 = [lost for lost in seen.lost_updates() if lost.account == 1]

    chosen = easiest_lost(seen, on_account_1, at_most=3)

    assert [lost.transfer for lost in chosen] == [1, 5, 2]
    assert [lost.transfer for lost in easiest_lost(seen, on_account_1, at_most=1)] == [1]

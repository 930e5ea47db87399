"""The versions of one account: what is final, what each held, and how a write was lost; in accounts made to order."""

import pytest

from accounts.evidence import Overwritten, Versions, Write


def versions(*, last: int | None, **based_on: int | None) -> Versions:
    """versions(t1=None, t2=1, last=2): an account that opens with 100; each transfer adds its own number."""
    return Versions(100, [Write(int(name[1:]), base, int(name[1:])) for name, base in based_on.items()], last)


def test_both_read_the_same_version():
    seen = versions(t1=None, t2=1, t3=1, last=3)

    assert seen.overwritten(2) == Overwritten(base=1, branch=(2,), overwriter=3)


def test_what_was_written_on_top_of_a_lost_version_is_lost_with_it():
    seen = versions(t1=None, t2=1, t4=2, t3=None, last=3)

    assert seen.overwritten(4) == Overwritten(base=None, branch=(1, 2, 4), overwriter=3)
    assert seen.overwritten(4).first == 1


@pytest.mark.parametrize("transfer", [3, 99])
def test_nothing_was_overwritten(transfer):
    assert versions(t1=None, t3=None, last=3).overwritten(transfer) is None


def test_write_that_was_never_made_was_not_overwritten():
    assert versions(t1=None, last=None).overwritten(1) is None


def test_balance_is_the_opening_and_all_that_a_version_contains():
    seen = versions(t1=None, t2=1, t4=2, last=4)

    assert [seen.balance(token) for token in (None, 1, 2, 4)] == [100, 101, 103, 107]
    assert (seen.is_final(2), seen.is_final(3)) == (True, False)


def test_error_balance_of_damaged_rows_is_not_known():
    assert versions(t2=1, last=2).balance(2) is None, "transfer 1 is gone"
    assert versions(t1=2, t2=1, last=2).balance(2) is None, "each is based on the other"
    assert versions(t1=2, t2=1, t3=None, last=3).overwritten(1) is None, "it ends"

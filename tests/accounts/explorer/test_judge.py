"""Torn is decided without the student's help: by what was committed while an audit read, whatever tokens say."""

import pytest

from accounts.explorer.believed import UNRECORDED, UNSIGNED
from accounts.explorer.judge import NOT_ONE_ROW
from tests.support.explorations import COUNTS

SAME_WAY = {"transfers": "1>2:30,1>2:5", "audits": 0}
MEETING = {"transfers": "1>2:30,3>2:30"}  # of the same amount: a torn audit may have the right total


def counts(found: dict, *without: str) -> dict[str, int]:
    return {name: found[name] for name in COUNTS if name not in without}


@pytest.mark.thorough
def test_audit_that_reads_until_its_sum_is_right_is_torn_with_tokens_and_without(explore):
    signed = explore("my/until_it_fits", "my/until_it_fits", **MEETING)
    unsigned = explore("my/unsigned_expression", "my/unsigned_expression", **MEETING)

    assert signed["torn"] == unsigned["torn"] == 17
    assert signed["wrong_total"] == unsigned["wrong_total"] == 0
    assert signed["notes"] == []
    assert unsigned["notes"] == [UNSIGNED]
    assert unsigned["balances_alone"] == unsigned["schedules"]


def test_half_seen_transfers_are_named_without_tokens(explore):
    found = explore("my/unsigned_expression", "no_transaction")

    assert found["torn"] == 3
    assert found["witness"]["stories"] == [
        "Audit 1 read 15,030, expected 15,000: read account 1 before transfer 1 (30 from 1 to 2) left, and "
        "account 2 after the 30 had arrived: 30 too much."
    ]


def test_audit_whose_tokens_are_read_later_is_right_and_says_so(explore):
    found = explore("row_lock", "my/token_later")

    assert (found["torn"], found["schedules"]) == (0, 126)
    assert found["notes"] == [NOT_ONE_ROW]


def test_audit_whose_tokens_are_read_at_once_is_torn_by_its_balances(explore):
    """With the tokens of one moment: they would all fit together."""
    found = explore("row_lock", "my/tokens_first")

    assert found["torn"] == found["wrong_total"] == 10
    assert found["notes"] == [NOT_ONE_ROW]
    assert "read account 1 before transfer 1" in found["witness"]["stories"][0]


@pytest.mark.thorough
def test_token_is_not_taken_for_that_of_a_balance_of_another_moment(explore):
    """30 there and 30 back: a token that is read later may belong to the same balance, of another moment."""
    found = explore("row_lock", "my/token_later", transfers="1>2:30,2>1:30")

    assert found["torn"] == 0


def test_balance_that_was_not_there_while_the_audit_read_is_named(explore):
    found = explore("row_lock", "my/remembers")

    assert (found["impossible"], found["torn"], found["wrong_total"], found["schedules"]) == (1, 0, 0, 5)
    assert found["witness"]["stories"] == [
        "Audit 1 returned 5,000 for account 1, 10,000 for account 2: not what was there at any moment of the audit."
    ]


def test_transfer_that_does_not_record_what_it_replaced_has_lost_nothing(explore):
    found = explore("my/unrecorded_expression", **SAME_WAY)

    assert found["lost_updates"] == found["accounts_off"] == found["drift"] == 0
    assert found["notes"] == [UNRECORDED]
    assert found["witness"] is None


@pytest.mark.parametrize("transfers", ["1>2:30,1>2:5", "1>2:30,2>1:5", "1>2:30,2>3:5"])
def test_lost_updates_are_counted_without_tokens_as_with_them(explore, transfers):
    signed = explore("no_lock", transfers=transfers, audits=0)
    unsigned = explore("my/unsigned_save", transfers=transfers, audits=0)

    assert counts(signed) == counts(unsigned)
    assert unsigned["lost_updates"] > 0


def test_lost_update_is_told_without_tokens(explore):
    found = explore("my/unsigned_save", **SAME_WAY)

    assert found["witness"]["stories"] == [
        "Transfer 1 wrote 4,970 on account 1, which it computed from 5,000: that had been replaced by 4,995.",
        "Transfer 1 wrote 10,030 on account 2, which it computed from 10,000: that had been replaced by 10,005.",
    ]


@pytest.mark.thorough
def test_transfer_that_closes_its_connection_has_committed_all_the_same(explore):
    """Two transfers wait for each other, so that it is asked which of them has committed by a step."""
    options = {"transfers": "1>2:30,2>1:30", "audits": 1}
    stays, closes = (explore(strategy, "row_lock", **options) for strategy in ("row_lock", "my/closes_its_connection"))

    assert closes["blocked"] > 0
    assert counts(closes) == counts(stays)
    assert closes["impossible"] == closes["torn"] == 0

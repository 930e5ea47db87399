"""An audit in a few words: torn or not, by how much, and who is to blame."""

import pytest

from accounts.reporting.audit_headline import Findings, Half, headline

NOTHING = Findings(half_seen_count=0, half_seen=0, halves=[], lost_count=0, lost=0, unread=0)


def one(amount: int) -> Findings:
    """Transfer 7 was seen on account 5, and not on account 2."""
    return NOTHING._replace(half_seen_count=1, half_seen=amount, halves=[Half(7, 5, 2, amount)])


def several(amount: int) -> Findings:
    return NOTHING._replace(half_seen_count=3, half_seen=amount)


@pytest.mark.parametrize(
    ("kind", "found", "sentences"),
    [
        ("torn", one(45), "Torn: 45 counted twice. Account 2 was read before transfer 7, account 5 after it."),
        ("torn", one(-1045), "Torn: 1,045 counted nowhere. Account 2 was read before transfer 7, account 5 after it."),
        (
            "torn",
            one(45)._replace(halves=[]),
            "Torn: 1 transfer was seen on one account only, which makes the total 45 too high.",
        ),
        ("torn", several(-7), "Torn: 3 transfers were seen on one account only, which makes the total 7 too low."),
        (
            "torn",
            several(-7)._replace(lost_count=2, lost=9),
            "Torn: 3 transfers were seen on one account only, which makes the total 7 too low. "
            "2 updates lost by then make the total 9 too high. That is the money, not the audit.",
        ),
        (
            "incomplete",
            NOTHING._replace(unread=-5000, unread_accounts=[3]),
            "Incomplete: it did not read account 3, which makes the total 5,000 too low.",
        ),
        (
            "incomplete",
            NOTHING._replace(unread_accounts=[1, 2, 3, 4, 5, 6, 7]),
            "Incomplete: it did not read accounts 1, 2, 3, 4, 5 and 2 more, which held nothing.",
        ),
        (
            "incomplete",
            NOTHING._replace(unread=-5000, unread_accounts=[3], lost_count=1, lost=9),
            "Incomplete: it did not read account 3, which makes the total 5,000 too low. "
            "1 update lost by then makes the total 9 too high. That is the money, not the audit.",
        ),
        (
            "torn",
            one(45)._replace(unread=-5000, unread_accounts=[3, 4]),
            "Torn: 45 counted twice. Account 2 was read before transfer 7, account 5 after it. "
            "It did not read accounts 3, 4, which makes the total 5,000 too low.",
        ),
        (
            "luck",
            several(0),
            "Torn, and right by luck: 3 transfers were seen on one account only, and they cancel out.",
        ),
        (
            "wrong",
            NOTHING._replace(lost_count=1, lost=-30),
            "Not torn: the money is wrong, not the audit. 1 update lost by then makes the total 30 too low.",
        ),
        ("whole", NOTHING, "Right: it saw each transfer on both of its accounts, or on neither."),
        (
            "whole",
            NOTHING._replace(lost_count=4),
            "Right: it saw each transfer on both of its accounts, or on neither. 4 updates lost by then cancel out.",
        ),
        ("unknown", NOTHING, "It kept no readings, only their sum: nobody can tell whether it is torn."),
        ("failed", NOTHING, "It failed, and read nothing: deadlock"),
    ],
)
def test_headline(kind, found, sentences):
    assert headline(kind, found, reason="deadlock") == sentences

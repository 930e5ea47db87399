"""An audit in a few words: torn or not, by how much, and who is to blame."""

import pytest

from accounts.evidence import HalfSeen
from accounts.reporting.audit_headline import Findings, headline
from accounts.reporting.audit_kind import AuditKind

NOTHING = Findings()


def one(amount: int) -> Findings:
    """Transfer 7 was seen on account 5, and not on account 2."""
    return Findings(half_seen=[HalfSeen(7, 5, 2, amount)])


def several(amount: int) -> Findings:
    return Findings(half_seen=[HalfSeen(7, 5, 2, 100), HalfSeen(8, 5, 2, -100), HalfSeen(9, 5, 2, amount)])


@pytest.mark.parametrize(
    ("kind", "findings", "sentences"),
    [
        ("torn", one(45), "Torn: 45 was counted twice. Account 2 was read before transfer 7, account 5 after it."),
        (
            "torn",
            one(-1045),
            "Torn: 1,045 was not counted at all. Account 2 was read before transfer 7, account 5 after it.",
        ),
        ("torn", several(-7), "Torn: 3 transfers were seen on one account only, which makes the total 7 too low."),
        (
            "torn",
            several(-7)._replace(lost_count=2, lost=9),
            "Torn: 3 transfers were seen on one account only, which makes the total 7 too low. "
            "2 updates lost by then make the total 9 too high. That is the money, not the audit.",
        ),
        ("torn", Findings(unread=-5000), "Torn: accounts that it did not read make the total 5,000 too low."),
        (
            "torn",
            one(45)._replace(unread=-5000),  # not noted which accounts: it may be one of the transfer's
            "Torn: 1 transfer was seen on one account only, which makes the total 45 too high. "
            "Accounts that it did not read make the total 5,000 too low.",
        ),
        (
            "torn",
            one(45)._replace(unread=-5000, unread_accounts=[3, 4]),
            "Torn: 45 was counted twice. Account 2 was read before transfer 7, account 5 after it. "
            "It did not read accounts 3, 4, which makes the total 5,000 too low.",
        ),
        (
            "incomplete",
            Findings(unread=-5000, unread_accounts=[3]),
            "Incomplete: it did not read account 3, which makes the total 5,000 too low.",
        ),
        (
            "incomplete",
            Findings(unread_accounts=[1, 2, 3, 4, 5, 6, 7]),
            "Incomplete: it did not read accounts 1, 2, 3, 4, 5 and 2 more, which held nothing.",
        ),
        (
            "incomplete",
            Findings(unread=-5000, unread_accounts=[3], lost_count=1, lost=9),
            "Incomplete: it did not read account 3, which makes the total 5,000 too low. "
            "1 update lost by then makes the total 9 too high. That is the money, not the audit.",
        ),
        (
            "luck",
            several(0),
            "Torn, and right by luck: 3 transfers were seen on one account only, and they cancel out.",
        ),
        (
            "wrong",
            Findings(lost_count=1, lost=-30),
            "Not torn: the money is wrong, not the audit. 1 update lost by then makes the total 30 too low.",
        ),
        ("right", NOTHING, "Right: it saw each transfer on both of its accounts, or on neither."),
        (
            "right",
            Findings(lost_count=4),
            "Right: it saw each transfer on both of its accounts, or on neither. 4 updates lost by then cancel out.",
        ),
        ("unknown", NOTHING, "It kept only its sum, not what it read: whether it is torn is not known."),
        (
            "unjudged",
            NOTHING,
            "It has not been checked yet: that happens at the latest when its storm has ended.",
        ),
        ("failed", NOTHING, "It failed, and read nothing: deadlock"),
    ],
)
def test_headline(kind, findings, sentences):
    assert headline(AuditKind(kind), findings, reason="deadlock") == sentences

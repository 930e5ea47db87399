"""What was judged, read back from the rows: the easiest torn audit, and the half-seen transfers of an audit."""

import random

import pytest

from accounts.evidence import Explanation, HalfSeen
from accounts.evidence.rows import Finding, easiest, easiest_torn, half_seen_of
from accounts.models import Audit, Storm, Transfer
from tests.support.storms import launched_storm, torn_audit

pytestmark = pytest.mark.django_db(transaction=True)  # judging reads in a snapshot of its own


def judged(storm: Storm, number: int, *, lost: int, half_seen: int, off_by: int, torn: bool) -> Finding:
    """An audit of which this was noted, and the finding from which that came."""
    seen = [HalfSeen(transfer, 1, 2, 5) for transfer in range(half_seen)]
    noted = {"lost_update_count": lost, "half_seen": [{"transfer": 1, "seen_on": 1, "amount": 5}] * half_seen}
    audit = Audit.objects.create(
        bank=storm.bank,
        storm=storm,
        number=number,
        status="taken",
        torn=torn,
        total=storm.bank.opening_total + off_by,
        expected_total=storm.bank.opening_total,
        explanation=noted,
    )
    return Finding(audit, Explanation(half_seen=seen if torn else [], lost_count=lost))


@pytest.mark.parametrize("seed", range(8))
def test_easiest_torn_audit_is_the_same_by_the_evidence_and_by_what_was_noted(seed):
    dice = random.Random(seed)
    storm = launched_storm(transfer_count=1, audit_count=12)

    findings = [
        judged(
            storm,
            number,
            lost=dice.randint(0, 1),
            half_seen=dice.randint(1, 2),
            off_by=dice.randint(-2, 2),
            torn=dice.random() < 0.8,
        )
        for number in range(12)
    ]

    assert easiest_torn(storm) == easiest(findings).audit


def test_few_half_seen_transfers_are_easier_than_much_money_and_no_lost_update_is_easier_than_both():
    storm = launched_storm(transfer_count=1, audit_count=4)
    lost = judged(storm, 0, lost=1, half_seen=1, off_by=900, torn=True)
    many = judged(storm, 1, lost=0, half_seen=3, off_by=900, torn=True)
    little = judged(storm, 2, lost=0, half_seen=1, off_by=5, torn=True)
    best = judged(storm, 3, lost=0, half_seen=1, off_by=-50, torn=True)

    assert easiest_torn(storm) == best.audit
    for finding, follower in ((best, little), (little, many), (many, lost)):
        finding.audit.delete()
        assert easiest_torn(storm) == follower.audit


def test_no_torn_audit_is_easiest_where_none_is_torn():
    storm = launched_storm(transfer_count=1)
    finding = judged(storm, 0, lost=1, half_seen=0, off_by=5, torn=False)

    assert easiest([finding]) is None
    assert easiest_torn(storm) is None


def test_half_seen_transfer_is_read_back_with_its_accounts_by_their_numbers():
    audit = torn_audit()

    (seen,) = half_seen_of(audit)

    assert seen == HalfSeen(Transfer.objects.get().pk, seen_on=6, not_seen_on=1, amount=77)
    assert (seen.source, seen.target, seen.moved) == (1, 6, 77)


def test_transfer_whose_row_is_gone_is_left_out():
    audit = torn_audit()
    Transfer.objects.all().delete()

    assert half_seen_of(audit) == []


def test_audit_with_nothing_noted_needs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert half_seen_of(Audit()) == []

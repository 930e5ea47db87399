"""Audits judged from their rows, and read back: believed tokens, the easiest torn audit, half-seen transfers."""

import random

import pytest
from django.db import connection
from django.db.models import F

from accounts.evidence import Explanation, HalfSeen, History, Movement
from accounts.evidence.narrative import Narrator
from accounts.evidence.rows import (
    Finding,
    as_values,
    easiest,
    easiest_torn,
    explain_audits,
    half_seen_of,
    read_history,
)
from accounts.models import Audit, Storm, Transfer
from tests.support.storms import apply, launched_storm, torn_audit, transfer_pks

pytestmark = pytest.mark.django_db(transaction=True)  # judging reads in a snapshot of its own

OPENING = {1: 1000, 2: 1000}
MOVED = Movement(7, 1, 2, 30, None, None)
HISTORY = History(OPENING, [MOVED], {1: 7, 2: 7})
NARRATE = Narrator(movements={7: MOVED}, numbers={1: 1, 2: 2})


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


def test_history_is_in_the_order_of_the_plan_wherever_its_rows_lie():
    storm = launched_storm(transfer_count=5)
    for transfer in storm.transfers.order_by("-pk"):  # what was written last lies last
        apply(storm, [transfer])
    storm.bank.accounts.filter(number=1).update(balance=F("balance"))
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")  # tables are read from end to end
        history = read_history(storm.bank)
        cursor.execute("RESET enable_indexscan; RESET enable_bitmapscan")

    assert [*history.movements] == transfer_pks(storm)
    assert [*history.opening] == [*storm.bank.accounts.order_by("number").values_list("pk", flat=True)]


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


def audit(*readings: tuple[int, int, int | None]) -> Audit:
    taken = Audit(pk=1, status=Audit.Status.TAKEN, expected_total=2000)
    taken.note_reading(list(readings))
    return taken


@pytest.mark.parametrize(
    ("readings", "torn"),
    [
        ([(1, 1000, None), (2, 1000, None)], False),
        ([(1, 970, 7), (2, 1030, 7)], False),
        ([(1, 1000, None), (2, 1030, 7)], True),
    ],
)
def test_balance_with_its_own_token_is_explained(readings, torn):
    (finding,) = explain_audits(HISTORY, [audit(*readings)])

    assert (finding.is_torn, finding.mismatched, finding.is_explained) == (torn, (), True)


@pytest.mark.parametrize(
    ("readings", "mismatched"),
    [
        ([(1, 1000, 7), (2, 1000, None)], (1,)),  # right, and its tokens were read later
        ([(1, 1000, None), (2, 1030, None)], (2,)),  # torn, and its tokens were read before
        ([(1, 970, None), (2, 1030, None)], (1, 2)),  # kept no tokens
        ([(1, 1000, 99), (2, 1000, None)], (1,)),  # a token that nothing is known of
    ],
)
def test_balance_with_another_token_is_named_and_told_as_no_story(readings, mismatched):
    (finding,) = explain_audits(HISTORY, [audit(*readings)])

    assert (finding.explanation, finding.mismatched) == (None, mismatched)
    values = as_values(finding, NARRATE)
    assert (values["torn"], values["half_seen"], values["mismatched"]) == (None, [], list(mismatched))
    assert "do not belong together, so that nothing can be explained." in values["story"]


def test_sum_without_readings_has_no_token_that_could_be_wrong():
    taken = Audit(pk=1, status=Audit.Status.TAKEN, expected_total=2000)
    taken.note_reading(2000)

    (finding,) = explain_audits(HISTORY, [taken])

    assert (finding.explanation, finding.mismatched) == (None, ())
    assert finding.tell(NARRATE).endswith("it kept no readings, so nothing is known but its total.")


def test_balance_after_a_lost_update_belongs_to_the_token_that_wrote_it():
    late = Movement(8, 1, 2, 5, None, None)
    history = History(OPENING, [MOVED, late], {1: 8, 2: 8})

    (finding,) = explain_audits(history, [audit((1, 995, 8), (2, 1005, 8))])

    assert finding.mismatched == ()

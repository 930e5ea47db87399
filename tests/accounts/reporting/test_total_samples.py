"""Which audits of a storm are drawn where there are too many."""

from functools import partial

import pytest

from accounts.models import Audit, Storm
from accounts.reporting.total_samples import audited_totals
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db


# Audited totals.


launch = partial(launched_storm, audit_with="row_lock", transfer_count=4)


def audit_all(storm: Storm, errors: dict[int, int], *, torn: frozenset[int] = frozenset()) -> Storm:
    """All audits of the plan: by their numbers, how far they are off, and which are torn; the others are right."""
    right = storm.bank.opening_total
    kept = {"bank_id": storm.bank_id, "storm": storm, "status": "taken", "expected_total": right}
    Audit.objects.bulk_create(
        Audit(number=number, total=right + errors.get(number, 0), torn=number in torn, **kept)
        for number in range(storm.audit_count)
    )
    return storm


def test_extremes_and_those_that_are_right_by_luck_are_always_drawn():
    storm = audit_all(launch(audit_count=1000), {333: -7, 777: 9, 779: 9}, torn=frozenset({101, 333, 555}))
    other = audit_all(launch(audit_count=3), {1: 5})

    audited = audited_totals([storm, other], most=100)

    totals = audited[storm.pk].totals
    assert {333, 777, 101, 555} <= {one.number for one in totals}
    assert (len(totals), audited[storm.pk].taken) == (104, 1000)
    assert [one.number for one in totals] == sorted(one.number for one in totals)
    assert [one.total - 44_500 for one in audited[other.pk].totals] == [0, 5, 0]


@pytest.mark.parametrize(("audit_count", "drawn"), [(99, 99), (100, 100), (101, 52), (200, 100)])
def test_audits_are_halved_only_when_there_are_too_many(audit_count, drawn):
    """(Of 101, the lowest and highest come by themselves: here both are the first, and every second is drawn.)"""
    storm = audit_all(launch(audit_count=audit_count), {1: 1} if audit_count == 101 else {})

    assert len(audited_totals([storm], most=100)[storm.pk].totals) == drawn

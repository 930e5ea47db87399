"""Which audits of a storm are drawn: an even choice, and always those that matter most."""

from datetime import timedelta

import pytest

from accounts.models import Audit, Storm
from accounts.reporting import total_samples
from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.total_samples import sample_totals
from tests.support.storms import audit_all, launched_storm

pytestmark = pytest.mark.django_db(transaction=True)


def plan(audit_count: int) -> Storm:
    return launched_storm(transfer_count=1, audit_count=audit_count)


def test_extremes_and_those_that_are_right_by_luck_are_always_drawn():
    storm = audit_all(plan(1000), {333: -7, 777: 9, 779: 9}, torn=frozenset({101, 333, 555}))
    other = audit_all(plan(3), {1: 5})

    samples = sample_totals([storm, other], room=100)

    points = samples[storm.pk].points
    numbers = [point.number for point in points]
    assert {333, 777, 101, 555} <= set(numbers)
    assert 779 not in numbers
    assert (len(points), samples[storm.pk].taken, samples[storm.pk].left_out) == (104, 1000, 896)
    assert numbers == sorted(numbers)
    assert [point.total - 44_500 for point in samples[other.pk].points] == [0, 5, 0]
    kinds = {point.number: point.kind for point in points}
    assert [kinds[number] for number in (333, 777, 101)] == [AuditKind.TORN, AuditKind.WRONG, AuditKind.LUCK]


@pytest.mark.parametrize(("audit_count", "drawn"), [(99, 99), (100, 100), (101, 100), (150, 100), (200, 100)])
def test_as_many_are_drawn_as_there_is_room_for(audit_count, drawn):
    """The lowest and the highest come by themselves: here all are right, and the first is both."""
    storm = audit_all(plan(audit_count), {})

    assert len(sample_totals([storm], room=100)[storm.pk].points) == drawn


def test_what_is_drawn_stays_when_more_audits_are_taken():
    storm = audit_all(plan(60), {})
    later = list(storm.audits.filter(number__gte=45))
    storm.audits.filter(number__gte=45).delete()
    before = {point.number for point in sample_totals([storm], room=20)[storm.pk].points}
    Audit.objects.bulk_create(later)

    after = {point.number for point in sample_totals([storm], room=20)[storm.pk].points}

    assert len(before) == 15
    assert before < after


def test_only_the_first_that_are_right_by_luck_are_added(monkeypatch):
    monkeypatch.setattr(total_samples, "MAX_LUCKY", 3)
    storm = audit_all(plan(100), {}, torn=frozenset(range(100)))

    numbers = [point.number for point in sample_totals([storm], room=10)[storm.pk].points]

    assert numbers == [0, 1, 2, *range(10, 100, 10)]


def test_times_are_seconds_since_the_first_that_is_drawn():
    storm = audit_all(plan(4), {})
    storm.audits.filter(number=0).update(started_at=storm.created_at + timedelta(seconds=9))

    assert [point.at_s for point in sample_totals([storm], room=10)[storm.pk].points] == [8.0, 0.0, 1.0, 2.0]


def test_storm_without_audits_has_an_empty_sample():
    storm = plan(0)

    assert sample_totals([storm], room=10)[storm.pk].points == []


def test_any_number_of_storms_needs_three_queries(django_assert_max_num_queries):
    storms = [audit_all(plan(30), {3: 4}) for _ in range(5)]

    with django_assert_max_num_queries(3):
        sample_totals(storms, room=10)

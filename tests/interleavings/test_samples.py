"""Races that people reported of real projects: the wrong version is found, its repair is proved, nothing is told."""

from functools import partial

import pytest
from django.db import transaction
from django.db.models import F

from interleavings import explore
from tests.support.samples.cases import REPAIRED, WRONG
from tests.support.samples.models import Song
from tests.support.thorough import THOROUGH

# One whose wrong version loses an update, one with a new row in it, one that is right.
SMALL = [case for case in [*WRONG, *REPAIRED] if str(case) in ("vote", "next_address", "pay_once")]
TIMES = 30 if THOROUGH else 1  # no miss, and no false alarm, however often it is run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.support.samples.urls")]


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_success_race_is_found_and_named(case):
    calls = case.calls()

    for _ in range(TIMES):
        report = explore(*calls)
        assert report.exhaustive
        assert (report.anomaly_count, report.schedules) == (case.wrong, case.of)
        assert case.anomaly in report.anomalies[0].names
        with pytest.raises(AssertionError, match=f"{case.wrong} of {case.of} schedules end as no serial order"):
            report.assert_serializable()


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("case", REPAIRED, ids=str)
def test_success_repair_is_proved(case):
    calls = case.calls()

    for _ in range(TIMES):
        explore(*calls).assert_serializable()


def test_success_deadlock_is_counted_and_fails_unless_it_is_allowed():
    """Each moves one song: alone, neither loses anything; together they lock two rows in two orders."""
    first, second = (Song.objects.create(place=place).pk for place in (1, 2))

    def touch(*pks: int) -> None:
        with transaction.atomic():
            for pk in pks:
                Song.objects.filter(pk=pk).update(place=F("place") + 1)

    report = explore(partial(touch, first, second), partial(touch, second, first))

    assert (report.anomaly_count, report.refused) == (0, {"40P01": 8})
    report.assert_serializable(allow=["deadlock"])
    with pytest.raises(AssertionError, match="deadlock in 8"):
        report.assert_serializable()


# Of the others, the counts of the whole tree stand in the table of cases.
@pytest.mark.parametrize("case", [*WRONG, *REPAIRED] if THOROUGH else SMALL, ids=str)
def test_success_pruning_changes_no_count(case):
    """The whole tree is run, and the pruned one counts the same."""
    calls = case.calls()
    pruned, whole = explore(*calls), explore(*calls, prune=False)

    assert whole.run == whole.schedules
    assert (pruned.schedules, pruned.anomaly_count, pruned.refused) == (
        whole.schedules,
        whole.anomaly_count,
        whole.refused,
    )

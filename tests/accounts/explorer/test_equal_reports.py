"""Explorations of three sessions come out the same each time, pruned or not: also where the database has a choice."""

import pytest

from accounts.explorer.explore import explore as explore_plan
from tests.support.explorations import plan
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 30 if THOROUGH else 2

CROSSING, SAME_WAY = "1>2:30,2>1:30", "1>2:30,1>2:5"
PAIRS = {  # of a transfer and an audit strategy: the transfers, and the schedules that exist
    ("conditional_update", "row_lock"): (SAME_WAY, 56),
    ("row_lock", "single_statement"): (CROSSING, 72),
    ("one_statement", "no_lock"): (CROSSING, 20),
    ("python_lock", "python_lock"): (CROSSING, 240),
    ("advisory_lock", "advisory_lock"): (CROSSING, 240),
    ("row_lock", "row_lock"): (CROSSING, 90),
    ("optimistic", "single_statement"): (SAME_WAY, 282),
    ("batch", "row_lock"): (CROSSING, 394),
    ("row_lock", "my/one_row_at_a_time"): (CROSSING, 402),
    ("unordered_row_lock", "single_statement"): (CROSSING, 648),
}


@pytest.mark.thorough
@pytest.mark.parametrize("pair", PAIRS, ids=" x ".join)
def test_report_is_the_same_each_time_pruned_or_not(pair):
    transfers, count = PAIRS[pair]
    scenario = plan(*pair, transfers=transfers)
    for prune in (True, False):
        reports = [explore_plan(scenario, prune=prune) for _ in range(TIMES)]

        listings = [sorted(str(listed) for listed in report.listing) for report in reports]
        assert all(listing == listings[0] for listing in listings)
        assert {report.tally.schedule_count for report in reports} == {count}
        assert all(report.is_exhaustive and not report.unmet for report in reports)
        counts = [report.tally.counts for report in reports]
        assert all(its == counts[0] for its in counts)

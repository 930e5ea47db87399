"""A line of a storm's totals."""

import pytest

from accounts.reporting.charts.sparkline import Total, shared_spread, sparkline


def test_sparkline_is_scaled_from_the_lowest_total_to_the_highest():
    line = sparkline([Total(0, 90), Total(5, 100), Total(10, 110)], expected=100, width=108, height=28)

    assert line.points == "4.0,24.0 54.0,14.0 104.0,4.0"
    assert (line.line_y, line.lowest, line.highest, line.count) == (14.0, 90, 110, 3)


def test_sparkline_of_equal_totals_and_of_none():
    assert sparkline([Total(0, 5), Total(1, 5)], expected=5, height=20).points.endswith(",10.0")
    assert sparkline([], expected=5).points == ""


def test_sparkline_marks_what_is_torn_or_wrong():
    totals = [Total(0, 5, torn=False), Total(1, 5, torn=True), Total(2, 6, torn=True), Total(3, 6, torn=False)]

    assert [dot.kind for dot in sparkline(totals, expected=5).dots] == ["luck", "torn", "wrong"]


def test_sparkline_places_totals_by_their_numbers():
    line = sparkline([Total(0, 5), Total(1, 5), Total(100, 5)], expected=5, width=108)

    assert [point.split(",")[0] for point in line.points.split()] == ["4.0", "5.0", "104.0"]


@pytest.mark.parametrize(
    ("spreads", "shared"),
    [([], 0), ([0, 0], 0), ([0, 7], 7), ([100, 1500], 1500), ([100, 1501], 100), ([1501, 100, 900], 900)],
)
def test_shared_scale_is_the_largest_that_hides_no_storm(spreads, shared):
    assert shared_spread(spreads) == shared

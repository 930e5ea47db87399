"""The window of time that is drawn."""

import pytest

from accounts.reporting.charts import Window
from accounts.reporting.charts.windows import LONGEST_S, SHORTEST_S


@pytest.mark.parametrize(("pivot", "at_s"), [(0.0, 0.0), (0.5, 0.25), (1.0, 0.5)])
def test_window_is_narrowed_around_its_pivot(pivot, at_s):
    extents = [(place / 100, place / 100) for place in range(100)]

    window = Window(0.0, 1.0).narrowed(extents, most=60, pivot=pivot)

    assert sum(window.shows(*extent) for extent in extents) <= 60
    assert window.at_s == pytest.approx(at_s, abs=0.1)
    assert window.span_s > 0.4


def test_window_with_few_operations_keeps_its_span():
    assert Window(0.0, 1.0).narrowed([(0.0, 1.0)], most=1, pivot=0.5) == Window(0.0, 1.0)
    assert Window(0.0, 1.0).narrowed([(0.0, 1.0)] * 9, most=1, pivot=0.5).span_s == SHORTEST_S


def test_window_moves_and_zooms_around_its_middle_and_not_beyond_its_limits():
    window = Window(1.0, 0.5)

    assert (window.earlier(), window.later()) == (Window(0.75, 0.5), Window(1.25, 0.5))
    assert (window.closer(), window.wider()) == (Window(1.125, 0.25), Window(0.75, 1.0))
    assert Window(0.1, 0.5).earlier().at_s == 0.0
    assert Window(0.0, SHORTEST_S).closer().span_s == SHORTEST_S
    assert Window(0.0, LONGEST_S).wider().span_s == LONGEST_S

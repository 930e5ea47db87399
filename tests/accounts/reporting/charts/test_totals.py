"""The chart of audited totals."""

from accounts.reporting.charts import AuditPoint, totals_chart

# Totals.


def test_totals_and_the_expected_line_lie_within_the_chart():
    chart = totals_chart([AuditPoint(1, 0.0, 90, "torn"), AuditPoint(2, 4.0, 110, "torn")], expected_total=100)

    low, high = chart.dots
    assert low.y > chart.line_y > high.y
    assert (low.x, high.x) == (64, 700)
    assert [tick.text for tick in chart.totals] == ["100", "110", "90"]
    assert [tick.text for tick in chart.times] == ["0.0 s", "2.0 s", "4.0 s"]
    assert (chart.lowest, chart.highest, chart.seconds) == (90, 110, 4.0)


def test_totals_of_nothing_are_an_empty_picture():
    assert totals_chart([], expected_total=100).dots == []


def test_labels_of_totals_that_would_touch_are_left_out():
    chart = totals_chart([AuditPoint(1, 0.0, 99, "torn"), AuditPoint(2, 4.0, 200, "torn")], expected_total=100)

    assert [tick.text for tick in chart.totals] == ["100", "200"]

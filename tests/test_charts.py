"""Pictures are geometry: pure values in, places out."""

import pytest

from accounts.charts import (
    AuditPoint,
    Mark,
    Operation,
    Part,
    Session,
    Window,
    draw_lanes,
    draw_waits,
    shares,
    totals_chart,
)
from accounts.charts.lanes import LEFT, LONGEST_S, MOST_LANES, RIGHT, SHORTEST_S, WIDTH
from accounts.charts.waits import MOST_SESSIONS, MOST_SQL


def operation(
    lane: str = "host:1", begin_s: float = 0.0, end_s: float = 1.0, waited_s: float = 0.0, **more
) -> Operation:
    return Operation(lane, more.pop("kind", "transfer"), begin_s, end_s, waited_s, first=1, **more)


# Totals.


def test_totals_lie_between_the_lowest_and_the_highest_and_the_line_is_among_them():
    chart = totals_chart([AuditPoint(1, 0.0, 90, "torn"), AuditPoint(2, 4.0, 110, "torn")], expected_total=100)

    low, high = chart.dots
    assert low.y > chart.line_y > high.y
    assert (low.x, high.x) == (64, 700)
    assert [tick.text for tick in chart.totals] == ["100", "110", "90"]
    assert [tick.text for tick in chart.times] == ["0.0 s", "2.0 s", "4.0 s"]
    assert (chart.lowest, chart.highest, chart.seconds) == (90, 110, 4.0)


def test_labels_of_totals_that_would_touch_are_left_out():
    chart = totals_chart([AuditPoint(1, 0.0, 99, "torn"), AuditPoint(2, 4.0, 200, "torn")], expected_total=100)

    assert [tick.text for tick in chart.totals] == ["100", "200"]


def test_totals_of_nothing_are_an_empty_picture():
    assert totals_chart([], expected_total=100).dots == []


# Lanes.


def test_lane_for_each_worker_in_the_order_of_their_numbers():
    names = ["host:7:thread_10", "host:7:thread_2", "host:5"]

    picture = draw_lanes([operation(name) for name in names], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["5", "7:thread_2", "7:thread_10"]
    assert [len(lane.bars) for lane in picture.lanes] == [1, 1, 1]


def test_host_is_shown_where_there_are_several():
    picture = draw_lanes([operation("one:1"), operation("two:1")], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["one:1", "two:1"]


def test_operation_is_as_wide_as_it_took_and_waiting_comes_first():
    picture = draw_lanes([operation(begin_s=1.0, end_s=2.0, waited_s=0.25)], [], Window(1.0, 2.0))

    (bar,) = picture.lanes[0].bars
    half = (WIDTH - LEFT - RIGHT) / 2
    assert (bar.x, bar.width, bar.wait_width) == (LEFT, half, pytest.approx(half / 4, abs=0.1))


def test_operation_is_cut_off_at_the_edges_of_the_window():
    picture = draw_lanes([operation(begin_s=0.0, end_s=9.0, waited_s=20.0)], [], Window(4.0, 1.0))

    (bar,) = picture.lanes[0].bars
    assert (bar.x, bar.x + bar.width) == (LEFT, WIDTH - RIGHT)
    assert bar.wait_width == bar.width


def test_operation_that_took_no_time_can_be_seen():
    assert draw_lanes([operation(end_s=0.0)], [], Window(0.0, 60.0)).lanes[0].bars[0].width == 1


def test_more_lanes_than_fit_are_counted():
    picture = draw_lanes([operation(f"host:{pid}") for pid in range(MOST_LANES + 3)], [], Window(0.0, 1.0))

    assert (len(picture.lanes), picture.lanes_left_out) == (MOST_LANES, 3)


def test_marks_inside_the_window_are_drawn_with_their_text_on_the_side_where_there_is_room():
    marks = [Mark(0.5, "before"), Mark(1.0, "left"), Mark(1.9, "right"), Mark(2.5, "after")]

    picture = draw_lanes([], marks, Window(1.0, 1.0))

    assert [(mark.text, mark.anchor) for mark in picture.marks] == [("left", "start"), ("right", "end")]
    assert picture.marks[0].y != picture.marks[1].y


def test_window_moves_and_zooms_around_its_middle_and_not_beyond_its_limits():
    window = Window(1.0, 0.5)

    assert (window.earlier(), window.later()) == (Window(0.75, 0.5), Window(1.25, 0.5))
    assert (window.closer(), window.wider()) == (Window(1.125, 0.25), Window(0.75, 1.0))
    assert Window(0.1, 0.5).earlier().at_s == 0.0
    assert Window(0.0, SHORTEST_S).closer().span_s == SHORTEST_S
    assert Window(0.0, LONGEST_S).wider().span_s == LONGEST_S


@pytest.mark.parametrize(
    ("kind", "count", "what"),
    [
        ("transfer", 1, "transfer"),
        ("batch", 100, "batch of 100 transfers"),
        ("failed", 100, "batch of 100 failed transfers"),
        ("failed", 1, "failed transfer"),
        ("torn", 1, "torn audit"),
        ("failed_audit", 1, "failed audit"),
    ],
)
def test_operation_says_what_it_is(kind, count, what):
    assert operation(kind=kind, count=count).what == what


# Waits.


def session(pid: int, *waits_for: int, ms: int = 0, sql: str = "SELECT 1") -> Session:
    return Session(pid, waits_for, ms, "active", sql)


def test_who_holds_comes_first_and_sessions_that_have_no_part_in_it_do_not_come():
    picture = draw_waits([session(1), session(2, 3, ms=5), session(3), session(4, 3, 2, ms=9)])

    assert [line.session.pid for line in picture.lines] == [3, 4, 2]
    assert len(picture.arrows) == 3


def test_circle_of_sessions_is_drawn():
    """A deadlock, until the database ends it."""
    assert len(draw_waits([session(1, 2), session(2, 1)]).arrows) == 2


def test_blocker_that_is_not_among_the_sessions_has_no_arrow():
    """A prepared transaction blocks as pid 0; and a session may have ended between two looks."""
    picture = draw_waits([session(1, 0), session(2, 99)])

    assert ([line.session.pid for line in picture.lines], picture.arrows) == ([1, 2], [])


def test_more_sessions_than_fit_are_counted():
    picture = draw_waits([session(1), *(session(pid, 1) for pid in range(2, MOST_SESSIONS + 4))])

    assert (len(picture.lines), picture.left_out) == (MOST_SESSIONS, 3)


def test_long_statement_keeps_its_end_which_says_for_update():
    short = session(1, sql="SELECT " + "a_column, " * 50 + "\n FROM t FOR UPDATE").short_sql

    assert len(short) <= MOST_SQL + 2
    assert short.startswith("SELECT a_column")
    assert short.endswith("FROM t FOR UPDATE")


def test_nobody_waits_is_an_empty_picture():
    assert draw_waits([session(1), session(2)]).lines == []


# Shares.


def test_parts_fill_the_bar_in_order_and_nothing_has_no_part():
    assert shares({"right": 1, "wrong": 0, "open": 1, "none": 2}) == [
        Part("right", 0.0, 150.0),
        Part("open", 150.0, 150.0),
        Part("none", 300.0, 300.0),
    ]


def test_bar_of_nobody_is_empty():
    assert shares({"right": 0, "wrong": 0}) == []

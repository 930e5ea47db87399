"""Pictures are geometry: pure values in, places out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.reporting.charts import (
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
from accounts.reporting.charts.lanes import BAND, LEFT, MOST_LABEL, MOST_LANES, RIGHT, WIDTH
from accounts.reporting.charts.marks import CHARACTER, GAP, MarkLine, number_lines
from accounts.reporting.charts.statements import shorten
from accounts.reporting.charts.waits import MOST_SESSIONS, MOST_SQL
from accounts.reporting.charts.windows import LONGEST_S, SHORTEST_S


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

    assert [lane.label for lane in picture.lanes] == ["worker 5", "worker 7, thread 2", "worker 7, thread 10"]
    assert [len(lane.bars) for lane in picture.lanes] == [1, 1, 1]


def test_host_is_shown_where_there_are_several():
    picture = draw_lanes([operation("one:1"), operation("two:1")], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["worker 1 on one", "worker 1 on two"]


def test_lane_of_a_worker_s_audits_stands_below_those_of_its_threads_and_says_what_it_is():
    names = ["host:7:audits", "host:7:thread_0", "host:7:thread_1"]

    picture = draw_lanes([operation(name) for name in names], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["worker 7, thread 0", "worker 7, thread 1", "worker 7, audits"]


def test_worker_that_audits_on_its_main_thread_beside_others_is_told_apart():
    """Several workers with threads: audits are jobs of their own, on the main thread. With one thread: a lane."""
    audit, alone = operation("host:7", kind="torn"), operation("host:8", kind="torn")

    picture = draw_lanes([audit, operation("host:7:thread_0"), alone], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["worker 7, audits", "worker 7, thread 0", "worker 8"]


def test_longest_label_of_one_host_fits_and_others_are_cut():
    labels = [
        draw_lanes([operation(name), operation("other:1")], [], Window(0.0, 1.0)).lanes[-1].label
        for name in ("x" * 60 + ":4194304:thread_10",)
    ]
    whole = draw_lanes([operation("host:4194304:thread_10")], [], Window(0.0, 1.0)).lanes[0].label

    assert (whole, len(whole)) == ("worker 4194304, thread 10", MOST_LABEL)
    assert [len(label) for label in labels] == [MOST_LABEL]


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


def test_marks_inside_the_window_are_drawn_with_their_numbers():
    marks = [Mark(1, 0.5, "before"), Mark(2, 1.0, "left"), Mark(3, 1.9, "right", is_repair=True), Mark(4, 2.5, "after")]

    picture = draw_lanes([], marks, Window(1.0, 1.0))

    assert [(line.mark.what, line.mark.is_repair) for line in picture.marks] == [("left", False), ("right", True)]
    assert [number.text for number in picture.numbers] == ["2", "3"]


@given(st.lists(st.integers(LEFT, WIDTH - RIGHT), max_size=50))
def test_numbers_of_marks_never_touch_and_stay_in_the_picture(places):
    lines = [MarkLine(x, Mark(number, 0.0, "")) for number, x in enumerate(sorted(places), 1)]

    numbers = number_lines(lines)

    ends = [number.x + CHARACTER * len(number.text) for number in numbers]
    assert all(end + GAP <= number.x + 0.1 for end, number in zip(ends, numbers[1:], strict=False))
    assert all(end <= WIDTH for end in ends)
    covered = [range(int(text.split("-")[0]), int(text.split("-")[-1]) + 1) for _x, text in numbers]
    assert [number for some in covered for number in some] == [line.mark.number for line in lines]


def test_there_is_a_band_for_numbers_only_where_there_are_marks():
    without, outside = (draw_lanes([operation()], marks, Window(0.0, 1.0)) for marks in ([], [Mark(1, 9.0, "later")]))

    assert outside.height - without.height == BAND
    assert without.top < 10


def test_axis_has_its_unit():
    assert [tick.text for tick in draw_lanes([], [], Window(1.0, 0.1)).ticks][:2] == ["1.000 s", "1.020 s"]


@pytest.mark.parametrize(
    ("end_s", "end_x"), [(1.5, (LEFT + WIDTH - RIGHT) / 2), (1.99, None), (3.0, None), (None, None)]
)
def test_blank_after_the_storm_s_end_is_not_left_without_a_word(end_s, end_x):
    assert draw_lanes([], [], Window(1.0, 1.0), end_s=end_s).end_x == end_x


@pytest.mark.parametrize(("pivot", "at_s"), [(0.0, 0.0), (0.5, 0.25), (1.0, 0.5)])
def test_window_is_narrowed_around_its_pivot_until_what_is_in_it_can_be_drawn(pivot, at_s):
    extents = [(place / 100, place / 100) for place in range(100)]

    window = Window(0.0, 1.0).narrowed(extents, most=60, pivot=pivot)

    assert sum(window.shows(*extent) for extent in extents) <= 60
    assert window.at_s == pytest.approx(at_s, abs=0.1)
    assert window.span_s > 0.4


def test_window_that_holds_little_stays_and_is_never_shorter_than_the_shortest():
    assert Window(0.0, 1.0).narrowed([(0.0, 1.0)], most=1, pivot=0.5) == Window(0.0, 1.0)
    assert Window(0.0, 1.0).narrowed([(0.0, 1.0)] * 9, most=1, pivot=0.5).span_s == SHORTEST_S


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


def session(pid: int, *waits_for: int, ms: int = 0, sql: str = "SELECT 1", worker: str = "") -> Session:
    return Session(pid, waits_for, ms, "active", sql, worker)


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


def test_session_is_called_what_its_worker_is_called_or_by_the_server_s_number():
    waiting = "SELECT 1 FOR UPDATE"
    sessions = [session(7, worker="23152:thread_3"), session(8, 7, 9, 99, ms=8, sql=waiting, worker="4"), session(9)]

    lines = {line.session.pid: line for line in draw_waits(sessions).lines}

    assert lines[8].text == "worker 4 waits 8 ms: SELECT 1 FOR UPDATE"
    assert lines[8].waits_for == ["worker 23152, thread 3", "session 9 of the server", "session 99 of the server"]
    assert lines[7].text == "worker 23152, thread 3 holds: SELECT 1"
    assert lines[9].text == "session 9 of the server holds: SELECT 1"


ACCOUNT = '"accounts_account"."id", "accounts_account"."balance"'


@pytest.mark.parametrize(
    ("sql", "short"),
    [
        (f'SELECT {ACCOUNT}\n FROM "accounts_account" FOR UPDATE', "SELECT ... FROM accounts_account FOR UPDATE"),
        (
            f'SELECT {ACCOUNT} FROM "accounts_account" WHERE "accounts_account"."id" IN ($1, $2) '
            'ORDER BY "accounts_account"."id" ASC FOR NO KEY UPDATE',
            "SELECT ... FOR NO KEY UPDATE",
        ),
        (
            "UPDATE accounts_account SET balance = $1, last_transfer = $2 WHERE id = $3",
            "UPDATE accounts_account SET ... WHERE id = $3",
        ),
        (
            'INSERT INTO "accounts_audit" ("bank_id", "storm_id", "number", "status") VALUES ($1, $2, $3, $4)',
            "INSERT INTO accounts_audit ...",
        ),
        ("SELECT pg_advisory_xact_lock($1)", "SELECT pg_advisory_xact_lock($1)"),
        ("COMMIT", "COMMIT"),
        ("", ""),
    ],
)
def test_statement_is_shortened_by_its_meaning(sql, short):
    assert session(1, sql=sql).short_sql == short


@given(st.text(alphabet='SELECT aFROMWHERE,.()$1 \n"', max_size=200))
def test_any_statement_is_short_and_its_words_are_whole(sql):
    short = shorten(sql, MOST_SQL)

    assert len(short) <= MOST_SQL + 4
    assert "\n" not in short


def test_word_is_not_cut_in_its_middle():
    assert shorten("WITH " + "some_word " * 9, 30) == "WITH some_word some_word ..."


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

"""Pictures are geometry: pure values in, places out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.charts import (
    DOCUMENT_HEIGHT,
    AuditPoint,
    Mark,
    Operation,
    Part,
    Window,
    draw_lanes,
    shares,
    totals_chart,
)
from accounts.reporting.charts.lanes import BAND, LEFT, MAX_LABEL, MAX_LANES, RIGHT, WIDTH
from accounts.reporting.charts.marks import CHARACTER, GAP, MarkLine, number_lines
from accounts.reporting.charts.scale import Scale
from accounts.reporting.charts.sparkline import shared_spread, sparkline
from accounts.reporting.charts.statements import shorten
from accounts.reporting.charts.windows import MAX_SPAN_S, MIN_SPAN_S


def operation(
    lane: str = "host:1", begin_s: float = 0.0, end_s: float = 1.0, waited_s: float = 0.0, **more
) -> Operation:
    return Operation(lane, begin_s, end_s, waited_s, first=1, **more)


def point(number: int, total: int, kind: AuditKind = AuditKind.TORN, at_s: float | None = None) -> AuditPoint:
    return AuditPoint(number + 100, number, float(number) if at_s is None else at_s, total, kind)


# Scales.


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.integers(-1000, 1000))
def test_scale_reaches_from_the_lowest_to_the_highest(values, value):
    scale = Scale.over(values, 200, 10)

    assert (scale(min(values)), scale(max(values))) in [(200, 10), (105, 105)]
    assert Scale(0, 0, 0, 10)(value) == 5


# Totals.


def test_totals_lie_between_the_lowest_and_the_highest_and_the_line_is_among_them():
    chart = totals_chart([point(0, 90), point(4, 110)], expected_total=100)

    low, high = chart.dots
    assert low.y > chart.line_y > high.y
    assert (low.x, high.x) == (64, 700)
    assert [tick.text for tick in chart.totals] == ["100", "110", "90"]
    assert [tick.text for tick in chart.times] == ["0.0 s", "2.0 s", "4.0 s"]
    assert (chart.lowest, chart.highest, chart.duration_s) == (90, 110, 4.0)


def test_labels_of_totals_that_would_touch_are_left_out():
    chart = totals_chart([point(0, 99), point(4, 200)], expected_total=100)

    assert [tick.text for tick in chart.totals] == ["100", "200"]


def test_totals_of_nothing_are_an_empty_picture():
    chart = totals_chart([], expected_total=100)

    assert (chart.dots, chart.legend, chart.times) == ([], [], [])


def test_chart_of_a_document_is_the_same_and_less_high():
    points = [point(0, 90), point(1, 100), point(4, 110)]

    page, document = (totals_chart(points, expected_total=100, **size) for size in ({}, {"height": DOCUMENT_HEIGHT}))

    assert [dot.x for dot in page.dots] == [dot.x for dot in document.dots]
    assert all(0 < dot.y < DOCUMENT_HEIGHT for dot in document.dots)
    assert (page.height, document.height) == (240, 200)


def test_dots_stand_in_the_order_of_time_whatever_their_numbers():
    chart = totals_chart([point(0, 1, at_s=2.0), point(1, 2, at_s=1.0)], expected_total=1)

    assert [dot.point.number for dot in chart.dots] == [1, 0]


def test_legend_has_the_kinds_that_are_drawn_and_kinds_differ_by_shape_too():
    kinds = [AuditKind.TORN, AuditKind.RIGHT, AuditKind.TORN, AuditKind.WRONG]

    chart = totals_chart([point(number, 1, kind) for number, kind in enumerate(kinds)], expected_total=1)

    assert [entry.kind for entry in chart.legend] == [AuditKind.RIGHT, AuditKind.TORN, AuditKind.WRONG]
    assert len({entry.path for entry in chart.legend}) == 3


# Sparklines.


def test_sparkline_is_scaled_from_the_lowest_total_to_the_highest():
    line = sparkline([point(0, 90), point(5, 100), point(10, 110)], expected=100, width=108, height=28)

    assert line.points == "4.0,24.0 54.0,14.0 104.0,4.0"
    assert (line.line_y, line.lowest, line.highest, line.count) == (14.0, 90, 110, 3)


def test_sparkline_of_equal_totals_and_of_none():
    assert sparkline([point(0, 5), point(1, 5)], expected=5, height=20).points.endswith(",10.0")
    assert sparkline([], expected=5).points == ""


def test_sparkline_marks_what_is_torn():
    kinds = [AuditKind.RIGHT, AuditKind.LUCK, AuditKind.TORN, AuditKind.WRONG]
    totals = [5, 5, 6, 6]

    line = sparkline(
        [point(number, total, kind) for number, (total, kind) in enumerate(zip(totals, kinds, strict=True))], expected=5
    )

    assert [f"{path.split()[0]},{path.split()[1]}" for path in line.torn.replace("h0", "").split("M")[1:]] == (
        line.points.split()[1:3]
    )


def test_sparkline_places_totals_by_their_numbers_also_where_more_of_them_are_drawn():
    line = sparkline([point(0, 5), point(1, 5), point(100, 5)], expected=5, width=108)

    assert [place.split(",")[0] for place in line.points.split()] == ["4.0", "5.0", "104.0"]


@pytest.mark.parametrize(
    ("spreads", "shared"),
    [([], 0), ([0, 0], 0), ([0, 7], 7), ([100, 1500], 1500), ([100, 1501], 100), ([1501, 100, 900], 900)],
)
def test_shared_scale_is_the_largest_that_makes_no_line_flat(spreads, shared):
    assert shared_spread(spreads) == shared


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
    audit, alone = operation("host:7", kind=AuditKind.TORN), operation("host:8", kind=AuditKind.TORN)

    picture = draw_lanes([audit, operation("host:7:thread_0"), alone], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["worker 7, audits", "worker 7, thread 0", "worker 8"]


def test_longest_label_of_one_host_fits_and_others_are_cut():
    labels = [
        draw_lanes([operation(name), operation("other:1")], [], Window(0.0, 1.0)).lanes[-1].label
        for name in ("x" * 60 + ":4194304:thread_10",)
    ]
    whole = draw_lanes([operation("host:4194304:thread_10")], [], Window(0.0, 1.0)).lanes[0].label

    assert (whole, len(whole)) == ("worker 4194304, thread 10", MAX_LABEL)
    assert [len(label) for label in labels] == [MAX_LABEL]


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
    picture = draw_lanes([operation(f"host:{pid}") for pid in range(MAX_LANES + 3)], [], Window(0.0, 1.0))

    assert (len(picture.lanes), picture.lanes_left_out) == (MAX_LANES, 3)


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

    window = Window(0.0, 1.0).narrowed(extents, room=60, pivot=pivot)

    assert sum(window.shows(*extent) for extent in extents) <= 60
    assert window.at_s == pytest.approx(at_s, abs=0.1)
    assert window.span_s > 0.4


def test_window_that_holds_little_stays_and_is_never_shorter_than_the_shortest():
    assert Window(0.0, 1.0).narrowed([(0.0, 1.0)], room=1, pivot=0.5) == Window(0.0, 1.0)
    assert Window(0.0, 1.0).narrowed([(0.0, 1.0)] * 9, room=1, pivot=0.5).span_s == MIN_SPAN_S


def test_window_moves_and_zooms_around_its_middle_and_not_beyond_its_limits():
    window = Window(1.0, 0.5)

    assert (window.earlier(), window.later()) == (Window(0.75, 0.5), Window(1.25, 0.5))
    assert (window.closer(), window.wider()) == (Window(1.125, 0.25), Window(0.75, 1.0))
    assert Window(0.1, 0.5).earlier().at_s == 0.0
    assert Window(0.0, MIN_SPAN_S).closer().span_s == MIN_SPAN_S
    assert Window(0.0, MAX_SPAN_S).wider().span_s == MAX_SPAN_S


@pytest.mark.parametrize(
    ("facts", "name", "css"),
    [
        ({}, "transfer 1", "transfer"),
        ({"count": 100}, "batch of 100 transfers from 1", "transfer"),
        ({"count": 100, "has_failed": True}, "batch of 100 failed transfers from 1", "transfer failed"),
        ({"has_failed": True}, "failed transfer 1", "transfer failed"),
        ({"kind": AuditKind.TORN}, "audit 1 (torn)", "audit torn"),
        ({"kind": AuditKind.LUCK}, "audit 1 (torn, right by luck)", "audit luck"),
        ({"kind": AuditKind.FAILED}, "audit 1 (failed)", "audit failed"),
    ],
)
def test_operation_says_what_it_is(facts, name, css):
    assert (operation(**facts).name, operation(**facts).css) == (name, css)


def test_legend_of_the_lanes_has_what_is_drawn():
    operations = [operation(waited_s=0.5), operation(has_failed=True), operation(kind=AuditKind.TORN)]

    legend = draw_lanes(operations, [], Window(0.0, 1.0)).legend

    assert [entry.css for entry in legend] == ["waiting", "transfer", "transfer failed", "audit torn"]


# Statements.


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
    assert shorten(sql, 52) == short


@given(st.text(alphabet='SELECT aFROMWHERE,.()$1 \n"', max_size=200))
def test_any_statement_is_short_and_its_words_are_whole(sql):
    short = shorten(sql, 52)

    assert len(short) <= 52 + 4
    assert "\n" not in short


def test_word_is_not_cut_in_its_middle():
    assert shorten("WITH " + "some_word " * 9, 30) == "WITH some_word some_word ..."


# Shares.


def test_parts_fill_the_bar_in_order_and_nothing_has_no_part():
    assert shares({"right": 1, "wrong": 0, "open": 1, "none": 2}) == [
        Part("right", 0.0, 150.0),
        Part("open", 150.0, 150.0),
        Part("none", 300.0, 300.0),
    ]


def test_bar_of_no_operation_is_empty():
    assert shares({"right": 0, "wrong": 0}) == []

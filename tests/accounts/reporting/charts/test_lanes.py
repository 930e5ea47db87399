"""A lane for each worker, with a bar for each operation."""

import pytest

from accounts.reporting.charts import Mark, Operation, Window, draw_lanes
from accounts.reporting.charts.lanes import BAND, LEFT, MOST_LABEL, MOST_LANES, RIGHT, WIDTH


def operation(
    lane: str = "host:1", begin_s: float = 0.0, end_s: float = 1.0, waited_s: float = 0.0, **more
) -> Operation:
    return Operation(lane, more.pop("kind", "transfer"), begin_s, end_s, waited_s, first=1, **more)


# Lanes.


def test_lane_for_each_worker_in_the_order_of_their_numbers():
    names = ["host:7:thread_10", "host:7:thread_2", "host:5"]

    picture = draw_lanes([operation(name) for name in names], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["worker 5", "worker 7, thread 2", "worker 7, thread 10"]
    assert [len(lane.bars) for lane in picture.lanes] == [1, 1, 1]


def test_lane_of_audits_stands_below_those_of_the_threads():
    names = ["host:7:audits", "host:7:thread_0", "host:7:thread_1"]

    picture = draw_lanes([operation(name) for name in names], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["worker 7, thread 0", "worker 7, thread 1", "worker 7, audits"]


def test_host_is_shown_where_there_are_several():
    picture = draw_lanes([operation("one:1"), operation("two:1")], [], Window(0.0, 1.0))

    assert [lane.label for lane in picture.lanes] == ["worker 1 on one", "worker 1 on two"]


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

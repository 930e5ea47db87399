"""The geometry of processes and their locks: nothing overlaps, and each line ends at the lock that is asked for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from accounts.reporting.charts.boxes import DATABASE, MACHINE, PROCESS, WIDTH, AskedLock, draw_boxes

LOCKS = [None, *(AskedLock(f"a {place} lock", place) for place in (PROCESS, MACHINE, DATABASE))]


def drawn(transfer_lock=None, audit_lock=None, *, processes=4, threads=1):
    return draw_boxes(process_count=processes, thread_count=threads, transfer_lock=transfer_lock, audit_lock=audit_lock)


@pytest.mark.parametrize(("place", "count"), [(PROCESS, 4), (MACHINE, 1), (DATABASE, 1)])
def test_lock_is_drawn_once_in_each_process_or_once_for_all(place, count):
    lock = AskedLock("the lock", place)

    assert len(drawn(lock, lock).locks) == count


def test_lock_of_a_process_is_in_its_box_and_that_of_the_database_in_the_database():
    mine, shared = AskedLock("mine", PROCESS), AskedLock("shared", DATABASE)

    picture = drawn(mine, shared)

    *own, last = picture.locks
    assert all(box.x < lock.x < box.x + box.width for box, lock in zip(picture.processes, own, strict=True))
    assert all(lock.y < picture.process_height for lock in own)
    assert last.y > picture.database_y


def test_who_asks_for_no_lock_goes_past_it_to_the_database():
    picture = drawn(AskedLock("the lock", PROCESS), None, processes=1, threads=8)

    asking, passing, onward = picture.lines
    assert (asking.asks, passing.asks, onward.asks) == (True, False, True)
    assert asking.end.x == picture.locks[0].x
    assert passing.end == (picture.processes[0].audits.x, picture.database_y)
    assert onward.begin.x == picture.locks[0].x


def test_name_that_has_no_room_is_left_out():
    lock = AskedLock("a lock with a very long name", PROCESS)

    assert {padlock.name for padlock in drawn(lock, lock, processes=4).locks} == {""}
    assert [padlock.name for padlock in drawn(lock, lock, processes=1).locks] == [lock.name]


@given(some.integers(1, 64), some.integers(1, 64), some.sampled_from(LOCKS), some.sampled_from(LOCKS))
def test_everything_is_inside_the_picture_and_processes_stand_apart(processes, threads, transfers, audits):
    picture = drawn(transfers, audits, processes=processes, threads=threads)

    boxes = picture.processes
    assert all(before.x + before.width < after.x for before, after in pairwise(boxes))
    assert boxes[-1].x + boxes[-1].width < WIDTH
    for box in boxes:
        assert all(box.x + 5 <= thread.x <= box.audits.x - 12 for thread in box.threads)
        assert box.audits.x + 8 < box.x + box.width
    places = [*picture.locks, *(point for line in picture.lines for point in (line.begin, line.end))]
    assert all(0 < place.x < WIDTH and 0 < place.y < picture.height for place in places)
    assert picture.process_height < picture.database_y < picture.height

"""Where the locks are: boxes for processes and for the database, and lines from sessions to the lock they ask for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH = 360
MAX_PROCESSES, MAX_THREADS = 4, 8  # that are drawn; the others are said in words
GAP, EDGE = 8, 1
THREADS_IN_A_ROW = 4  # where several processes stand side by side
SESSIONS_Y, THREAD_ROW = 44, 17
WIRE_IN_PROCESS = 22  # from the sessions down to a lock, or to the edge of the process
LOCK_HEIGHT = 46  # a padlock with its name below
DATABASE_HEIGHT, WIRE = 52, 22
CHARACTER = 7  # of a name, as wide as it may be

PROCESS, MACHINE, DATABASE = "process", "machine", "database"


class AskedLock(NamedTuple):
    """A lock that transfers or audits ask for, and where it is: PROCESS, MACHINE or DATABASE."""

    name: str
    place: str


class Point(NamedTuple):
    x: float
    y: float


class Box(NamedTuple):
    """One process."""

    x: float
    width: float
    label: str
    #: Its threads that do transfers.
    threads: Sequence[Point]
    audits: Point


class Padlock(NamedTuple):
    """One lock: the middle of its body, and its name below it; "" where that has no room."""

    x: float
    y: float
    name: str


class Line(NamedTuple):
    """From a process's transfers or audits down to the lock that they ask for, or past all locks to the database.

    A line that asks goes on from the lock to the database, unless the lock is there.
    """

    begin: Point
    end: Point
    asks: bool


@dataclass(frozen=True)
class Boxes:
    """The picture; all places in its own units."""

    height: float
    process_height: float
    database_y: float
    processes: Sequence[Box]
    locks: Sequence[Padlock]
    lines: Sequence[Line]
    width: int = WIDTH
    database_height: int = DATABASE_HEIGHT


def draw_boxes(
    *, process_count: int, thread_count: int, transfer_lock: AskedLock | None, audit_lock: AskedLock | None
) -> Boxes:
    """The processes of one storm. A lock in a process is drawn in each of them; any other lock once."""
    locks = list(dict.fromkeys(lock for lock in (transfer_lock, audit_lock) if lock))
    places = {lock.place for lock in locks}
    processes = list(_processes(process_count, thread_count))
    sessions_end = processes[0].threads[-1].y + WIRE_IN_PROCESS
    process_height = sessions_end + (LOCK_HEIGHT if PROCESS in places else 0)
    machine_y = process_height + WIRE
    database_y = machine_y + (LOCK_HEIGHT + WIRE if MACHINE in places else 0)
    tops = {PROCESS: sessions_end, MACHINE: machine_y, DATABASE: database_y}
    places_of = {lock: list(_padlocks(lock, locks, processes, tops[lock.place])) for lock in locks}
    return Boxes(
        height=database_y + DATABASE_HEIGHT + EDGE,
        process_height=process_height,
        database_y=database_y,
        processes=processes,
        locks=[padlock for padlocks in places_of.values() for padlock in padlocks],
        lines=list(_lines(processes, places_of, transfer_lock, audit_lock, database_y)),
    )


def _processes(process_count: int, thread_count: int) -> Iterator[Box]:
    box_count = min(process_count, MAX_PROCESSES)
    width = (WIDTH - 2 * EDGE - GAP * (box_count - 1)) / box_count
    in_a_row = MAX_THREADS if box_count == 1 else THREADS_IN_A_ROW
    for place in range(box_count):
        x = EDGE + place * (width + GAP)
        dot_count = min(thread_count, MAX_THREADS)
        threads = [_thread(x, width, number, min(in_a_row, dot_count)) for number in range(dot_count)]
        label = "one process" if process_count == 1 else f"process {place + 1}"
        yield Box(_r(x), _r(width), label, threads, Point(_r(x + width * 0.84), SESSIONS_Y))


def _thread(x: float, width: float, number: int, in_a_row: int) -> Point:
    """The threads stand in the left two thirds of their process."""
    row, column = divmod(number, in_a_row)
    return Point(_r(x + width * 0.66 * (column + 0.75) / (in_a_row + 0.5)), SESSIONS_Y + THREAD_ROW * row)


def _padlocks(lock: AskedLock, locks: Sequence[AskedLock], processes: Sequence[Box], top: float) -> Iterator[Padlock]:
    """Locks of one place stand side by side."""
    beside = [other for other in locks if other.place == lock.place]
    share = (beside.index(lock) + 1) / (len(beside) + 1)
    if lock.place == PROCESS:
        name = lock.name if len(lock.name) * CHARACTER * len(beside) < processes[0].width else ""
        yield from (Padlock(_r(box.x + box.width * share), top + 16, name) for box in processes)
    else:
        yield Padlock(_r(WIDTH * share), top + 18, lock.name)


def _lines(
    processes: Sequence[Box],
    padlocks: dict[AskedLock, list[Padlock]],
    transfer_lock: AskedLock | None,
    audit_lock: AskedLock | None,
    database_y: float,
) -> Iterator[Line]:
    for place, box in enumerate(processes):
        middle = Point(_r(sum(thread.x for thread in box.threads) / len(box.threads)), box.threads[-1].y + 8)
        for begin, lock in ((middle, transfer_lock), (Point(box.audits.x, box.audits.y + 8), audit_lock)):
            if lock is None:
                yield Line(begin, Point(begin.x, database_y), asks=False)
            else:
                padlock = padlocks[lock][place if lock.place == PROCESS else 0]
                yield Line(begin, Point(padlock.x, padlock.y - 13), asks=True)
    for lock in (lock for lock in padlocks if lock.place != DATABASE):
        for padlock in padlocks[lock]:
            yield Line(Point(padlock.x, padlock.y + 29), Point(padlock.x, database_y), asks=True)


def _r(place: float) -> float:
    return round(place, 1)

"""Where a storm's locks are, in a picture and in words: by its processes, its threads and its strategies."""

from dataclasses import dataclass

from accounts import strategies
from accounts.errors import BankError
from accounts.evidence.narrative import count
from accounts.models import Storm
from accounts.reporting.charts.boxes import MAX_PROCESSES, MAX_THREADS, AskedLock, Boxes, draw_boxes
from accounts.strategies.shared.promises import Lock, Place


@dataclass(frozen=True)
class ProcessBoxes:
    """The picture of one storm."""

    drawn: Boxes
    in_words: str


def observe_boxes(storm: Storm) -> ProcessBoxes | None:
    """The picture; None for a storm with a strategy that is gone. Needs no query."""
    return process_boxes(storm.transfer_with, storm.audit_with, storm.worker_count, storm.thread_count)


def process_boxes(transfer_with: str, audit_with: str, process_count: int, thread_count: int) -> ProcessBoxes | None:
    """The picture of a storm of this pair; None for a strategy that is gone."""
    try:
        locks = [strategies.asks_for(name) for name in (transfer_with, audit_with)]
    except BankError:
        return None
    transfer_lock, audit_lock = (lock and AskedLock(lock.value, lock.place.value) for lock in locks)
    picture = draw_boxes(
        process_count=process_count, thread_count=thread_count, transfer_lock=transfer_lock, audit_lock=audit_lock
    )
    return ProcessBoxes(picture, _in_words(*locks, process_count=process_count, thread_count=thread_count))


def _in_words(transfers: Lock | None, audits: Lock | None, *, process_count: int, thread_count: int) -> str:
    each = "" if process_count == 1 else " each"
    threads = "" if thread_count == 1 else f" with {count(thread_count, 'thread')}{each}"
    processes = "One process" if process_count == 1 else f"{process_count:,} processes"
    drawn = _drawn(process_count, thread_count)
    who = {"Transfers and audits": transfers} if transfers == audits else {"Transfers": transfers, "Audits": audits}
    asks = [f"{some} ask for {_where(lock, process_count)}." for some, lock in who.items()]
    return " ".join([f"{processes}{threads}{drawn}.", *asks])


def _drawn(process_count: int, thread_count: int) -> str:
    """ " (drawn: 4 of 16 processes, 8 of 64 threads)"; "" if all are drawn."""
    some = {"processes": (MAX_PROCESSES, process_count), "threads": (MAX_THREADS, thread_count)}
    left_out = [f"{most} of {number:,} {name}" for name, (most, number) in some.items() if number > most]
    return f" (drawn: {', '.join(left_out)})" if left_out else ""


def _where(lock: Lock | None, process_count: int) -> str:
    if lock is None:
        return "no lock"
    in_process = "one place for all threads" if process_count == 1 else "each process has its own"
    places = {
        Place.PROCESS: f"in the process: {in_process}",
        Place.MACHINE: "on the machine: one place for all its processes",
        Place.DATABASE: "in the database: one place for all processes",
    }
    return f"the {lock.value}, {places[lock.place]}"

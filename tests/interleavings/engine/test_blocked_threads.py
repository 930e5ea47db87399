"""A thread that does not arrive: what it is blocked in is named from its stack."""

import fcntl
import multiprocessing
import queue
import sys
import threading
import time
from _thread import allocate_lock
from contextlib import contextmanager, nullcontext
from fcntl import flock as grab
from types import SimpleNamespace

import pytest
from django.core.files import locks

from interleavings.engine.blocked_threads import place_of


def wait_for_flock(file) -> None:
    with open(file) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)


def wait_for_multiprocessing_lock(lock) -> None:
    with lock:
        pass


def wait_for_semaphore(semaphore) -> None:
    semaphore.acquire()
    semaphore.release()


def wait_for_lock(lock) -> None:
    with lock:
        pass


def wait_for_lock_in_dictionary(lock) -> None:
    locks = {"bank": lock}
    with locks["bank"]:
        pass


def wait_for_second_lock(lock) -> None:
    with nullcontext(), lock:
        pass


def acquire_lock_of_object(lock) -> None:
    owner = SimpleNamespace(lock=lock)
    owner.lock.acquire()
    lock.release()


def wait_for_flock_by_another_name(file) -> None:
    with open(file) as handle:
        grab(
            handle,
            fcntl.LOCK_EX,
        )


def wait_for_django_lock(file) -> None:
    with open(file) as handle:
        locks.lock(handle, locks.LOCK_EX)


def wait_for_queue(items) -> None:
    items.get()


def wait_for_event(event) -> None:
    event.wait()


def sleep(is_over) -> None:
    while not is_over.is_set():
        time.sleep(0.2)


def compute(is_over) -> None:
    while not is_over.is_set():
        sum(range(10_000))


@contextmanager
def held_flock(file):
    with open(file) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield file


@contextmanager
def empty_queue():
    items = queue.Queue()
    yield items
    items.put(None)


@contextmanager
def unset_event():
    event = threading.Event()
    yield event
    event.set()


@contextmanager
def held(lock):
    lock.acquire()
    yield lock
    lock.release()


LOCK_SENTENCE = (
    "It waits for a lock of a kind that cannot be stepped ({}): take a threading.Lock or RLock made in the file "
    "itself, a filelock.FileLock, or a lock of the database."
)


@pytest.mark.parametrize(
    ("work", "block", "sentence"),
    [
        (wait_for_flock, lambda file: held_flock(file), LOCK_SENTENCE.format("fcntl.flock")),
        (
            wait_for_multiprocessing_lock,
            lambda _file: held(multiprocessing.Lock()),
            LOCK_SENTENCE.format("multiprocessing.synchronize.Lock"),
        ),
        (
            wait_for_semaphore,
            lambda _file: held(threading.Semaphore()),
            LOCK_SENTENCE.format("threading.Semaphore.acquire"),
        ),
        (wait_for_lock, lambda _file: held(allocate_lock()), LOCK_SENTENCE.format("threading.Lock of another module")),
        *(
            (work, lambda _file: held(allocate_lock()), LOCK_SENTENCE.format("threading.Lock of another module"))
            for work in (wait_for_lock_in_dictionary, wait_for_second_lock, acquire_lock_of_object)
        ),
        (wait_for_flock_by_another_name, lambda file: held_flock(file), LOCK_SENTENCE.format("fcntl.flock")),
        (wait_for_django_lock, lambda file: held_flock(file), LOCK_SENTENCE.format("django.core.files.locks.lock")),
        (
            wait_for_queue,
            lambda _file: empty_queue(),
            "It waits in queue.Queue.get, for something that no session holds.",
        ),
        (
            wait_for_event,
            lambda _file: unset_event(),
            "It waits in threading.Event.wait, for something that no session holds.",
        ),
        (
            sleep,
            lambda _file: unset_event(),
            "It sleeps (time.sleep); no time passes in a schedule: take it out.",
        ),
    ],
)
def test_what_a_thread_is_blocked_in(tmp_path, work, block, sentence):
    file = tmp_path / "lock"
    file.touch()

    with block(file) as thing:
        thread = threading.Thread(target=work, args=[thing], daemon=True)
        thread.start()
        text = wait_for_text(thread, sentence)
    thread.join()

    assert text.endswith(sentence)
    assert text.startswith("test_blocked_threads.py, line ")


def test_thread_that_computes_is_not_said_to_wait(tmp_path):
    with unset_event() as event:
        thread = threading.Thread(target=compute, args=[event], daemon=True)
        thread.start()
        text = wait_for_text(thread, "no session holds.")
    thread.join()

    assert text.endswith("It runs for ever, sleeps, or waits for something that no session holds.")


def wait_for_text(thread: threading.Thread, expected: str) -> str:
    """What is said of the thread, as soon as that is what is expected; after 30 s, whatever it is then."""
    deadline = time.monotonic() + 30
    while True:
        text = str(place_of(sys._current_frames().get(thread.ident)))
        if text.endswith(expected) or time.monotonic() > deadline:
            return text
        time.sleep(0.01)

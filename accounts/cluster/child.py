"""A process that does one piece of Python work for its starter, talks with it through a pipe, and ends with it."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing.connection import Connection

import django
from django.db import connection

END_WITHIN_S = 5.0

Work = Callable[[Connection], None]

# A new Python, as on every system: one that is forked would have our threads' locks, but not the threads.
_CONTEXT = multiprocessing.get_context("spawn")


class Child(AbstractContextManager["Child"]):
    """A process that is gone when the block ends; killed, if the block ends with an error.

    It also ends if we are killed: as soon as it uses the pipe. What it prints goes to stderr. Ctrl-C in our terminal is
    for us to handle: where the system can say so (not on Windows), it does not reach the process.
    """

    def __init__(self) -> None:
        self.pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=[theirs], daemon=True)
        with _interrupts_ignored():
            self._process.start()
        theirs.close()

    def begin(self, work: Work, *, database: str) -> None:
        """Let it call `work`, which can be pickled, with the other end of the pipe, on this database of our server."""
        with suppress(OSError):  # it has died, which is noticed when its answer is read
            self.pipe.send((database, work))

    def last_words(self) -> str:
        """How it has ended."""
        self._process.join(END_WITHIN_S)
        status = self._process.exitcode
        if status is not None and status < 0:
            return f"killed by {signal.Signals(-status).name}"
        return f"it ended itself with exit status {status}, as os._exit() does"

    def __exit__(self, kind: object, *exception: object) -> None:
        self.pipe.close()
        if kind is None:
            self._process.join(END_WITHIN_S)
        self._process.kill()
        self._process.join()


def _work(pipe: Connection) -> None:
    """What the process does: get ready, be told what to do, and do it."""
    os.dup2(2, 1)
    django.setup()
    with suppress(EOFError, ConnectionError):  # the starter has ended, or wants no more
        database, work = pipe.recv()
        connection.settings_dict["NAME"] = database
        work(pipe)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """A process that is started inside ignores Ctrl-C from its first moment on; it inherits that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

"""Work in a thread beside what a command does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def working_beside(work: Callable[[threading.Event], None], *, name: str) -> Iterator[None]:
    """While the block lasts, the thread works. At its end the event is set, and the thread waited for."""
    over = threading.Event()

    def work_until_over() -> None:
        try:
            work(over)
        finally:
            connection.close()

    thread = threading.Thread(target=work_until_over, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

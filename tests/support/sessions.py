"""Work in a second database session of this process."""

import threading
from collections.abc import Callable

from django.db import connection

PATIENCE_S = 30


def in_another_session(work: Callable[[], object]) -> None:
    """Do it in a thread with a connection of its own, and wait for its end; fail the test if it raises or hangs."""
    errors = []

    def with_own_connection() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=with_own_connection, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert not thread.is_alive(), f"It does not end within {PATIENCE_S} s."
    assert not errors

"""Guards a session's connection: what is sent over it must have passed a gate.

A gate sees only what goes through Django's cursor, `_commit` and `_rollback`. A session that talks to the driver's
connection itself would take steps that no schedule orders; so the guard refuses them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# What Django itself says to the server beside the statements: whether it is still there, and how to commit.
_ALWAYS_ALLOWED = ("is_usable", "_set_autocommit")


class ConnectionGuard:
    """Calls `refuse`, which raises, when something is sent over the guarded connection outside of `allowed()`.

    It looks at one place: psycopg sends and receives everything in Connection.wait(), be it a statement, a row of a
    COPY or a FETCH of a cursor.
    """

    def __init__(self, refuse: Callable[[], None]) -> None:
        self._refuse = refuse
        self._is_allowed = False

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """What is sent inside of this block has passed a gate."""
        before, self._is_allowed = self._is_allowed, True
        try:
            yield
        finally:
            self._is_allowed = before

    def install(self, wrapper: BaseDatabaseWrapper) -> None:
        """Guard this connection from here on, until it is closed."""
        raw = wrapper.connection
        wait = raw.wait

        def wait_if_allowed(*arguments: Any, **options: Any) -> Any:
            if not self._is_allowed:
                self._refuse()
            return wait(*arguments, **options)

        raw.wait = wait_if_allowed
        for name in _ALWAYS_ALLOWED:
            setattr(wrapper, name, self._allowing(getattr(type(wrapper), name), wrapper))
        # A cursor of the server (.iterator()) would fetch its rows after its step. An ordinary one has them all.
        # (mypy: a method is replaced on purpose.)
        wrapper.chunked_cursor = wrapper.cursor  # type: ignore[method-assign]

    def _allowing(self, method: Callable[..., Any], wrapper: BaseDatabaseWrapper) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            with self.allowed():
                return method(wrapper, *arguments, **options)

        return call

"""The stage: several sessions, and a director who says whose step is next and sees who is blocked by whom."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection

from accounts.explorer.session import Session, State, Step

LOOK_AFTER_S = 0.002
PATIENCE_S = 10.0


class Stuck(Exception):
    """A session neither arrived at its next step, nor ended, nor was found waiting for another session."""


class Stage(AbstractContextManager):
    """Sessions with connections of their own, kept from one run to the next; close it, or use it in a `with`.

    Must not be used inside a database transaction: its sessions would not see what that one wrote.
    """

    def __init__(self, names: Iterable[str], *, is_step: Callable[[str], bool]) -> None:
        self._changed = threading.Condition()
        self.sessions = {name: Session(name, is_step=is_step, changed=self._changed) for name in names}
        self.trace: list[Step] = []

    def __exit__(self, *exception: object) -> None:
        with self._changed:
            for session in self.sessions.values():
                session.close()
        for session in self.sessions.values():
            session.join(PATIENCE_S)

    def begin(self, works: Mapping[str, Callable[[], Any]]) -> None:
        """Start each session's work, up to its first step."""
        self.trace = []
        with self._changed:
            for name, work in works.items():
                self.sessions[name].begin(work)
        for name in works:
            self._settle(self.sessions[name])

    def step(self, name: str) -> bool:
        """Let a session take its next step. Returns whether it was done; False: the session is blocked in it.

        Sessions that were blocked and are so no more go on to their own next step meanwhile.
        """
        session = self.sessions[name]
        with self._changed:
            if session.state is not State.AT_GATE:
                raise ValueError(
                    f"Session {name} cannot take a step: it is {session.state.value} ({session.error!r})."
                ) from session.error
            self.trace.append(session.next_step)
            session.release()
        done = self._settle(session)
        for other in self.sessions.values():
            if other is not session and other.state is State.RUNNING:
                self._settle(other)
        return done

    def ready(self) -> list[str]:
        """The sessions that stand before a step."""
        return [name for name, session in self.sessions.items() if session.state is State.AT_GATE]

    def is_over(self) -> bool:
        return all(session.state is State.DONE for session in self.sessions.values())

    def abandon(self) -> None:
        """End all work where it stands, rolled back."""
        with self._changed:
            for session in self.sessions.values():
                session.abandon()
            self._changed.wait_for(self.is_over, PATIENCE_S)

    def _settle(self, session: Session) -> bool:
        """Wait until a released session stands before its next step or has ended (True), or is blocked (False)."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with self._changed:
                if self._changed.wait_for(lambda: session.state is not State.RUNNING, LOOK_AFTER_S):
                    return True
            if self._is_blocked(session):
                return False
        raise Stuck(f"Session {session.name} did not arrive at its next step within {PATIENCE_S:.0f} s.")

    def _is_blocked(self, session: Session) -> bool:
        """Whether it waits for a lock that another of our sessions holds."""
        ours = [other.pid for other in self.sessions.values() if other.pid is not None]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_blocking_pids(%s) && %s::int[]", [session.pid, ours])
            return cursor.fetchone()[0]

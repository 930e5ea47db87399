"""Sessions that look for a deadlock as soon as they wait: each is to have looked before another one takes a step.

PostgreSQL looks for a deadlock when a session has waited for a while. The session whose step may close a circle of
waits is told to look at once (server_settings.py), so that it is always the one that finds the deadlock and is refused.
If another step could close the circle while it still looks, either of the two might be refused, and a schedule had two
ends.
"""

import threading
import time
from collections.abc import Mapping

from interleavings.engine.session import Session
from interleavings.engine.waits import Waits, begun_since

# A session says when it has looked, after about a millisecond; only a wait that is for no lock is never spoken of.
LOOKED_S = 1.0


class EarlyLooks:
    """Follows the waits of a scheduler's sessions, step by step: `give_time` before each step, `note` after it."""

    def __init__(self, sessions: Mapping[str, Session], arrived: threading.Condition) -> None:
        """`arrived` is notified when the database says something of a wait."""
        self._sessions = sessions
        self._arrived = arrived
        self.begin()

    def begin(self) -> None:
        """Nothing waits yet."""
        self._since_s: dict[str, float] = {}  # since when each session has waited for those for which it does now
        self._word_counts: dict[str, int] = {}  # before the step: how often the database had spoken of each wait
        self._step_began_s = 0.0

    def give_time(self) -> None:
        """Pause until the sessions that look for deadlocks early have looked: they say so, or should have by now."""
        early = {self._sessions[name]: since_s for name, since_s in self._since_s.items()}
        early = {session: since_s for session, since_s in early.items() if session.looks_early}
        pause_s = max(early.values(), default=0.0) + LOOKED_S - time.monotonic()
        if pause_s > 0:
            with self._arrived:
                self._arrived.wait_for(lambda: all(session.has_found_no_deadlock for session in early), pause_s)
        self._word_counts = {name: self._sessions[name].word_count for name in self._since_s}
        self._step_began_s = time.monotonic()

    def note(self, before: Waits, after: Waits, *, may_have_ended: bool) -> None:
        """Note since when each session has waited; `may_have_ended`: whether the step may have ended a wait.

        A session may wait anew, and for the same one as before: behind it for a row, and then for its transaction. The
        database's word that the last wait is over may not be read yet.
        """
        now_s = time.monotonic()
        known = {name: self._since_s[name] for name in after if after[name] == before.get(name)}
        self._since_s = {name: known.get(name, now_s) for name in after}
        early = [self._sessions[name] for name in before if name in after and self._sessions[name].looks_early]
        if early and may_have_ended:
            for name in begun_since(self._step_began_s, early):
                self._sessions[name].waits_anew(self._word_counts[name])
                self._since_s[name] = time.monotonic()

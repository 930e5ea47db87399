"""One session: a thread with a database connection of its own, which stops before each step until it is released."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from interleavings.engine.current import Abandoned, belongs_to
from interleavings.engine.gates import Gates
from interleavings.engine.step import Step
from interleavings.engine.tracker import Tracker

if TYPE_CHECKING:
    from interleavings.engine.python_locks import Lock

Work = Callable[[], Any]


class State(Enum):
    """What a session is doing."""

    DONE = "done"  # it has no work, or has ended it
    RUNNING = "running"  # it is on its way to its next gate; so too while the database lets it wait for a lock
    AT_GATE = "at gate"  # its next step is known, and has not begun
    WAITING = "waiting for a Python lock"


class Command(Enum):
    """What the scheduler has told a session to do."""

    STOP = "stop at the next gate"
    GO = "take the step that you stand before"
    ABANDON = "leave your work at this gate, or at the next one"
    CLOSE = "leave your work, and end the thread"


class Manner(NamedTuple):
    """How a session is to wait, should its next step have to."""

    #: other sessions wait already, so this step may close a circle of waits: the database is to look for one at once,
    #: and not after a second
    is_deadlock_checked_at_once: bool = False
    #: when it is woken, it is to be slower than others (choices.py)
    is_slow_to_wake: bool = False


@dataclass
class Record:
    """What a session has done since it began its present work."""

    tracker: Tracker
    trace: list[Step] = field(default_factory=list)
    #: the Python locks that it holds
    python_locks: "list[Lock]" = field(default_factory=list)
    #: what the work returned
    result: Any = None
    #: what the work raised
    error: BaseException | None = None
    #: what it did that no session may do, as the end of a sentence; the whole run is worth nothing then
    fault: str = ""


class Session:
    """Runs pieces of work one after another in its own thread, each stopping at every gate.

    `is_step(sql)` says which statements are steps; the others run along with the step before them.

    Who may touch what:

    * `state`, `next_step`, `awaited_lock`, `manner`, `has_waited`, `looks_early`, `word_count` and all private fields
      are guarded by `lock`, which all sessions of one scheduler share. A session that stops notifies `arrived`, a
      condition of that lock, and waits for its `turn`.
    * `record` and `pid` are written by the session's own thread alone. Others read them while it stands still; `pid`
      and `record.fault` at any time.
    """

    def __init__(
        self, name: str, *, is_step: Callable[[str], bool], arrived: threading.Condition, lock: threading.RLock
    ) -> None:
        self.name = name
        #: of its server process, as pg_blocking_pids() names it
        self.pid: int | None = None
        self.record = Record(Tracker(name))
        self.lock = lock
        self.turn = threading.Condition(lock)
        self.state = State.DONE
        self.next_step: Step | None = None
        self.awaited_lock: Lock | None = None
        self._arrived = arrived
        self._command = Command.STOP
        self.manner = Manner()
        #: whether it has waited for another session in its present step
        self.has_waited = False
        #: whether its present statement looks for a deadlock as soon as it waits, and says so
        self.looks_early = False
        #: how often the database has spoken of its waits in this step
        self.word_count = 0
        self._words_of_earlier_waits = 0
        self._work: Work | None = None  # given by `begin`, not yet taken up by the thread
        self._gates = Gates(self, is_step)
        self.thread = threading.Thread(target=self._live, name=f"session-{name}", daemon=True)
        self.thread.start()

    # For the scheduler, which holds `lock`.

    def begin(self, work: Work) -> None:
        """Start the work; it runs up to its first gate by itself."""
        self.record = Record(Tracker(self.name))
        self.next_step, self.awaited_lock = None, None
        self._work, self.state, self._command = work, State.RUNNING, Command.STOP
        self.turn.notify()

    def release(self, manner: Manner) -> None:
        """Let it take the step that it stands before."""
        self.manner, self.word_count, self._words_of_earlier_waits = manner, 0, 0
        self._command, self.state = Command.GO, State.RUNNING
        self.has_waited = self.looks_early = False
        self.turn.notify()

    @property
    def has_found_no_deadlock(self) -> bool:
        """Whether the database has said that in its present wait there is no deadlock; it is asked to with a manner.

        It says so, and says when that wait is over. In one step a session may wait several times, for one row after
        another, and each time it looks anew.
        """
        return self.word_count > self._words_of_earlier_waits and self.word_count % 2 == 1

    def waits_anew(self, word_count: int) -> None:
        """The wait in which the database had spoken so often is over, though its last word may not be read yet."""
        self._words_of_earlier_waits = word_count + word_count % 2

    def abandon(self) -> None:
        """Make it leave its work at the gate where it stands, or at the next one."""
        self._command = Command.ABANDON
        self.turn.notify()

    def ask(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """What its open transaction sees, while it stands at a gate: where it has locked all others out of a table.

        None if that is not just what has been committed: it has written something, reads in a snapshot, or has failed.
        """
        return None if self.record.tracker.may_have_written else self._gates.ask(sql, params)

    def close(self) -> None:
        """Make it leave its work, close its connection and end its thread."""
        self._command = Command.CLOSE
        self.turn.notify()

    # For its gates and the Python locks: called in the session's own thread.

    @property
    def is_abandoned(self) -> bool:
        return self._command in (Command.ABANDON, Command.CLOSE)

    def stop_at_gate(self, step: Step) -> None:
        """Stand before the step until released. Raises Abandoned if the run ends before."""
        with self.lock:
            self.state, self.next_step = State.AT_GATE, step
            self._arrived.notify()
            self.turn.wait_for(lambda: self._command is not Command.STOP)
            self.state = State.RUNNING
            if self.is_abandoned:
                raise Abandoned
            self._command, self.next_step = Command.STOP, None
            self.record.trace.append(step)
            self.record.tracker.next_step()

    def wait_for(self, lock: "Lock", is_mine: Callable[[], bool]) -> None:
        """Wait for a Python lock, while holding `self.lock`. Raises Abandoned if the run ends before."""
        self.state, self.awaited_lock = State.WAITING, lock
        self._arrived.notify()
        self.turn.wait_for(lambda: is_mine() or self.is_abandoned)
        self.state, self.awaited_lock = State.RUNNING, None
        if not is_mine():
            raise Abandoned

    def note_early_look(self) -> None:
        """The statement that follows looks for a deadlock as soon as it waits, and says so."""
        with self.lock:
            self.looks_early = True

    def note_word_about_wait(self) -> None:
        """The database says that the session waits and has found no deadlock; or, then, that this wait is over."""
        with self.lock:
            self.word_count += 1
            self._arrived.notify()

    # The thread.

    def _live(self) -> None:
        belongs_to(self)
        try:
            while (work := self._next_work()) is not None:
                self._do(work)
        finally:
            connection.close()

    def _next_work(self) -> Work | None:
        """The next piece of work; None: there will be no more."""
        with self.lock:
            self.turn.wait_for(lambda: self._work is not None or self._command is Command.CLOSE)
            work, self._work = self._work, None
            return None if self._command is Command.CLOSE else work

    def _do(self, work: Work) -> None:
        try:
            self._gates.connect()
            with connection.execute_wrapper(self._gates.execute):
                self.record.result = work()
        except Abandoned:
            pass
        except BaseException as error:  # whatever the work raised is its outcome; the session must survive it
            self.record.error = error
        finally:
            self._gates.clean_connection(is_closing=self._command is Command.CLOSE)
            with self.lock:
                self.state, self.next_step = State.DONE, None
                self._arrived.notify()

"""A scheduler without a database: sessions that read, write and lock things, for tests of the search alone.

    "r x"     reads the committed x, or what its own transaction has written
    "w x"     locks x, reads and writes it; others see that after "commit", outside a transaction at once
    "l xy"    locks x, and then y
    "d x"     locks x, and then z, should x have been written: the database says so, its text does not
    "begin"   begins a transaction; no step by itself
    "commit"  ends it, and frees its locks

A session that waits gets its lock in the order of asking. One that would close a circle of waits is refused, and ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from interleavings.engine.choices import Release
from interleavings.engine.footprint import A_WAIT, Footprint
from interleavings.engine.session import State
from interleavings.engine.step import Step

Program = Sequence[str]


@dataclass
class ToySession:
    """One session, where it stands in its program."""

    name: str
    program: Program
    record: Any = field(default_factory=lambda: SimpleNamespace(trace=[], result=None, error=None))
    place: int = 0
    in_transaction: bool = False
    locked: set[str] = field(default_factory=set)
    written: dict[str, int] = field(default_factory=dict)
    to_lock: list[str] = field(default_factory=list)  # by its present statement; it waits for the first of these
    seen: list[Any] = field(default_factory=list)

    @property
    def state(self) -> State:
        if self.to_lock:
            return State.RUNNING
        return State.AT_GATE if self.place < len(self.program) else State.DONE

    @property
    def next_step(self) -> Step | None:
        return Step(self.name, self.program[self.place]) if self.state is State.AT_GATE else None

    @property
    def statement(self) -> str:
        return self.record.trace[-1].sql

    def skip_begin(self) -> None:
        while self.state is State.AT_GATE and self.program[self.place] == "begin":
            self.in_transaction = True
            self.place += 1


class ToyScheduler:
    """What Search uses of a Scheduler."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self.programs = programs
        self.begin_count = 0

    def begin(self, _works: Any) -> None:
        self.begin_count += 1
        self.sessions = {name: ToySession(name, program) for name, program in self.programs.items()}
        self.committed: dict[str, int] = {}
        self.queues: dict[str, list[ToySession]] = {}  # who waits for each lock, in the order of asking
        self.trace: list[Step] = []
        self.release = Release()
        for session in self.sessions.values():
            session.skip_begin()

    def ready(self) -> list[str]:
        return [name for name, session in self.sessions.items() if session.state is State.AT_GATE]

    @property
    def waits(self) -> dict[str, list[str]]:
        return {name: self._ahead_of(session) for name, session in self.sessions.items() if session.to_lock}

    def step(self, name: str, *, is_slow_to_wake: bool = False) -> None:
        session, waited = self.sessions[name], set(self.waits)
        step = Step(name, session.program[session.place])
        word, _, things = step.sql.partition(" ")
        session.place += 1
        self.trace.append(step)
        session.record.trace.append(step)
        self.footprint = Footprint(sessions={name})
        if word == "r":
            self._read(session, things)
        elif word == "commit":
            self._end(session)
        else:
            is_more = word == "d" and self.committed.get(things)
            session.to_lock = [*things, "z"] if is_more else [*things]
            self._lock(session)
            step.waited_for = self._ahead_of(session) if session.to_lock else []
        self.release = Release(freed=tuple(sorted(waited - set(self.waits))))
        self.footprint.sessions |= set(self.release.freed)
        self.footprint.everything |= len(self.release.freed) > 1
        for each in self.sessions.values():
            each.skip_begin()

    def place_of_last_step(self, name: str) -> int:
        raise AssertionError("the toy has no rivals")

    has_ended_transaction = place_of_last_step

    def abandon(self) -> None:
        pass

    def end(self) -> tuple[Any, ...]:
        """What is to be the same in equivalent schedules: what each session saw, and what stands at the end."""
        return (
            *(tuple(session.seen) for session in self.sessions.values()),
            tuple(sorted(self.committed.items())),
            tuple(self.waits),
        )

    # What a step does.

    def _read(self, session: ToySession, thing: str) -> None:
        self.footprint.reads.add((thing, 1))
        session.seen.append(session.written.get(thing, self.committed.get(thing, 0)))

    def _lock(self, session: ToySession) -> None:
        """Go on with its statement, until it has to wait."""
        word, _, things = session.statement.partition(" ")
        self.footprint.locks |= {(thing, 1) for thing in [*session.to_lock, *things]}
        self.footprint.is_said_by_text &= word != "d"
        if word == "d":
            self.footprint.reads.add((things, 1))
        while session.to_lock and self._is_free_for(session, session.to_lock[0]):
            session.locked.add(session.to_lock.pop(0))
        if session.to_lock:
            self.footprint.locks.add(A_WAIT)
            self.queues.setdefault(session.to_lock[0], []).append(session)
            if self._is_in_circle(session):
                self._refuse(session)
            return
        if word == "w":
            self._read(session, things)
            session.written[things] = hash((session.name, session.place, tuple(session.seen))) % 1000
        if not session.in_transaction:
            self._end(session)

    def _end(self, session: ToySession) -> None:
        self.committed |= session.written
        self.footprint.publishes |= {(thing, 1) for thing in session.written}
        self._give_up_locks(session)

    def _give_up_locks(self, session: ToySession) -> None:
        self.footprint.releases |= {(thing, 1) for thing in session.locked}
        locked, session.locked, session.written, session.in_transaction = session.locked, set(), {}, False
        for thing in sorted(locked):
            if queue := self.queues.get(thing):
                first = queue.pop(0)
                first.locked.add(first.to_lock.pop(0))
                self._lock(first)

    def _refuse(self, session: ToySession) -> None:
        self.queues[session.to_lock[0]].remove(session)
        session.to_lock, session.written, session.place = [], {}, len(session.program)
        session.seen.append("refused")
        session.record.trace[-1].error = "40P01"
        self.footprint.everything = True
        self._give_up_locks(session)

    # Who waits for whom.

    def _is_free_for(self, session: ToySession, thing: str) -> bool:
        return not self._holders(thing, session) and not self.queues.get(thing)

    def _holders(self, thing: str, session: ToySession) -> list[str]:
        return [other.name for other in self.sessions.values() if thing in other.locked and other is not session]

    def _ahead_of(self, session: ToySession) -> list[str]:
        thing = session.to_lock[0]
        queue = self.queues[thing]
        return [*self._holders(thing, session), *(other.name for other in queue[: queue.index(session)])]

    def _is_in_circle(self, session: ToySession) -> bool:
        to_visit, seen = self._ahead_of(session), set()
        while to_visit:
            other = self.sessions[to_visit.pop()]
            if other is session:
                return True
            if other.name not in seen:
                seen.add(other.name)
                to_visit += self._ahead_of(other) if other.to_lock else []
        return False

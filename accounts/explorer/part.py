"""What one of several processes does in an exploration: it runs the parts of the tree that it is given (jobs.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError

from accounts.errors import BankError
from accounts.explorer.exploration import Exploration
from accounts.explorer.plan import Plan
from accounts.explorer.prepared import prepare
from interleavings.engine.repeatability import NextSteps
from interleavings.engine.search import Search
from interleavings.engine.split import Split, split_depth


class Answer(Enum):
    """What a process is told."""

    TAKE = "the part is yours"
    LEAVE = "another process runs that part"
    STOP = "run no more, and say what was found"


class Reached(NamedTuple):
    """A process has come to a part, and waits for an answer. The schedule that leads there says which part."""

    beginning: str


class Ran(NamedTuple):
    """A process has run a schedule to its end, after so many steps since it last said so."""

    step_count: int


class Finished(NamedTuple):
    """A process has come to its end."""

    parts: Mapping[str, Exploration]  #: what was found in each part that it ran
    reached: frozenset[str]  #: all parts that it came to
    unmet: list[str]
    next_steps: NextSteps


class _Stopped(Exception):
    """No more is to be run."""


@dataclass(frozen=True)
class Share:
    """What a process is to do, ready to be pickled: call it with the pipe to the process that waits for the result."""

    plan: Plan
    prune: bool
    keep_timelines: bool

    def __call__(self, pipe: Connection) -> None:
        """Send Reached and Ran on the way, and then Finished; or the error that says why it cannot be explored."""
        try:
            finished = self._explore(pipe)
        except (BankError, DatabaseError, InterfaceError) as refusal:
            pipe.send(refusal)
        else:
            pipe.send(finished)

    def _explore(self, pipe: Connection) -> Finished:
        parts: dict[str, Exploration] = {}
        reached = set()
        with prepare(self.plan) as prepared:
            blank = partial(Exploration, self.plan, numbers=prepared.numbers)

            def take(beginning: str) -> bool:
                reached.add(beginning)
                pipe.send(Reached(beginning))
                if (answer := pipe.recv()) is Answer.STOP:
                    raise _Stopped
                if answer is Answer.TAKE:
                    parts[beginning] = blank(timelines=[] if self.keep_timelines else None)
                return answer is Answer.TAKE

            split = Split(split_depth(len(self.plan.sessions)), take)
            search = Search(prepared.scenario, prepared.scheduler, prune=self.prune, split=split)
            try:
                self._run(search, split, parts, pipe)
            except _Stopped:
                pass
        for part in parts.values():
            part.worst = part.worst and replace(part.worst, errors=_told(part.worst.errors))
        return Finished(parts, frozenset(reached), search.unmet, search.repeatability.next_steps())

    def _run(self, search: Search, split: Split, parts: Mapping[str, Exploration], pipe: Connection) -> None:
        said_count = 0
        for run in search.runs():
            parts[split.part_of(run.steps)].add(run)
            pipe.send(Ran(search.step_count - said_count))
            said_count = search.step_count
            if pipe.poll():
                return  # all that is ever said unasked is STOP


class Told(Exception):
    """An error that goes to another process, where its class need not be known: it arrives as one of the same name."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_the_name, self.args


def _of_the_name(name: str, message: str) -> Exception:
    named: Exception = type(name, (Exception,), {})(message)
    return named


def _told(errors: Mapping[str, BaseException]) -> dict[str, Told]:
    return {session: Told(type(error).__name__, str(error)) for session, error in errors.items()}

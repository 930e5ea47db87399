"""Checks that sessions do the same again when all that they can see is the same: else no proof holds.

A search runs every schedule from its beginning, and takes it that the same beginning leads to the same next steps. With
pruning it takes more: that a session's next step depends only on its *past*, which is its own steps, and those before
them that they touch by rows or locks. A random order, the clock, or what a module keeps in a variable can break both.
This notices it, as soon as it shows in the text of a step or in the values given to it.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Set
from datetime import date, time
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from interleavings.engine.faults import Fault, say_contradiction, say_not_repeatable
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.session import State
from interleavings.engine.step import Step

_SAVEPOINT = re.compile(r"s\d+_x\d+")  # as Django names them: by thread, and counted as long as a connection lives
_NUMBER = re.compile(r"\d+")
_CLOCK_FROM = 1_000_000_000  # numbers from here on may be seconds since 1970

#: For each session and past of it: the statement that came next, without its numbers; empty if the session has ended
NextSteps = Mapping[tuple[str, int], str]

Place = tuple[str, int]  # a text, and the number of a value in it


class Next(NamedTuple):
    """What a session does next: a step, or none, because it has ended; and the beginning in which it was seen."""

    sql: str
    #: the values given to it, and the numbers in its text
    values: tuple[Hashable, ...]
    #: the past of the whole run
    beginning: int
    #: its statement as it was
    text: str = ""

    @classmethod
    def of(cls, step: Step | None, beginning: int) -> "Next":
        if step is None:
            return cls("", (), beginning)
        sql, numbers = _without_numbers(step.sql)
        return cls(sql, (*numbers, *_values(step.params)), beginning, step.sql)


def without_savepoint_names(sql: str) -> str:
    """The statement without what Django calls a savepoint: it counts them as long as a connection lives."""
    return _SAVEPOINT.sub("savepoint", sql)


class Repeatability:
    """Follows one run after another. For each, call `begin`, and then `stepped` after each step.

    Raises Fault where a session's next step is not what it was when it had the same past:

    1. The past of a step is a number made of the step, what it read, its effects, and the pasts of the earlier steps
       that it touches (without pruning: of all earlier steps).
    2. The past of a session is that of the last step which it took, or which let it go on.
    3. In the first run in which a session has a certain past, its next step is noted. In every later run it must have
       the same text, and the same values. Values that have never stood at their place of that text before may differ:
       new keys of rows, random names. So may times; and texts that come after each other as times do: the one that
       was noted has not been seen since the other one came.
    """

    def __init__(self, *, prune: bool) -> None:
        self._prune = prune
        self._next: dict[tuple[str, int], Next] = {}
        self._run = 0  # the number of this run
        # The first and the last run in which a value stood at this place of this text; of all runs before this one.
        self._seen: defaultdict[Place, dict[Hashable, tuple[int, int]]] = defaultdict(dict)
        self._seen_now: list[tuple[Place, Hashable]] = []
        self._pasts: list[int] = []  # of each step of this run
        self._beginning = 0  # the past of the whole run so far

    def begin(self, scheduler: Scheduler) -> None:
        """A run has begun: every session stands before its first step."""
        for place, value in self._seen_now:
            first, _last = self._seen[place].get(value, (self._run, self._run))
            self._seen[place][value] = first, self._run
        self._run += 1
        self._seen_now, self._pasts, self._beginning = [], [], 0
        for name in scheduler.sessions:
            self._check(scheduler, name, past=0)

    def stepped(self, scheduler: Scheduler, touched: Set[int] = frozenset()) -> None:
        """A step was taken. `touched`: the places of the earlier steps that it touches; not needed without pruning."""
        step, freed = scheduler.trace[-1], scheduler.release.freed
        effects = [step, *(scheduler.sessions[name].record.trace[-1] for name in freed)]
        # What was read belongs to the past: without ORDER BY the database gives rows in any order, and of several that
        # went on at once nothing else may tell which was faster.
        results = repr([(its.error, its.row_count, its.rows) for its in effects])
        waits = tuple(sorted(step.waited_for))
        itself = _number((step.session, Next.of(step, 0).sql, waits, freed, step.let_go, results))
        before = tuple(sorted(self._pasts[place] for place in touched))
        past = _number((itself, before if self._prune else self._beginning))
        self._pasts.append(past)
        self._beginning = _number((itself, self._beginning))
        for name in (step.session, *freed):
            self._check(scheduler, name, past=past)

    def next_steps(self) -> NextSteps:
        """What each session did next, in all runs: to be held against what it did in another process."""
        return {key: known.sql for key, known in self._next.items()}

    def _check(self, scheduler: Scheduler, name: str, *, past: int) -> None:
        session = scheduler.sessions[name]
        if session.state not in (State.AT_GATE, State.DONE):
            return
        now = Next.of(session.next_step, self._beginning)
        before = self._next.setdefault((name, past), now)
        is_same = now.sql == before.sql and len(now.values) == len(before.values)
        for number, (value, earlier) in enumerate(zip(now.values, before.values, strict=False)):
            place = now.sql, number
            is_same = is_same and (value == earlier or self._may_differ(place, value, earlier))
            self._seen_now.append((place, value))
        if not is_same:
            is_same_beginning = now.beginning == before.beginning
            raise Fault(say_not_repeatable(session, before.text, now.text, is_same_beginning=is_same_beginning))

    def _may_differ(self, place: Place, value: Hashable, earlier: Hashable) -> bool:
        """Point 3."""
        seen = self._seen[place]
        if value not in seen or _may_be_time(value):
            return True
        follows = earlier in seen and seen[earlier][1] <= seen[value][0]
        return follows and isinstance(value, str) and (place, earlier) not in self._seen_now


def find_contradiction(one: NextSteps, other: NextSteps) -> str:
    """A sentence on a session that has not done the same in two processes, although its past was equal; "" if all have.

    What they have read is part of the past. So this finds the more, the more alike their databases are.
    """
    for key in one.keys() & other.keys():
        if one[key] != other[key]:
            return say_contradiction(key[0], one[key], other[key])
    return ""


@lru_cache(maxsize=1000)  # the same statements come again and again
def _without_numbers(sql: str) -> tuple[str, tuple[int, ...]]:
    """A statement with 0 in place of each number, and the numbers."""
    sql = without_savepoint_names(sql)
    return _NUMBER.sub("0", sql), tuple(map(int, _NUMBER.findall(sql)))


def _number(past: tuple[Any, ...]) -> int:
    """A number for a past: the same in every process, as hash() is not."""
    return int.from_bytes(blake2b(repr(past).encode(errors="backslashreplace"), digest_size=8).digest())


def _values(params: Any) -> Iterator[Hashable]:
    """The values given to a statement, flat; each as something that can be looked up."""
    for value in params.values() if isinstance(params, dict) else params or ():
        if isinstance(value, (list, tuple)):
            yield from _values(value)
        else:
            yield value if isinstance(value, Hashable) else repr(value)


def _may_be_time(value: Hashable) -> bool:
    return isinstance(value, (date, time)) or (isinstance(value, (int, float)) and value >= _CLOCK_FROM)

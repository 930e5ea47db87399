"""Runs the calls one after another, in every order, twice: how a schedule may end, and what cannot be compared."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import permutations, zip_longest
from typing import Any

from interleavings.engine.code_place import say_where
from interleavings.engine.hung import say_hung
from interleavings.engine.repeatability import without_savepoint_names
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.step import Step
from interleavings.errors import CannotExplore
from interleavings.oracle.outcome import Column, Outcome

Order = tuple[str, ...]

MAX_LOOKED_AT_AGAIN = 24
Observe = Callable[[Scheduler, Iterable[str]], Outcome]


@dataclass
class SerialOrders:
    """How the calls end one after another. Orders of fewer calls are run when they are asked for."""

    scheduler: Scheduler
    begin: Callable[[], Mapping[str, Callable[[], Any]]]  #: sets everything back, and returns the calls by name
    observe: Observe
    ignored: frozenset[Column] = frozenset()  #: columns that differed between two equal runs
    _outcomes: dict[Order, Outcome] = field(default_factory=dict)

    def run_all(self, names: Iterable[str]) -> None:
        """Run every order of all calls twice. Raises CannotExplore for a call that is not the same twice."""
        for order in permutations(names):
            self._run_twice(order)

    def of(self, names: Iterable[str]) -> dict[Order, Outcome]:
        """How each order of these calls ends."""
        orders = list(permutations(sorted(names)))
        for order in orders:
            if order not in self._outcomes:
                self._run_twice(order)
        return {order: self._outcomes[order] for order in orders}

    def _run_twice(self, order: Order) -> None:
        """Two runs of one order begin alike: what differs between their ends comes from a clock, or is random."""
        (first, steps), (second, again) = self._run(order), self._run(order)
        _check_steps(order, steps, again)
        self.ignored |= frozenset(_different(first, second))
        self._outcomes[order] = first

    def look_again(self) -> None:
        """Run orders once more. A clock of seconds may not have moved between two runs, and have moved since."""
        for order, outcome in list(self._outcomes.items())[:MAX_LOOKED_AT_AGAIN]:
            again, _steps = self._run(order)
            self.ignored |= frozenset(_different(outcome, again))

    def _run(self, order: Order) -> tuple[Outcome, list[Step]]:
        """One call after another, each begun when the one before it has ended.

        Raises CannotExplore for one that waits for ever although it comes alone: no end can be compared with that.
        """
        works, steps = self.begin(), []
        for name in order:
            self.scheduler.begin({name: works[name]})
            while self.scheduler.ready():
                self.scheduler.step(name)
            steps += self.scheduler.trace
            if name in self.scheduler.waits:
                self.scheduler.abandon()
                (sentence, *_) = say_hung([name], steps)
                raise CannotExplore(f"{_in_order(order)}, {sentence} That is no race: repair it.")
        return self.observe(self.scheduler, order), steps


def _in_order(order: Order) -> str:
    return f"In the order {', then '.join(order)}"


def _check_steps(order: Order, steps: list[Step], again: list[Step]) -> None:
    """Raise CannotExplore if the same calls, in the same order, from the same rows, took other steps."""
    pairs = enumerate(zip_longest(steps, again), start=1)
    for place, (step, other) in pairs:
        if step is None or other is None or _what(step) != _what(other):
            raise CannotExplore(
                f"The calls are not the same twice. {_in_order(order)}, step {place} was "
                f"{_say(step)} the first time, and {_say(other)} the second time: take out what is "
                "random, or depends on a cache or a clock."
            )


def _what(step: Step) -> tuple[str, str]:
    return step.session, without_savepoint_names(step.sql)


def _say(step: Step | None) -> str:
    return f"{step.session}'s {step}{say_where(step.code_stack)}" if step else "not taken"


def _different(first: Outcome, second: Outcome) -> Iterable[Column]:
    """The columns, and the parts of results, whose values are not the same in both."""
    for tables, others in ((first.added, second.added), (first.removed, second.removed)):
        for table in tables.keys() | others.keys():
            rows, other_rows = tables.get(table, []), others.get(table, [])
            for column in {name for row in [*rows, *other_rows] for name in row}:
                if _values_of(column, rows) != _values_of(column, other_rows):
                    yield table, column
    for call in first.results.keys() | second.results.keys():
        values, other_values = first.results.get(call, {}), second.results.get(call, {})
        for path in values.keys() | other_values.keys():
            if values.get(path) != other_values.get(path):
                yield call, path


def _values_of(column: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(repr(row.get(column)) for row in rows)

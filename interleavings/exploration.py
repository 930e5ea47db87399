"""One exploration: the sessions of the calls, the snapshot that every schedule begins with, and how each one ended."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any

from interleavings.calls import Call, NothingWasDone, done
from interleavings.captured import CapturedInstances
from interleavings.content_types import fill_content_type_cache
from interleavings.database.snapshot import Snapshot
from interleavings.database.steady_plans import steady_plans
from interleavings.database.tables import Table
from interleavings.engine.raced import in_other_orders
from interleavings.engine.replay import replay
from interleavings.engine.scenario import Ended, Run, Scenario, finish
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.search import Search, sample
from interleavings.oracle.outcome import Outcome, difference
from interleavings.oracle.serial import SerialOrders
from interleavings.oracle.values import raised, returned
from interleavings.report.anomaly import anomaly_names
from interleavings.report.refusals import refusal
from interleavings.report.report import Ending, Order
from interleavings.statements import is_neutral
from interleavings.upkeep import Upkeep

PATIENCE_S = 10.0


class Exploration(AbstractContextManager["Exploration"]):
    """Runs the calls. Use it in a `with`: at its end everything is as before, and the sessions are gone."""

    def __init__(self, calls: Mapping[str, Call], invariant: Callable[[], Any] | None) -> None:
        self._calls = {name: done(name, call) for name, call in calls.items()}
        self._invariant = invariant
        self._changed: list[Table] | None = None  # the tables that the last schedule has changed, if that is known
        self.is_exhaustive = False
        #: choices of the database that could not be met, as beginnings of schedules: "A B C A>C"
        self.unmet: list[str] = []
        #: of a sample: about how many schedules there are (Knuth, 1975)
        self.about: float | None = None
        self.upkeep = Upkeep()
        self._captured = CapturedInstances(calls)
        self._serial_ends: dict[Any, set[Any]] = {}

    def __enter__(self) -> "Exploration":
        fill_content_type_cache()
        with ExitStack() as stack:
            self._snapshot = stack.enter_context(Snapshot())
            stack.enter_context(steady_plans(self._snapshot.tables))
            self._scheduler = stack.enter_context(Scheduler(self._calls, is_step=_is_step, patience_s=PATIENCE_S))
            self._scenario = Scenario(tuple(self._calls), self._begin, self._observe_ended, _is_step)
            self._serial = SerialOrders(self._scheduler, self._begin, self._observe)
            self._serial.run_all(self._calls)
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._exit.close()

    # Runs.

    def runs(self, *, prune: bool, limit: int, seed: int) -> list[Run]:
        """Every schedule that can be met, or one of each class of equivalent ones. Of more than `limit`, a sample."""
        search = Search(self._scenario, self._scheduler, prune=prune)
        runs = list(itertools.islice(search.runs(), limit))
        if search.is_exhausted or len(runs) < limit:
            self.is_exhaustive, self.unmet = search.is_exhausted, search.unmet
            return runs
        sample_runs = list(itertools.islice(sample(self._scenario, self._scheduler, seed=seed), limit))
        unlike = {run.schedule: run for run in sample_runs}
        self.about = sum(run.degree for run in sample_runs) / len(sample_runs)
        return list(unlike.values())

    def run(self, schedule: str) -> Run:
        """One schedule, such as "A B A (B) A". Raises Impossible for a step that cannot be taken (replay.py)."""
        replay(self._scheduler, self._scenario, schedule)
        while ready := self._scheduler.ready():  # the rest of a schedule that stops early: one call after the other
            self._scheduler.step(ready[0])
        return finish(self._scheduler, self._scenario)

    def _begin(self) -> Mapping[str, Call]:
        with self.upkeep.of("set_back"):
            self._snapshot.set_back(self._changed)
        self._changed = None
        return self._calls

    # Endings.

    def _observe_ended(self, ended: Ended) -> tuple[Outcome, str]:
        with self.upkeep.of("read"):
            outcome = self._outcome(ended.results, ended.errors)
        return outcome, self._broken()

    def _observe(self, scheduler: Scheduler, names: Iterable[str]) -> Outcome:
        sessions = [scheduler.sessions[name] for name in names]
        return self._outcome(
            {session.name: session.record.result for session in sessions if session.record.error is None},
            {session.name: session.record.error for session in sessions if session.record.error is not None},
        )

    def _outcome(self, results: Mapping[str, Any], errors: Mapping[str, BaseException]) -> Outcome:
        for error in errors.values():
            if isinstance(error, NothingWasDone):
                raise error
        self._captured.check()
        refused = {name: state for name, error in errors.items() if (state := refusal(error))}
        values = {name: returned(result) for name, result in results.items()}
        values |= {name: raised(error) for name, error in errors.items() if name not in refused}
        self._changed = changed = self._snapshot.changed()
        rows = self._snapshot.read(changed)
        removed, added = {}, {}
        for table in changed:
            removed[table.name], added[table.name] = difference(self._snapshot.original(table), rows[table.name])
        return Outcome(removed, added, values, refused)

    def _broken(self) -> str:
        """What the invariant says against the rows that stand there now; "" if it holds."""
        if self._invariant is None:
            return ""
        self._changed = None  # it may do anything
        try:
            holds = self._invariant()
        except AssertionError as failure:
            return str(failure) or "the invariant does not hold"
        return "the invariant does not hold" if holds is False else ""

    def ending(self, run: Run) -> Ending:
        outcome, broken = run.observation
        return Ending(str(run), run.weight, run.steps, outcome, run.hung, broken)

    def endings(self, runs: list[Run]) -> list[Ending]:
        """How each ended. Of a schedule in which calls raced: as one that is wrong, if any of several runs is."""
        return [self._worst(run, self.ending(run)) for run in runs]

    def _worst(self, run: Run, ending: Ending) -> Ending:
        if not ending.is_raced or self.is_anomaly(ending):
            return ending
        others = map(self.ending, in_other_orders(self._scheduler, self._scenario, run))
        return next(filter(self.is_anomaly, others), ending)

    def is_anomaly(self, ending: Ending) -> bool:
        """Whether it ended as no serial order of the calls that were not refused does."""
        if ending.broken or ending.hung:
            return True
        accepted = [name for name in self._calls if name not in ending.outcome.refused]
        self._serial.of(accepted)  # this may find more columns to ignore
        with self.upkeep.of("judge"):
            return ending.outcome.canonical(self._serial.ignored) not in self._ends_of(tuple(accepted))

    def _ends_of(self, accepted: Order) -> set[Any]:
        """How the serial orders of these calls end."""
        key = accepted, self._serial.ignored
        if key not in self._serial_ends:
            self._serial_ends[key] = {end.canonical(self._serial.ignored) for end in self._serial.of(accepted).values()}
        return self._serial_ends[key]

    def anomalies(self, endings: list[Ending]) -> list[Ending]:
        """Those that ended as no serial order does. If there are any, the serial orders are run once more before."""
        if any(map(self.is_anomaly, endings)):
            self._serial.look_again()
        return [self.named(ending) for ending in endings if self.is_anomaly(ending)]

    def named(self, ending: Ending) -> Ending:
        """The same, with the names of its anomaly."""
        names = anomaly_names(ending.steps, ending.outcome, ignored=frozenset(self.ignored_columns()))
        return replace(ending, names=names)

    def serial_outcomes(self) -> dict[Order, Outcome]:
        return self._serial.of(self._calls)

    def ignored_columns(self) -> list[str]:
        """ "table.column", and "A returned.path" for a part of what a call returned."""
        return sorted(
            f"{name} {column}" if name in self._calls else f"{name}.{column}" for name, column in self._serial.ignored
        )


def _is_step(sql: str) -> bool:
    """Every statement but those that touch nothing, such as SAVEPOINT."""
    return not is_neutral(sql)

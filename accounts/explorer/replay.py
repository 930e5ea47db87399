"""Runs one schedule of a plan, or the beginning of one: what a person, a page or a lab asks for step by step."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from accounts.explorer.plan import Plan
from accounts.explorer.prepared import Prepared, prepare
from accounts.explorer.report import ReplayReport, ScheduleReport, report_steps
from accounts.explorer.timeline import describe
from interleavings.engine.replay import replay as replay_schedule
from interleavings.engine.scenario import Run, finish
from interleavings.engine.step import Step


@dataclass(frozen=True)
class Replay:
    """One schedule, or the beginning of one: then `run` is None, and `ready` says what could come next."""

    steps: list[Step]
    run: Run | None
    ready: Mapping[str, str]  #: by session: its next step, in a few words
    blocked: Mapping[str, list[str]]  #: by session: those that it waits for
    numbers: Mapping[int, int]  #: of the accounts, by primary key
    committed: Sequence[Mapping[int, int]]  #: by each step: the balances that others see from then on

    def report(self) -> ReplayReport:
        """What is shown of it."""
        schedule = None if self.run is None else ScheduleReport.of(self.run, self.numbers)
        return ReplayReport(
            self.ready, self.blocked, report_steps(self.steps, self.numbers, committed=self.committed), schedule
        )


def replay(plan: Plan, schedule: str) -> Replay:
    """Run one schedule, such as "t1 t2 (a) t1>a a" (interleavings/engine/replay.py says how it is written).

    Raises BankError for a step that cannot be taken there, or a choice of the database that could not be met.
    """
    with replaying(plan) as play:
        return play(schedule)


@contextmanager
def replaying(plan: Plan) -> Iterator[Callable[[str], Replay]]:
    """The same for many schedules, one after the other, on one scratch bank."""
    with prepare(plan) as prepared:
        yield lambda schedule: _play(prepared, schedule)


def _play(prepared: Prepared, schedule: str) -> Replay:
    scheduler, numbers = prepared.scheduler, prepared.numbers
    replay_schedule(scheduler, prepared.scenario, schedule)
    next_steps = {name: scheduler.sessions[name].next_step for name in scheduler.ready()}
    ready = {name: describe(step, numbers) for name, step in next_steps.items() if step}
    committed = [{numbers[pk]: balance for pk, balance in changes.items()} for changes in scheduler.log.changes()]
    if not ready:
        return Replay(scheduler.trace, finish(scheduler, prepared.scenario), ready, {}, numbers, committed)
    # A step that waits is still under way. When abandon() rolls its blocker back, the database answers it, and the
    # session notes the rows in that very Step: so the steps are copied as they are now.
    steps = [copy.copy(step) for step in scheduler.trace]
    beginning = Replay(steps, None, ready, dict(scheduler.waits), numbers, committed)
    scheduler.abandon()
    return beginning

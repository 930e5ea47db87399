"""explore(): runs calls in every order of their steps, and says which orders end as no serial order does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from interleavings.calls import Call, check_options_are_no_calls, named_calls, source_line
from interleavings.database.guard import check_database
from interleavings.empty_calls import check_calls_did_something
from interleavings.engine.faults import Fault
from interleavings.engine.scenario import Run
from interleavings.errors import CannotExplore
from interleavings.exploration import Exploration
from interleavings.report.report import Report

LIMIT = 10_000


def explore(
    *calls: Call,
    invariant: Callable[[], Any] | None = None,
    schedule: str | None = None,
    limit: int = LIMIT,
    prune: bool = True,
    seed: int = 1,
    destroys_data_in: str | None = None,
    **named: Call,
) -> Report:
    """Run two to six calls in every order of their steps, each time from the rows that stand in the database now.

    A step is one SQL statement, COMMIT or ROLLBACK. Calls may use the ORM, raw SQL through Django's cursor, atomic
    blocks, on_commit, signals, and Django's test client. Calls without a name are A, B, C ...

    1. Every order of the calls one after the other is run, twice. What differs between the two is left out, and named.
    2. Every schedule is run. It is right if its rows, and what the calls returned or raised, equal one of those ends.
       A call that the database refused (40001, 40P01, 55P03) has not happened: the others must equal an order of
       theirs.
    3. Everything is set back as it was: the rows, and the sequences.

    `invariant` is called after each schedule: it must not raise AssertionError, nor return False. `schedule` runs that
    schedule only, such as "A B A B". Of more than `limit` schedules, that many are drawn at random from `seed`.
    Without `prune`, schedules that only swap steps which do not meet are each run.

    Raises CannotExplore, with one sentence, for calls or a database that cannot be explored.
    """
    check_options_are_no_calls(schedule=schedule, limit=limit, seed=seed, prune=prune)
    by_name = named_calls(calls, named)
    check_database(destroys_data_in=destroys_data_in)

    def explore_again(chosen: str) -> Report:
        options = {"invariant": invariant, "schedule": chosen, "destroys_data_in": destroys_data_in}
        arguments: dict[str, Any] = {**by_name, **options}
        return explore(**arguments)

    began = time.monotonic()
    with _explored(by_name, invariant) as exploration:
        if schedule is None:
            runs = exploration.runs(prune=prune, limit=limit, seed=seed)
        else:
            runs = [exploration.run(schedule)]
        facts = {"chosen_schedule": schedule, "explore_again": explore_again}
        report = _report(by_name, exploration, runs, began=began, **facts)
    check_calls_did_something(report)
    return report


def _report(
    calls: dict[str, Call],
    exploration: Exploration,
    runs: list[Run],
    *,
    began: float,
    **facts: Any,
) -> Report:
    """What these runs prove; `began` is when it all began, by time.monotonic(). `facts` are other fields of it."""
    endings = exploration.endings(runs)
    anomalies = exploration.anomalies(endings)
    return Report(
        calls={name: source_line(call) for name, call in calls.items()},
        exhaustive=exploration.is_exhaustive,
        schedules=sum(ending.weight for ending in endings),
        run=len(endings),
        about=exploration.about,
        unmet=exploration.unmet,
        endings=endings,
        anomalies=sorted(anomalies, key=attrgetter("reading_effort")),
        ignored_columns=exploration.ignored_columns(),
        serial=exploration.serial_outcomes(),
        upkeep_ms=exploration.upkeep.medians_ms(),
        duration_s=time.monotonic() - began,
        **facts,
    )


@contextmanager
def _explored(calls: dict[str, Call], invariant: Callable[[], Any] | None) -> Iterator[Exploration]:
    """The exploration; what a session did that no session may do is raised as CannotExplore."""
    try:
        with Exploration(calls, invariant) as exploration:
            yield exploration
    except Fault as fault:
        raise CannotExplore(str(fault)) from fault

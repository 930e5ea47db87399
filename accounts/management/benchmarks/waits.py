"""How soon the explorer knows that a session waits, and what other ways to find out would take."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from django.db import connection

from accounts.explorer.plan import make_plan
from accounts.explorer.prepared import Prepared, prepare
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.waits import ask_database

# It says that a session waits, but not for whom; pg_blocking_pids() says both.
ACTIVITY = "SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s) AND wait_event_type = 'Lock'"
TIMES = 20  # in each round
WITHIN_S = 1.0


class Measure(NamedTuple):
    """Medians. `questions`: how often the database was asked who waits."""

    what: str
    ms: float
    questions: float | None = None


def measure_waits(rounds: int = 5) -> list[Measure]:
    """A transfer locks two rows, and an audit asks for them: steps that do not wait and that do, in turns."""
    plan = make_plan(
        transfer_with="row_lock", audit_with="row_lock", accounts=None, transfers="1>2:30", audits=1, processes="shared"
    )
    with prepare(plan) as prepared:
        measured = [_once(prepared) for _ in range(rounds * TIMES)]
    locked, noticed, counts, blocking, activity, word = zip(*measured, strict=True)
    return [
        Measure("a step that takes its locks", median(locked)),
        Measure("a step that waits, until that is known", median(noticed), median(counts)),
        Measure("one question: pg_blocking_pids()", median(blocking)),
        Measure("one question: pg_stat_activity, which does not say for whom", median(activity)),
        Measure("the server's own word, by log_lock_waits and deadlock_timeout = 1 ms", median(word)),
    ]


def _once(prepared: Prepared) -> tuple[float, ...]:
    """In milliseconds, but for the third, which is the number of questions."""
    scheduler = prepared.scheduler
    asked: list[str] = []
    _begin(prepared)
    locked = _ms(lambda: scheduler.step("t"))
    with connection.execute_wrapper(_noting(asked)):
        noticed = _ms(lambda: scheduler.step("a"))
    running = [scheduler.sessions["a"]]
    blocking = _ms(lambda: ask_database(running, scheduler.sessions.values()))
    activity = _ms(lambda: _ask_activity([session.pid for session in running]))
    scheduler.abandon()
    _begin(prepared)
    scheduler.step("t")
    word = _ms(lambda: _wait_for_word(scheduler))
    scheduler.abandon()
    return locked, noticed, len(asked), blocking, activity, word


def _noting(statements: list[str]) -> Callable[..., Any]:
    """Wraps the execution of a statement: it is added to these."""

    def execute(send: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return send(sql, *rest)

    return execute


def _begin(prepared: Prepared) -> None:
    prepared.scheduler.begin(prepared.scenario.begin())


def _ask_activity(pids: list[int | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITY, [pids])
        cursor.fetchall()


def _wait_for_word(scheduler: Scheduler) -> None:
    """Begin a step that waits, and return when the server has said so. It is asked to where a session is to lose."""
    session, deadline = scheduler.sessions["a"], time.monotonic() + WITHIN_S
    scheduler.step("a", is_slow_to_wake=True)
    while not session.has_found_no_deadlock and time.monotonic() < deadline:
        time.sleep(0.0001)


def _ms(action: Callable[[], Any]) -> float:
    began = time.perf_counter()
    action()
    return 1_000 * (time.perf_counter() - began)

"""What each audit costs: its own duration, and what is left of a storm of row-locked transfers beside it."""

import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from typing import Any

from django.db import DatabaseError, connection

from accounts import strategies
from accounts.cluster.subprocesses import Cluster
from accounts.models import Storm
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.progress import progress_of

WORKERS = 2
TRANSFERS = 20_000
WINDOW_S = 2.0
MAX_READ_ONE_BY_ONE = 1_000
GIVES_UP = (DatabaseError, RuntimeError)  # an audit that gives up costs as much
UNMEASURED = {"audit_ms": None, "audits": None, "storm_ratio": None}


def measure_audits(*, account_counts: list[int], names: list[str]) -> list[dict[str, Any]]:
    """A row for each number of accounts (ascending) and each audit: its median duration, the storm's remaining speed.

    Windows with audits, one after another without a pause, take turns with windows without. An audit that reads account
    by account, as it was seen to do on a smaller bank, would take minutes above MAX_READ_ONE_BY_ONE accounts: its
    row has no figures there.
    """
    rows: list[dict[str, Any]] = []
    one_by_one: set[str] = set()
    with Cluster(queue="benchmark-audits", worker_count=WORKERS) as cluster:
        for account_count in account_counts:
            beside = _RunningStorm(cluster, account_count)
            for name in names:
                is_left_out = name in one_by_one and account_count > MAX_READ_ONE_BY_ONE
                figures = UNMEASURED if is_left_out else _measure(beside, name)
                rows.append({"account_count": account_count, "name": name} | figures)
                if not is_left_out and _count_statements(beside, name) >= account_count:
                    one_by_one.add(name)
            beside.stop()
    return rows


def _count_statements(beside: "_RunningStorm", name: str) -> int:
    """How many statements one audit is."""
    statements: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count), suppress(*GIVES_UP):
        strategies.load(name, "audit").audit(beside.storm.bank)
    return len(statements)


def _measure(beside: "_RunningStorm", name: str) -> dict[str, Any]:
    audit = strategies.load(name, "audit").audit
    durations_s: list[float] = []

    def audit_once() -> None:
        start = time.monotonic()
        with suppress(*GIVES_UP):
            audit(beside.storm.bank)
        durations_s.append(time.monotonic() - start)

    alone = beside.transfers_per_second(lambda: time.sleep(0.05))
    together = beside.transfers_per_second(audit_once)
    return {
        "audit_ms": round(1000 * median(durations_s), 2),
        "audits": len(durations_s),
        "storm_ratio": round(together / alone, 2) if alone else None,
    }


class _RunningStorm:
    """A storm that is running whenever it is asked for; when one ends, the next one begins."""

    def __init__(self, cluster: Cluster, account_count: int) -> None:
        self._cluster, self._account_count = cluster, account_count
        self._launch()

    def _launch(self) -> None:
        self.storm = plan_storm(
            transfer_with="row_lock",
            audit_with="single_sum",
            audit_count=0,
            transfer_count=TRANSFERS,
            account_count=self._account_count,
            worker_count=WORKERS,
        )
        launch(self.storm, queue=self._cluster.queue)

    def transfers_per_second(self, activity: Callable[[], None]) -> float:
        """The storm's speed while we do something again and again for WINDOW_S."""
        if progress_of(self.storm).transfers_ended > TRANSFERS * 2 // 3:
            self.stop()
            self._launch()
        while not (before := progress_of(self.storm).transfers_ended):
            time.sleep(0.05)
        start = time.monotonic()
        while time.monotonic() - start < WINDOW_S:
            activity()
        return (progress_of(self.storm).transfers_ended - before) / (time.monotonic() - start)

    def stop(self) -> None:
        end_storm(self.storm, Storm.State.STOPPED, "The benchmark has seen enough of it.")

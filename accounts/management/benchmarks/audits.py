"""What each audit costs: its own duration, and what is left of a storm of row-locked transfers beside it."""

import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from typing import Any

from django.db import DatabaseError

from accounts import strategies
from accounts.cluster.subprocesses import Cluster
from accounts.models import Storm
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.progress import progress_of

WORKERS = 2
TRANSFERS = 20_000
WINDOW_S = 2.0
MOST_READ_ONE_BY_ONE = 1_000
ONE_BY_ONE = {
    *("no_transaction", "no_lock", "python_lock", "python_account_locks", "file_lock", "advisory_lock"),
    *("optimistic", "serializable", "repeatable_read"),
}


def measure_audits(*, account_counts: list[int], names: list[str]) -> list[dict[str, Any]]:
    """A row for each number of accounts and each audit: the median of its duration, and the storm's remaining speed.

    Windows with audits, one after another without a pause, take turns with windows without. Audits that read account
    by account are left out above MOST_READ_ONE_BY_ONE accounts.
    """
    rows = []
    with Cluster(queue="benchmark-audits", worker_count=WORKERS) as cluster:
        for account_count in account_counts:
            beside = _RunningStorm(cluster, account_count)
            for name in names:
                if name not in ONE_BY_ONE or account_count <= MOST_READ_ONE_BY_ONE:
                    rows.append({"account_count": account_count, "name": name} | _measure(beside, name))
            beside.stop()
    return rows


def _measure(beside: "_RunningStorm", name: str) -> dict[str, Any]:
    audit = strategies.load(name, "audit").audit
    durations_s: list[float] = []

    def audit_once() -> None:
        start = time.monotonic()
        with suppress(DatabaseError, RuntimeError):  # an audit that gives up costs as much
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
            **{"transfer_with": "row_lock", "audit_with": "single_sum", "audit_count": 0},
            **{"transfer_count": TRANSFERS, "account_count": self._account_count, "worker_count": WORKERS},
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

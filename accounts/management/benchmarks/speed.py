"""How fast each strategy is through django-q2 workers, in units of pgbench doing the same on the same server."""

from functools import partial
from typing import Any

from accounts import strategies
from accounts.cluster.subprocesses import Cluster
from accounts.management.benchmarks import goals, pgbench
from accounts.management.benchmarks.ratios import against, in_turns
from accounts.models import Report
from accounts.storms.follow import follow
from accounts.storms.launch import launch, plan_storm
from accounts.storms.report import report_on

TRANSFERS = 1_500  # of row_lock: about a second of work on two cores; a strategy of another pace gets more or fewer
PGBENCH_TRANSFERS = 4_000
ACCOUNTS = 100
STRATEGIES = ["row_lock", "conditional_update", "one_statement", "batch"]
GOALS = {"conditional_update": 0.40, "one_statement": 1.2, "batch": 5}  # in units of pgbench, of 4 workers


def measure_speed(
    *, names: list[str], worker_counts: list[int], account_counts: list[int], rounds: int
) -> list[dict[str, Any]]:
    """A row for each number of workers and accounts and each strategy: transfers/s and the ratio to pgbench's."""
    rows: list[dict[str, Any]] = []
    for worker_count in worker_counts:
        with Cluster(queue=f"benchmark-{worker_count}", worker_count=worker_count) as cluster:
            for account_count in account_counts:
                size = {"worker_count": worker_count, "account_count": account_count}
                measures = {"pgbench": partial(_pgbench, **size)}
                measures |= {name: partial(_strategy, cluster, name, **size) for name in names}
                ratios = against(in_turns(measures, rounds=rounds), "pgbench")
                rows += [size | row | {"goal": goal_of(row, **size)} for row in ratios]
    pgbench.drop_tables()
    return rows


def goal_of(row: dict[str, Any], *, worker_count: int, account_count: int) -> str | None:
    """The goal of a measured strategy at this size, and whether it was reached; None if it has none."""
    has_goal = row["name"] in GOALS and (worker_count, account_count) == (4, ACCOUNTS)
    return goals.at_least(GOALS[row["name"]], row["ratio"]) if has_goal else None


def _pgbench(*, worker_count: int, account_count: int) -> float:
    transfers = PGBENCH_TRANSFERS // worker_count
    return pgbench.measure(clients=worker_count, accounts=account_count, transfers=transfers)


def _strategy(cluster: Cluster, name: str, *, worker_count: int, account_count: int) -> float:
    report = run_storm(
        cluster,
        transfer_with=name,
        transfer_count=at_its_pace(name, TRANSFERS),
        account_count=account_count,
        worker_count=worker_count,
    )
    return report.transfers_per_second


def run_storm(cluster: Cluster, *, transfers_per_job: int | None = None, **choices: Any) -> Report:
    """A storm without audits, on workers that are there already."""
    storm = plan_storm(**{"audit_with": "single_sum", "audit_count": 0, **choices})
    launch(storm, queue=cluster.queue, transfers_per_job=transfers_per_job)
    for _progress in follow(storm, cluster):
        pass
    return report_on(storm)


def at_its_pace(name: str, transfer_count: int) -> int:
    """How many transfers take this strategy as long as these take row_lock, roughly."""
    return max(1, round(transfer_count * strategies.pace(name)))


def all_names() -> list[str]:
    return strategies.names("transfer")

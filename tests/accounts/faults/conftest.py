"""Workers held at a known point: they wait for a row lock that the test holds, until the test lets go."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest
from django.db import connection

from accounts.cluster.processes import Member, Role
from accounts.cluster.subprocesses import Cluster
from accounts.db.application_name import QUEUE
from accounts.faults.target import Target
from accounts.models import Storm
from accounts.storms import follow as following
from accounts.storms.follow import follow as follow_storm
from accounts.storms.launch import plan_storm
from accounts.storms.report import report_on
from accounts.storms.watchdog import Watchdog

QUIET_S = 0.5


@pytest.fixture(autouse=True)
def _needs_titles() -> None:
    pytest.importorskip("setproctitle", reason="Without titles (on Windows) nobody can tell who is who.")


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch) -> None:
    """The watchdog waits less long until it calls a cluster quiet; and nobody waits for a cluster that hangs."""
    monkeypatch.setattr(following, "Watchdog", partial(Watchdog, quiet_s=QUIET_S))
    monkeypatch.setattr("accounts.cluster.subprocesses.STOP_PATIENCE_S", 2)


class Choosing(random.Random):
    """Draws what the test wants, where it can be drawn."""

    def __init__(self, *wanted: object) -> None:
        super().__init__(1)
        self._wanted = wanted

    def choice(self, options):
        return next((option for option in options if option in self._wanted), options[0])

    def sample(self, options, k):
        return sorted(options, key=lambda option: option not in self._wanted)[:k]


def aim(storm: Storm, cluster: Cluster, *wanted: object) -> Target:
    return Target(storm, cluster, Choosing(*wanted), threading.Event())


def wait_until(condition: Callable[[], object], timeout_s: float = 25) -> object:
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return answer


def busy(cluster: Cluster) -> list[Member]:
    return cluster.members(Role.BUSY)


def other_connection() -> psycopg.Connection:
    return psycopg.connect(**connection.server.use(), dbname=connection.settings_dict["NAME"])


@contextmanager
def rows_locked(storm: Storm) -> Iterator[None]:
    """Nobody else can write any account of the storm's bank, nor lock one, while the block lasts."""
    with other_connection() as holder:
        holder.execute("SELECT FROM accounts_account WHERE bank_id = %s FOR UPDATE", [storm.bank_id])
        yield
        holder.rollback()


def plan(**choices) -> Storm:
    small = {"transfer_count": 40, "audit_count": 4, "worker_count": 2}
    return plan_storm(**{"transfer_with": "row_lock", "audit_with": "single_statement", **small, **choices})


def follow(storm: Storm, cluster: Cluster) -> list[str]:
    """Follow it to its end; return what the watchdog said."""
    return [now.news for now in follow_storm(storm, cluster) if now.news]


def assert_exactly_once(storm: Storm) -> None:
    """Every transfer has ended once, and every account holds its opening plus what came in minus what went out."""
    report = report_on(storm)
    transfers = report.transfers
    assert report.state == "finished", report
    assert (transfers.applied + transfers.refused, transfers.pending) == (storm.transfer_count, 0)
    assert (transfers.applied_twice, report.accounts_off, report.drift, report.lost_updates) == (0, 0, 0, 0)
    assert (report.audits.taken, report.audits.unexplained) == (storm.audit_count, 0), [
        *storm.audits.exclude(reason="").values_list("reason", flat=True)
    ]


def is_waiting_for_a_lock(queue: str, sessions: int = 1) -> bool:
    with other_connection() as looker:
        (count,) = looker.execute(
            f"SELECT count(*) FROM pg_stat_activity WHERE {QUEUE} = %s AND wait_event_type = 'Lock'"
            " AND datname = current_database()",  # other tests run beside this one, in databases of their own
            [queue],
        ).fetchone()
    return count >= sessions

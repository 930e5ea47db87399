"""Storms half-way and at known times; clusters that are judged after a short time."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import Storm, Transfer
from accounts.storms import follow as following
from accounts.storms import jobs
from accounts.storms.watchdog import Watchdog
from tests.support.storms import apply, keep_audit, launched_storm, read, torn_audit, transfer_pks

QUIET_S = 0.5


@pytest.fixture
def running(db) -> Storm:
    """Of its 30 transfers 15 are done, of its 3 audits 2."""
    storm = launched_storm(audit_count=3)
    jobs.run(storm.pk, transfer_pks(storm)[:15], [])
    jobs.run(storm.pk, [], [0, 1])
    return storm


@pytest.fixture
def torn(db) -> Storm:
    """A storm of one transfer (account 1 -> 6, 77) with one audit that read account 1 before it and 6 after it."""
    return torn_audit().storm


@pytest.fixture
def timed(running) -> Storm:
    """Stopped; its operations took place at known times: transfer n from n to n + 1 tenths of a second."""
    begin = timezone.now() - timedelta(minutes=1)
    Storm.objects.filter(pk=running.pk).update(state="stopped", started_at=begin)
    for place, done in enumerate(running.transfers.exclude(status="pending").order_by("pk")):
        times = {"started_at": begin + place * timedelta(seconds=0.1), "waited_us": 50_000, "worker": f"h:{place % 2}"}
        Transfer.objects.filter(pk=done.pk).update(ended_at=times["started_at"] + timedelta(seconds=0.1), **times)
    running.audits.update(started_at=begin, ended_at=begin + timedelta(seconds=0.05), worker="h:2")
    running.refresh_from_db()
    return running


@pytest.fixture
def torn_storm(transactional_db) -> Storm:
    """A finished storm of three transfers, with one whole audit and one that read account 1 too early."""
    storm = launched_storm(transfer_count=3, audit_count=2)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    jobs.run(storm.pk, [], [0])
    keep_audit(storm, [before[0], *read(storm.bank)[1:]], number=1)
    storm.refresh_from_db()
    return storm


@pytest.fixture
def known_processes() -> None:
    """Skip the test where processes have no titles (on Windows): there the roles of workers cannot be told apart."""
    pytest.importorskip("setproctitle", reason="Without titles (on Windows) the roles of processes are unknown.")


@pytest.fixture
def short_patience(monkeypatch) -> None:
    """The watchdog calls a cluster quiet after half a second, and a cluster that hangs is killed after two."""
    monkeypatch.setattr(following, "Watchdog", partial(Watchdog, quiet_s=QUIET_S))
    monkeypatch.setattr("accounts.cluster.subprocesses.STOP_PATIENCE_S", 2)

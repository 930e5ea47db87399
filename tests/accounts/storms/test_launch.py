"""A storm is launched whole or not at all, and the same seed plans the same storm."""

import pytest
from django_q.models import OrmQ

from accounts.errors import BankError
from accounts.models import Storm, Transfer
from accounts.storms import launch as launching
from accounts.storms import lifecycle
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import launch_on_running, plan_storm
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db(transaction=True)


def test_launch_is_all_or_nothing(monkeypatch):
    monkeypatch.setattr(
        lifecycle, "enqueue", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("the queue is broken"))
    )

    with pytest.raises(RuntimeError):
        launch_storm(plan_storm(transfer_with="row_lock", audit_with="row_lock"), queue="nowhere")

    assert not Storm.objects.exists()
    assert not Transfer.objects.exists()


def test_same_seed_plans_the_same_transfers():
    plans = []
    for _ in range(2):
        storm = launched_storm(transfer_count=50, seed=7)
        rows = storm.transfers.order_by("pk").values_list("source__number", "target__number", "amount")
        plans.append(list(rows))

    assert plans[0] == plans[1]


@pytest.mark.parametrize(("transfers_per_job", "job_count"), [(None, 20), (4, 100)])
def test_storm_is_launched_with_jobs_of_another_size(transfers_per_job, job_count):
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=400, audit_count=0)

    launching.launch(storm, queue="nowhere", transfers_per_job=transfers_per_job)

    assert OrmQ.objects.filter(key="nowhere").count() == job_count


def test_error_when_no_worker_is_running(monkeypatch):
    monkeypatch.setattr(launching, "NO_WORKER_S", 0)

    with pytest.raises(BankError, match="No worker showed itself .* `manage.py qcluster`"):
        launch_on_running(plan_storm(transfer_with="row_lock", audit_with="row_lock"))

    assert not Storm.objects.exists()

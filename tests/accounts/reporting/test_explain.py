"""On real workers: every error of every audit is explained to the cent, and a checker from outside agrees."""

import pytest

from accounts import strategies
from accounts.cluster.subprocesses import Cluster
from accounts.models import Storm
from accounts.reporting.explain import explain_storm
from accounts.storms.follow import follow
from accounts.storms.launch import launch, plan_storm
from accounts.storms.report import report_on
from tests.support.histories import check_independently
from tests.support.thorough import every

pytestmark = pytest.mark.django_db(transaction=True)


# Every transfer under the weakest audit, and every audit over the weakest transfer.
# (`manage.py compare --all` runs every pair, and marks a cell in which an error is not explained.)
ALL_PAIRS = sorted(
    {
        *((name, "no_lock") for name in strategies.names("transfer")),
        *(("no_transaction", name) for name in strategies.names("audit")),
    }
)
PAIRS = every(8, ALL_PAIRS)


def run_on(cluster: Cluster, **choices) -> Storm:
    storm = plan_storm(**{"transfer_count": 60, "audit_count": 8, **choices})
    launch(storm, queue=cluster.queue)
    for _progress in follow(storm, cluster):
        pass
    return storm


@pytest.mark.processes
def test_every_error_is_explained_to_the_cent_and_an_outside_checker_agrees():
    with Cluster(queue="all-pairs", worker_count=4) as cluster:
        for transfer_with, audit_with in PAIRS:
            storm = run_on(cluster, transfer_with=transfer_with, audit_with=audit_with)
            report, explained = report_on(storm), explain_storm(storm)

            pair = f"{transfer_with} x {audit_with}"
            assert explained["unexplained"] == 0, pair
            known = [audit for audit in explained["audits"] if audit["explained"] is not None]
            assert all(audit["explained"] == audit["error"] for audit in known), pair
            assert len(known) == len(explained["audits"]) or audit_with == "single_sum", pair
            assert explained["drift"] == report.drift, pair
            assert report.drift == -sum(lost["amount"] for lost in explained["lost_updates"]), pair
            for account in explained["accounts"]:
                assert account["off_by"] == sum(part["amount"] for part in account["because"]), pair
            verdict = check_independently(storm)
            assert verdict.read_count == report.audits.taken - report.audits.torn_unknown, pair
            assert verdict.wrong_total_count == report.audits.wrong_total or audit_with == "single_sum", pair

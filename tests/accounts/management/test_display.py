"""How a report is printed."""

import pytest
from rich.console import Console

from accounts.management.display import print_report
from accounts.models import Storm
from accounts.storms.active_workers import at_work
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on
from accounts.storms.report_text import NOT_FINAL

pytestmark = pytest.mark.django_db(transaction=True)


def test_report_with_active_workers_says_that_it_is_not_final(capsys):
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=5, audit_count=0)
    launch(storm, queue="nowhere")
    end_storm(storm, Storm.State.STOPPED, "Enough.")

    with at_work(storm.pk):
        print_report(Console(width=200), report_on(storm))
    print_report(Console(width=200), report_on(storm))

    early, final = capsys.readouterr().out.split("Storm ", 2)[1:]
    assert NOT_FINAL in early
    assert NOT_FINAL not in final

"""A storm as a history of operations, and a checker from outside that reads it."""

from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Transfer
from accounts.reporting import jepsen_history
from tests.support.histories import check_independently

pytestmark = pytest.mark.django_db(transaction=True)


def test_worker_that_died_ends_in_info_and_goes_on_as_another_process(torn):
    first = Transfer.objects.get()
    Transfer.objects.filter(pk=first.pk).update(ended_at=None)
    again = Transfer.objects.create(
        **{"bank": torn.bank, "storm": torn, "source": first.target, "target": first.source, "amount": 1},
        **{"status": "refused", "worker": first.worker, "started_at": first.started_at, "ended_at": first.started_at},
    )

    events = jepsen_history.events(torn)

    transfers = [event for event in events if event["f"] == "transfer"]
    assert sorted((event["process"], event["type"]) for event in transfers) == [
        *[(0, "info"), (0, "invoke"), (1, "fail"), (1, "invoke")],
    ]
    assert events[-1]["type"] == "info"
    assert again.pk
    check_independently(torn)


def test_audit_without_a_time_of_its_beginning_is_left_out(torn):
    torn.audits.create(bank=torn.bank, number=99, status="failed", reason="It never began.", expected_total=44_500)

    events = jepsen_history.events(torn)

    assert {event["f"] for event in events} == {"transfer", "read"}
    assert len(events) == 2 * (1 + torn.audits.filter(started_at__isnull=False).count())


def test_reading_back_as_the_docs_show_it(torn):
    text = (Path(settings.BASE_DIR) / "docs" / "history.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    names: dict = {}
    exec(code, names)

    wrong = names["wrong_reads"](map(jepsen_history.to_jsonl, jepsen_history.events(torn)), 44_500)

    assert [read["index"] for read in wrong] == [3]

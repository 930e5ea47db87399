"""A storm as an operation history: what it holds, and that a checker from outside can judge it."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.models import Transfer
from accounts.reporting import jepsen_history
from tests import bank_checker

pytestmark = pytest.mark.django_db(transaction=True)


def test_history_has_an_invocation_and_a_completion_for_each_operation(torn, capsys, check_independently):
    call_command("history", "last")

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {tuple(event) for event in events} == {("index", "time", "process", "type", "f", "value")}
    assert [(event["type"], event["f"]) for event in events] == [
        *[("invoke", "transfer"), ("ok", "transfer"), ("invoke", "read"), ("ok", "read")],
    ]
    assert events[0]["value"] == {"from": 1, "to": 6, "amount": 77}
    assert events[3]["value"]["6"] == 9077
    assert check_independently(torn).errors == {3: "wrong-total"}


def test_history_as_edn(torn, capsys):
    call_command("history", "last", "--format", "edn")

    first, *_others, last = capsys.readouterr().out.splitlines()
    assert ":type :ok, :f :read, :value {1 5000, 2 10000, " in last
    assert first == "{:index 0, :time 0, :process 0, :type :invoke, :f :transfer, :value {:from 1, :to 6, :amount 77}}"


def test_history_of_a_worker_that_died_ends_in_info_and_its_name_goes_on_as_another_process(torn, check_independently):
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


@pytest.mark.parametrize(
    ("balances", "error"),
    [
        ({"1": 60, "2": 40}, None),
        ({"1": 60, "2": 41}, "wrong-total"),
        ({"1": 110, "2": -10}, "negative-value"),
        ({"1": 100}, "nil-balance"),
        ({"1": 60, "2": 40, "3": 0}, "unexpected-key"),
    ],
)
def test_independent_checker_finds_every_error_of_the_definition(balances, error):
    assert bank_checker.error_of(balances, {"1", "2"}, 100) == error


def test_reading_back_as_the_docs_show_it(torn):
    text = (Path(settings.BASE_DIR) / "docs" / "history.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    names: dict = {}
    exec(code, names)

    wrong = names["wrong_reads"](map(jepsen_history.to_jsonl, jepsen_history.events(torn)), 44_500)

    assert [read["index"] for read in wrong] == [3]

"""`manage.py history` writes a storm as a history, also for a reader that has seen enough."""

import json

import pytest
from django.core.management import call_command

from tests.support.histories import check_independently
from tests.support.processes import finish, manage

pytestmark = pytest.mark.django_db(transaction=True)


# Histories.


def test_history_has_an_invocation_and_a_completion_for_each_operation(torn, capsys):
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

    first = capsys.readouterr().out.splitlines()[0]
    assert first == "{:index 0, :time 0, :process 0, :type :invoke, :f :transfer, :value {:from 1, :to 6, :amount 77}}"


SMALL = ("--transfers", "150", "--audits", "20")


@pytest.mark.thorough
@pytest.mark.processes
def test_reader_that_has_seen_enough_is_no_error():
    """As in `manage.py history last | head -1`."""
    finish(manage("storm", *SMALL))
    process = manage("history", "last")

    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == ""
    process.wait(60)

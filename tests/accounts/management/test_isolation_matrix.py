"""`manage.py explore --matrix`, as its user meets it: one cell, as text and as JSON. (The whole is in explorer/.)"""

import json

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_cell_with_its_shortest_schedule_and_the_lines_of_code(capsys):
    call_command("explore", "--matrix", "ForUpdateByWriters/read_skew")

    text = capsys.readouterr().out
    assert text.startswith("read skew (A5A, G-single), row locks, by writers only: possible in 4 of 35 schedules.\n")
    assert "FOR UPDATE" in text
    assert text.count("(read_skew.py:") == 7


@pytest.mark.thorough
def test_impossible_cell_says_what_the_database_did_instead(capsys):
    call_command("explore", "--matrix", "RepeatableRead/lost_update")

    text = capsys.readouterr().out
    assert "impossible: 0 of 14 schedules; in 12 the database ended a session (40001)." in text
    assert "One of the schedules, in which it did not:" in text


@pytest.mark.thorough
def test_json_is_one_object_with_a_cell_on_each_line(capsys):
    call_command("explore", "--matrix", "ReadCommitted/dirty_read", "--json")

    text = capsys.readouterr().out
    values = json.loads(text)
    assert values["server"].startswith("PostgreSQL 18")
    assert [(cell["row"], cell["anomaly"], cell["possible"]) for cell in values["cells"]] == [
        ("ReadCommitted", "dirty_read", 0)
    ]
    assert json.loads(text.splitlines()[1])["schedules"] == 10


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing"], "There is no cell 'nothing': name a row and an anomaly, such as ReadCommitted/read_skew."),
        (["all", "--audits", "3"], "--audits means nothing with --matrix: leave it out."),
        (["all", "--no-prune"], "--no-prune means nothing with --matrix: leave it out."),
    ],
)
def test_error_what_cannot_be_asked(arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        call_command("explore", "--matrix", *arguments)

    assert str(refusal.value).startswith(sentence)
    assert refusal.value.returncode == 2

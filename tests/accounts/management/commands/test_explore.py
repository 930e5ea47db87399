"""`manage.py explore` as its user meets it."""

import json
import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Bank
from tests.support.processes import finish, manage

pytestmark = pytest.mark.django_db(transaction=True)


DOCS = Path(__file__).resolve().parents[4] / "docs" / "explorer.md"


FIXES = Path(__file__).resolve().parents[2] / "explorer" / "strategies"


def explore(*arguments: str) -> str:
    out = StringIO()
    call_command("explore", *arguments, stdout=out)
    return out.getvalue()


def test_verdict_timeline_and_explanation():
    lines = [line.rstrip() for line in explore().splitlines()]

    assert lines[0] == "transfers by row_lock, audits by no_lock, 2 accounts, transfers 1>2:30, 1 audit:"
    assert lines[1] == "4 of 35 schedules are torn. These are all possible orders."
    assert lines[2].startswith("Exhaustive: all 35 schedules (3 run, 32 pruned as equivalent), in ")
    assert lines[3:7] == [
        "       4 of 35  torn audit",
        "       4 of 35  wrong total",
        "",
        "The shortest bad schedule: t t t a t a a",
    ]
    assert [line.split("   ")[0] if line.startswith(" 1") else line for line in lines[8:]] == [
        " #   t: 1 > 2, 30 (row_lock)                         a: audit (no_lock)",
        " ──────────────────────────────────────────────────────────────────────",
        " 1",
        " 2   UPDATE 1 SET balance = 4,970",
        " 3   UPDATE 2 SET balance = 10,030",
        " 4                                                   SELECT 1 -> 5,000",
        " 5   COMMIT",
        " 6                                                   SELECT 2 -> 10,030",
        " 7                                                   COMMIT",
        "",
        "Verdict: torn. Final balances: 1: 4,970, 2: 10,030.",
        "Audit 1 read 15,030, expected 15,000: read account 1 before transfer 1 (30 from 1 to 2) left, and "
        "account 2 after the 30 had arrived: 30 too much.",
    ]


@pytest.mark.processes
def test_json_is_one_object_and_nothing_else():
    status, out, err = finish(manage("explore", "--audits", "2", "--json"))

    found = json.loads(out)
    assert status == 0
    assert all(line.endswith(" schedules run") for line in err.splitlines()), "on a slow machine it says how far it is"
    assert {
        *("schedules", "exhaustive", "torn", "wrong_total", "drift", "lost_updates", "deadlocks"),
        *("serialization_failures", "blocked", "pruned", "witness"),
    } <= found.keys()
    assert found["exhaustive"] is True
    assert found["headline"]["kind"] == "bad"
    assert found["headline"]["text"].endswith("schedules are torn.")
    assert len(found["witness"]["steps"]) == len(found["witness"]["schedule"].split()) == 10


def test_list_names_every_schedule():
    found = json.loads(explore("--audit-with", "no_transaction", "--no-prune", "--list", "--json"))

    assert len(found["list"]) == found["schedules"] == 15
    assert sum(entry["verdict"] == ["torn"] for entry in found["list"]) == 4


@pytest.mark.thorough
def test_more_schedules_than_the_limit_are_sampled_and_it_says_of_how_many():
    arguments = ("--transfers", "1>2:30,3>4:5", "--no-prune", "--limit", "40", "--json")

    first, second, other = (json.loads(explore(*arguments, "--seed", seed)) for seed in ("1", "1", "2"))

    assert (first["exhaustive"], first["schedules"]) == (False, 40)
    assert 10_000 < first["about"] < 1_000_000
    assert first["witness"] == second["witness"]
    assert first["about"] != other["about"]


def test_one_schedule_step_by_step():
    text = explore("--audit-with", "row_lock", "--schedule", "t (a) t t t a")

    assert "SELECT all FOR UPDATE: waits for t" in text
    assert "goes on -> 1: 4,970, 2: 10,030" in text
    assert "Verdict: right." in text


def test_beginning_of_a_schedule_says_what_could_come_next():
    text = explore("--audit-with", "row_lock", "--schedule", "t a")

    assert "Not complete. Next could come: t: UPDATE 1 SET balance = 4,970. Blocked: a waits for t." in text


def test_code_behind_each_step():
    shown = explore("--code", "--schedule", "a t t t t a a")

    assert re.search(r"SELECT 1, 2 FOR UPDATE .* row_lock\.py:\d+", shown)
    assert re.search(r"7 +COMMIT +no_lock\.py:\d+", shown)


def test_json_names_file_line_and_function_of_each_step():
    steps = json.loads(explore("--json", "--schedule", "a t t t t a a"))["steps"]

    places = [(Path(place["file"]).name, place["function"]) for place in (step["code"][-1] for step in steps)]
    assert places == [("no_lock.py", "audit"), *[("row_lock.py", "transfer")] * 4, *[("no_lock.py", "audit")] * 2]
    assert all(place["line"] > 1 for step in steps for place in step["code"])


def test_html_is_one_page_with_the_schedule_beside_its_code(tmp_path):
    file = tmp_path / "missed-lock.html"

    explore("--html", str(file))
    page = " ".join(file.read_text().split())

    assert "4 of 35 schedules are torn." in page
    assert re.search(r'<a href="#audit-(\d+)">no_lock\.py:\1</a>', page)
    assert re.search(r'id="transfer-\d+" class="at">.*<span class="sessions">steps 2, 3</span>', page)
    assert re.findall(r'(?:src|href)="(?!#)|<script', page) == []
    with pytest.raises(CommandError, match="is there already: give another name, or --force to replace it"):
        explore("--html", str(file))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "--audit-with row_lock",
            "0 of 6 schedules are torn.</strong> These are all possible orders: this is a proof.",
        ),
        ("--schedule 'a t'", "Sessions have steps to take yet."),
        ("--schedule 'a t t t t a a'", '<strong class="bad">Torn.</strong>'),
    ],
)
def test_html_of_what_is_right_and_of_one_schedule(tmp_path, arguments, said):
    explore(*shlex.split(arguments), "--html", str(tmp_path / "page.html"))

    page = (tmp_path / "page.html").read_text()
    assert said in page
    assert "row_lock.py:" in page


def test_sql_in_full():
    assert 'SELECT "accounts_account"."id"' in " ".join(explore("--sql", "--schedule", "a").split())


def test_a_file_of_ones_own_is_explored_unmodified():
    fix = str(FIXES / "account_locks.py")

    assert json.loads(explore("--transfer-with", fix, "--audit-with", fix, "--json"))["torn"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--transfer-with nope", "There is no strategy 'nope': choose one of "),
        ("--audit-with nope.py", "The strategy nope.py cannot be read (No such file or directory): give the path"),
        ("--transfer-with single_statement", "The strategy 'single_statement' has no transfer: choose one of "),
        ("--accounts 1", "accounts cannot be 1: choose 2 to 20."),
        ("--accounts 2 --transfers 1>3:5", "There is no account 3 among 2: let transfers name accounts 1 to 2, or "),
        ("--transfers 1-2", "A transfer cannot be '1-2': write SOURCE>TARGET:AMOUNT, such as 1>2:30, several with "),
        ("--transfers 1>1:5", "A transfer cannot be '1>1:5': choose two different accounts, from 1 on, and an amount "),
        ("--audits 9", "1 transfers and 9 audits cannot be explored: choose 1 to 6 sessions."),
        ("--limit 0", "limit cannot be 0: choose 1 or more schedules."),
        ("--schedule x", "Step 1 of the schedule cannot be taken: there is no session 'x'; choose t or a."),
        (
            "--audit-with row_lock --schedule 'a t t'",
            "Step 3 of the schedule cannot be taken: t waits for a; choose a.",
        ),
    ],
)
def test_error_exploration_that_cannot_be(arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        explore(*shlex.split(arguments))

    assert str(refusal.value).startswith(sentence)
    assert not Bank.objects.exists()


@pytest.mark.processes
def test_error_not_on_postgresql():
    status, out, err = finish(manage("explore", env={"DATABASE_URL": "sqlite:///:memory:"}))

    assert (status, out) == (2, "")
    assert err.startswith("Error: DATABASE_URL names SQLite, and this needs PostgreSQL: ")


def commands_of_the_docs() -> list:
    """One takes as long as a hundred other tests; that several processes are one proof, test_jobs.py holds."""
    lines = [line for line in DOCS.read_text().splitlines() if line.startswith("python manage.py explore")]
    commands = [line.partition("manage.py explore")[2] for line in lines]
    return [pytest.param(each, marks=[pytest.mark.thorough] if "--jobs" in each else []) for each in commands]


@pytest.mark.parametrize("arguments", commands_of_the_docs())
def test_commands_of_the_docs_do_what_the_docs_say(arguments):
    """Each command stands above what it prints: the docs show the lines of the verdict."""
    text = DOCS.read_text().partition(f"manage.py explore{arguments}\n")[2].partition("```\n")[0]
    said = explore(*shlex.split(arguments.partition("#")[0]))

    shown = [line for line in text.partition("$ ")[0].splitlines() if " of " in line and line.startswith("  ")]
    assert shown
    assert all(line in said for line in shown)


@pytest.mark.processes
def test_help_has_examples():
    status, out, _err = finish(manage("explore", "--help"))

    assert status == 0
    assert "examples:" in out
    assert "manage.py explore" in out

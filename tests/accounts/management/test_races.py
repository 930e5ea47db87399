"""`manage.py explore FILE` as its user meets it."""

import json
import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.db import scratch_database
from accounts.explorer import races
from accounts.labs.catalogue import find_lab
from accounts.models import Bank
from tests.support.processes import finish, manage
from tests.support.samples.models import Voucher

pytestmark = pytest.mark.django_db(transaction=True)

VOUCHER = """
from accounts.models import Bank
from tests.support.samples.models import Voucher
from tests.support.samples.races import {redeem} as redeem

def setup():
    Voucher.objects.create(code="X")
    Bank.objects.create(name="Of the setup", opening_total=0)

def session_anna():
    return redeem("X", "anna")

def session_ben():
    return redeem("X", "ben")
"""
LOCKED = VOUCHER.format(redeem="redeem_with_the_voucher_locked")
OPPOSITE = """
from django.db import transaction
from django.db.models import F
from tests.support.samples.models import Song

def setup():
    Song.objects.bulk_create([Song(pk=1, place=1), Song(pk=2, place=2)])

def move(*songs):
    with transaction.atomic():
        for pk in songs:
            Song.objects.filter(pk=pk).update(place=F("place") + 1)

def session_a():
    move(1, 2)

def session_b():
    move(2, 1)
"""


@pytest.fixture(scope="module")
def with_tables(django_db_setup, django_db_blocker) -> Iterator[str]:
    """A database with all tables. To make them takes as long as several explorations."""
    own = connection.settings_dict["NAME"]
    name = f"{own}_with_tables"
    with django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
        with scratch_database._used(name):
            call_command("migrate", run_syncdb=True, verbosity=0)
    yield name
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture(autouse=True)
def _tables_are_copied(with_tables, monkeypatch) -> None:
    """In this process; those that tests start make theirs as for a user."""

    def copy(cursor: CursorWrapper, name: str) -> None:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {with_tables}")

    monkeypatch.setattr(scratch_database, "_create", copy)
    monkeypatch.setattr(races, "call_command", lambda *_arguments, **_options: None)


@pytest.fixture
def file(tmp_path) -> Path:
    """A voucher that can be used twice."""
    path = tmp_path / "races.py"
    path.write_text(VOUCHER.format(redeem="redeem"))
    return path


def explore(*arguments: object) -> tuple[int, str]:
    """The exit status, and what it printed."""
    out = StringIO()
    try:
        call_command("explore", *map(str, arguments), stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_race_is_named_counted_and_shown(file):
    status, text = explore(file)

    assert status == 1
    assert text.startswith("60 of 70 schedules end as no serial order of the 2 calls does; exhaustive (8 were run, ")
    assert "The one that is easiest to read (phantom):" in text
    assert "samples_redemption, new rows: here 2:" in text
    schedule = "anna anna anna ben ben ben ben anna"
    assert f'See it again: manage.py explore {file} --schedule "{schedule}"' in text


def test_rows_of_ours_are_not_touched_nor_seen(file, open_bank):
    bank = open_bank(100, 200)

    explore(file)

    assert list(Bank.objects.all()) == [bank]
    assert not Voucher.objects.exists()


def test_repair_is_proved(file):
    file.write_text(LOCKED)

    status, text = explore(file)

    assert status == 0
    assert text.startswith("each of 8 schedules ends as a serial order of the 2 calls does; exhaustive")


def test_json_is_one_object(file):
    status, text = explore(file, "--json")

    found = json.loads(text)
    assert status == 1
    assert (found["serializable"], found["exhaustive"]) == (False, True)
    assert (found["anomaly_count"], found["schedules"]) == (60, 70)
    assert sum(anomaly["stands_for"] for anomaly in found["anomalies"]) == 60
    assert found["witness"]["schedule"] == found["anomalies"][0]["schedule"]
    assert len(found["witness"]["steps"]) == 8
    assert found["witness"]["names"] == ["phantom"]


@pytest.mark.thorough
def test_one_schedule(file):
    right, shown = explore(file, "--schedule", "anna anna anna anna ben ben ben")
    wrong, text = explore(file, "--schedule", "anna ben anna ben anna ben")

    assert (right, wrong) == (0, 1)
    assert shown.startswith("this schedule ends as a serial order of the 2 calls does; NOT exhaustive: no other was")
    assert "INSERT INTO samples_redemption" in shown
    assert text.startswith("this schedule ends as no serial order of the 2 calls does; NOT exhaustive: no other was ru")


def test_html_is_one_page_and_replaces_nothing_unasked(file, tmp_path):
    page = tmp_path / "report.html"

    explore(file, "--html", page)
    with pytest.raises(CommandError, match="is there already: give another name, or --force to replace it") as refusal:
        explore(file, "--html", page)

    assert refusal.value.returncode == 2
    assert "60 of 70 schedules end as no serial order" in page.read_text()


@pytest.mark.thorough
def test_deadlock_is_a_failure_unless_it_is_allowed(file):
    file.write_text(OPPOSITE)

    status, text = explore(file)

    assert (status, explore(file, "--allow-deadlocks")[0]) == (1, 0)
    assert "; deadlock in 8; exhaustive" in text
    assert "The deadlock that is easiest to read:" in text
    assert "id = 2 -> ERROR 40P01" in text
    assert "PostgreSQL ended a to break the deadlock: it has not happened." in text
    assert f'See it again: manage.py explore {file} --schedule "a b (b) a a b"' in text
    assert "What differs" not in text


def test_deadlock_is_shown_on_the_page_and_in_json_too(file, tmp_path):
    file.write_text(OPPOSITE)

    _status, text = explore(file, "--json", "--html", tmp_path / "page.html")

    page = (tmp_path / "page.html").read_text()
    assert json.loads(text)["witness"]["schedule"] == "a b (b) a a b"
    assert '<p class="verdict">' in page  # not in green
    assert "ERROR 40P01" in page


def test_sample_that_found_nothing_is_no_proof(file):
    file.write_text(LOCKED)

    status, text = explore(file, "--no-prune", "--limit", "3")

    assert status == 3
    assert "NOT exhaustive: " in text


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("def session_anna(): pass\n", "{file} has one session, session_anna(), and a race needs another: "),
        (
            LOCKED.replace('code="X"', 'code="X" * 99'),
            "setup() of {file} failed (DataError: value too long for type character varying(20); line 7): repair it",
        ),
        (
            LOCKED.replace('return redeem("X", "ben")', "Voucher.objects.count() + missing"),
            "The call ben raises an error in every order, also when it comes first (NameError: name 'missing' is not",
        ),
        (
            LOCKED.replace('return redeem("X", "ben")', "return redeem"),
            "The call ben asks the database for nothing, so there is nothing to put in an order.",
        ),
        (LOCKED.replace("def session_ben", "async def session_ben"), "The call ben (races.py, line 13) is async: "),
    ],
)
def test_error_file_that_says_nothing_about_a_race(content, sentence, file):
    file.write_text(content)

    with pytest.raises(CommandError) as refusal:
        explore(file)

    assert str(refusal.value).startswith(sentence.format(file=file))
    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{file}", "--limit", "0"], "limit cannot be 0: choose 1 or more schedules."),
        (
            ["{file}", "--app", "no/app"],
            "There is no folder no/app: give the path of an app, the folder that has its m",
        ),
        (["{file}", "--html", "no/page.html"], "There is no folder 'no' for page.html: create it first."),
        (["{file}", "--html", "-"], "--html cannot be '-': give the name of a file."),
        (["{file}", "--schedule", "anna carl"], "Step 2 of the schedule cannot be taken: there is no session 'carl'; "),
        (["{file}", "--audits", "2"], "--audits means nothing beside a file: leave it out."),
        (["{file}", "--transfer-with", "no_lock"], "--transfer-with means nothing beside a file: leave it out."),
        (["--app", "shop"], "--app means nothing without a file of sessions: leave it out."),
    ],
)
def test_error_arguments_that_cannot_be(arguments, sentence, file):
    with pytest.raises(CommandError) as refusal:
        explore(*(argument.format(file=file) for argument in arguments))

    assert str(refusal.value).startswith(sentence)
    assert refusal.value.returncode == 2


SHOP = """
from django.contrib.auth.models import User
from django.db import models, transaction

class Ticket(models.Model):
    buyer = models.ForeignKey(User, models.CASCADE, null=True)

def buy(name):
    with transaction.atomic():
        ticket = Ticket.objects.filter(buyer=None).first()
        if ticket:
            ticket.buyer = User.objects.get(username=name)
            ticket.save()
        return bool(ticket)
"""
RACES = """
from django.contrib.auth.models import User
from corner_shop.models import Ticket, buy

print("printed by the file")

def setup():
    User.objects.bulk_create([User(username="anna"), User(username="ben")])
    Ticket.objects.create()

def session_anna():
    return buy("anna")

def session_ben():
    return buy("ben")
"""


@pytest.mark.processes
def test_app_from_outside_the_project(file, tmp_path):
    """Without migrations, in a folder that is no package, with a key to a table of ours."""
    shop = tmp_path / "corner_shop"
    shop.mkdir()
    (shop / "models.py").write_text(SHOP)
    file.write_text(RACES)

    wrong = finish(manage("explore", str(file), "--app", str(shop), "--json"))
    (shop / "models.py").write_text(SHOP.replace(".filter(", ".select_for_update().filter("))
    right = finish(manage("explore", str(file), "--app", str(shop)))

    assert (wrong[0], wrong[2]) == (1, "printed by the file\n")
    assert json.loads(wrong[1])["witness"]["names"] == ["lost update"]
    assert (right[0], right[2]) == (0, "printed by the file\n")
    assert "corner_shop_ticket" not in connection.introspection.table_names()


@pytest.mark.thorough
def test_solution_of_lab_13_as_its_task_says(file):
    """The student's file is a file of races; with the code as it was given, its test fails."""
    lab, app = find_lab(13), settings.BASE_DIR / "docs" / "ticket_shop"
    file.write_text(lab.solution.read_text().replace(".select_for_update()", ""))

    wrong, right = (explore(path, "--app", app)[0] for path in (file, lab.solution))

    assert (wrong, right) == (1, 0)


@pytest.mark.processes
def test_interrupted_run_leaves_no_database(file):
    file.write_text(
        "import signal, sys\n"
        "from django.db import connection\n"
        "def setup():\n"
        "    print(connection.settings_dict['NAME'], file=sys.stderr, flush=True)\n"
        "    signal.pause()\n"
        "def session_a(): pass\n"
        "def session_b(): pass\n"
    )

    process = manage("explore", str(file))
    name = process.stderr.readline().strip()
    process.send_signal(signal.SIGINT)
    status, out, err = finish(process)

    assert (status, out, err) == (130, "", "Interrupted.\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", [name])
        assert (name.startswith("test_races_"), cursor.fetchall()) == (True, [])

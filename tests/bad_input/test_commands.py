"""Commands that are given what cannot be. Each row: the command line, its exit status, a part of what it says."""

import shlex

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, base, call_command, execute_from_command_line

from accounts.errors import BankError
from accounts.management.commands.database import _check_address
from tests.support.processes import free_port

NUMBER = "9" * 30

ROWS = [
    # Numbers.
    ("storm --transfers x", 2, "argument --transfers: invalid int value: 'x'"),
    ("storm --transfers 1.5", 2, "argument --transfers: invalid int value: '1.5'"),
    ("storm --transfers ''", 2, "argument --transfers: invalid int value: ''"),
    ("storm --transfers", 2, "argument --transfers: expected one argument"),
    ("storm --transfers 0", 1, "transfers cannot be 0: choose 1 to 1,000,000."),
    ("storm --transfers -1", 1, "transfers cannot be -1: choose 1 to 1,000,000."),
    (f"storm --transfers {NUMBER}", 1, f"transfers cannot be {NUMBER}: choose 1 to 1,000,000."),
    ("storm --audits -1", 1, "audits cannot be -1: choose 0 to 100,000."),
    ("storm --audits 100001", 1, "audits cannot be 100001: choose 0 to 100,000."),
    ("storm --accounts 1", 1, "accounts cannot be 1: choose 2 to 1,000,000."),
    ("storm --accounts 200000", 1, "200 audits of 200,000 accounts would keep 40,000,000 readings: choose fewer"),
    ("storm --workers 0", 1, "workers cannot be 0: choose 1 to 64."),
    ("storm --threads 65", 1, "threads cannot be 65: choose 1 to 64."),
    ("storm --workers 64 --threads 64", 1, "need 4227 database connections, and the server has"),
    ("storm --max-amount 0", 1, "max amount cannot be 0: choose 1 to 1,000,000,000."),
    ("storm --max-amount 44501", 1, "max amount cannot be 44,501: all accounts together hold 44,500."),
    ("storm --seed -1", 1, "seed cannot be -1: choose 0 to"),
    (f"storm --seed {2**63}", 1, f"seed cannot be {2**63}: choose 0 to"),
    # Names.
    ("storm --transfer-with nope", 1, "There is no strategy 'nope': choose one of advisory_lock, "),
    ("storm --transfer-with ''", 1, "transfer with cannot be '': This field cannot be blank."),
    ("storm --transfer-with '<b>Kälte</b>'", 1, "There is no strategy '<b>Kälte</b>': choose one of"),
    ("storm --transfer-with ../../etc/passwd", 1, "There is no strategy '../../etc/passwd': choose one of"),
    ("storm --transfer-with os", 1, "There is no strategy 'os': choose one of"),
    (f"storm --transfer-with {'x' * 300}", 1, "Ensure this value has at most 200 characters (it has 300)."),
    ("storm --transfer-with single_statement", 1, "The strategy 'single_statement' has no transfer: choose one of"),
    ("storm --audit-with batch", 1, "The strategy 'batch' has no audit: choose one of"),
    ("storm --cluster elsewhere", 2, "argument --cluster: invalid choice: 'elsewhere'"),
    ("storm --color", 2, "unrecognized arguments: --color"),
    ("storm 5", 2, "unrecognized arguments: 5"),
    # Several storms.
    ("compare --transfers 0", 1, "transfers cannot be 0: choose 1 to 1,000,000."),
    ("compare --only row_lock", 1, "--only goes with --all: the story's seven storms are what they are."),
    ("compare --csv", 1, "--csv goes with --all"),
    ("compare --all --only nope", 1, "There is no strategy 'nope': choose from"),
    ("compare --all --only ''", 1, "There is no strategy '': choose from"),
    ("compare --all --only single_sum", 1, "There is no pair among single_sum: name at least one that transfers"),
    ("compare --all --accounts 1", 1, "accounts cannot be 1: choose 2 to 1,000,000."),
    ("compare --all --json --csv", 2, "not allowed with argument"),
    # Storms that are to be looked at.
    ("explain", 2, "the following arguments are required: STORM"),
    ("explain newest", 1, "A storm cannot be 'newest': give its number, or \"last\"."),
    ("explain ²", 1, "A storm cannot be '²': give its number"),
    ("explain 99999999", 1, "There is no storm '99999999': the newest are"),
    (f"explain {NUMBER}", 1, f"A storm cannot be '{NUMBER}'"),
    ("explain last --audit 99999999", 1, "is not among the"),
    ("explain last --audit x", 2, "argument --audit: invalid int value: 'x'"),
    ("history 99999999", 1, "There is no storm '99999999'"),
    # Explorations.
    ("explore --transfer-with nope", 1, "There is no strategy 'nope': choose one of"),
    ("explore --transfer-with nope.py", 1, "The strategy nope.py cannot be read (No such file or directory)"),
    ("explore --accounts 21", 1, "accounts cannot be 21: choose 2 to 20."),
    ("explore --transfers 1-2", 1, "A transfer cannot be '1-2': write SOURCE>TARGET:AMOUNT"),
    ("explore --transfers '1>1:5'", 1, "A transfer cannot be '1>1:5': choose two different accounts"),
    ("explore --transfers '1>2:0'", 1, "A transfer cannot be '1>2:0'"),
    ("explore --audits 9", 1, "1 transfers and 9 audits cannot be explored: choose 1 to 6 sessions."),
    ("explore --limit 0", 1, "limit cannot be 0: choose 1 or more schedules."),
    ("explore --jobs 0", 1, "jobs cannot be 0: choose 1 to 16 processes."),
    ("explore --jobs two", 2, "argument --jobs: invalid int value: 'two'"),
    ("explore --matrix --jobs 2", 2, "--jobs means nothing with --matrix: leave it out."),
    ("explore --schedule x", 1, "there is no session 'x'; choose t or a."),
    ("explore --processes many", 2, "argument --processes: invalid choice: 'many'"),
    # What serves and measures.
    ("qcluster --workers 0", 1, "--workers cannot be 0: choose 1 to 64."),
    ("classroom --workers 65", 1, "--workers cannot be 65: choose 1 to 64."),
    ("classroom --address here", 1, "--address cannot be 'here': give an address of this machine and a port"),
    ("classroom --address *:8124", 1, "--address cannot be '*:8124': give an address of this machine and a port"),
    ("classroom --address .example:8124", 1, "--address cannot be '.example:8124': give an address of this machine"),
    ("classroom --address 127.0.0.1:99999", 1, "--address cannot be '127.0.0.1:99999'"),
    ("classroom --address 203.0.113.1:8000", 1, "Nothing can be served at 203.0.113.1:8000"),
    ("benchmark nothing", 1, "There is nothing to measure called 'nothing': choose from"),
    ("benchmark --rounds 0", 1, "--rounds cannot be 0: choose 1 to 100."),
    ("benchmark --workers 0", 1, "--workers cannot be '0': give numbers from 1 to 64"),
    ("benchmark --json /dev/null/file", 1, "/dev/null/file cannot be written (Not a directory): name another file."),
    ("database", 2, "the following arguments are required: action"),
    ("database start --listen here", 1, "--listen cannot be 'here': give an address of this machine and a port, HOST"),
    (
        "database start --listen 127.0.0.1:99999",
        1,
        "--listen cannot be '127.0.0.1:99999': give an address of this machine",
    ),
    # Logins.
    ("students", 1, "0 names were given: give 1 to 200"),
    ("students 'a b'", 1, "There can be no login 'a b': Enter a valid username."),
    ("students anna '<script>'", 1, "There can be no login '<script>': Enter a valid username."),
    ("students anna teacher", 1, "There can be no student 'teacher': `manage.py classroom` gives that login to the"),
    ("students --file /nowhere.txt", 1, "The file /nowhere.txt cannot be read"),
    ("nothing", 1, "Unknown command: 'nothing'"),
]


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize(("command", "status", "sentence"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_error_command_line_that_cannot_be(command, status, sentence, unchanged, capfd, monkeypatch):
    monkeypatch.setattr(base.connections, "close_all", lambda: None)  # it is the test's connection, and its transaction

    with pytest.raises(SystemExit) as end:
        execute_from_command_line(["manage.py", *shlex.split(command)])

    out, err = capfd.readouterr()
    assert end.value.code == status
    assert sentence in err
    assert "Traceback" not in out + err
    assert len(err.strip().splitlines()) == 1 or status == 2 or command == "nothing"  # argparse shows the usage too


def test_error_address_that_is_not_ours():
    with pytest.raises(BankError, match="--listen cannot be '192.0.2.1:5432' .*: give an address of this machine"):
        _check_address("192.0.2.1:5432", is_free=True)


def test_names_may_come_from_windows(tmp_path, db, capsys):
    file = tmp_path / "class.txt"
    file.write_bytes("anna\r\nben\r\n".encode("utf-8-sig"))

    call_command("students", "--file", str(file))

    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == ["name", "anna", "ben"]


def test_error_somebody_else_has_the_teacher_s_login(db):
    User.objects.create_user("teacher")

    with pytest.raises(CommandError, match="The login 'teacher' is taken by a user who is no superuser"):
        call_command("classroom", "--address", f"127.0.0.1:{free_port()}")


def test_explain_counts_what_failed(storm, capsys):
    storm.audits.update(status="failed", reason="40P01: deadlock detected", total=None, readings=None)

    call_command("explain", str(storm.pk))

    assert "2 more failed: 40P01: deadlock detected" in capsys.readouterr().out

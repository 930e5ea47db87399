"""Standard streams as shells and disks make them: what was not written is not said to be written."""

import os
import shlex
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from tests.support.processes import manage

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/full, and closes no streams"),
]

FULL = "Error: Standard output cannot be written (No space left on device): not all of it is there."
CLOSED = "Error: Standard output is closed: write `> /dev/null` where it is not wanted."


def in_shell(line: str) -> tuple[int, str, str]:
    """Run `manage.py LINE`, its streams redirected in LINE: exit status, what it wrote, what it wrote to stderr."""
    command = f"{shlex.quote(sys.executable)} manage.py {line}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, env=os.environ
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.thorough(every=6)
@pytest.mark.parametrize(
    "line",
    [
        "help > /dev/full",
        "storm --help > /dev/full",
        "help storm > /dev/full",
        "check > /dev/full",
        "database status > /dev/full",
        "sqlmigrate accounts 0001 > /dev/full",
    ],
)
def test_error_output_on_a_full_disk(line):
    assert in_shell(line) == (1, "", f"{FULL}\n")


@pytest.mark.parametrize("line", ["help >&-", "storm --transfers 10 >&-", "help >&- <&-"])
def test_error_output_that_is_closed(line):
    assert in_shell(line) == (1, "", f"{CLOSED}\n")


@pytest.mark.parametrize("line", ["help >&- 2>&-", "help > /dev/full 2> /dev/full"])
def test_error_where_nothing_can_be_said(line):
    assert in_shell(line) == (1, "", "")


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("line", ["help 2>&-", "help 2> /dev/full", "help <&-", "help <&- 2>&-"])
def test_closed_or_full_other_streams_do_no_harm(line):
    status, out, err = in_shell(line)

    assert (status, err) == (0, "")
    assert "Available subcommands" in out


@pytest.mark.django_db(transaction=True)
def test_error_password_that_could_not_be_shown_is_not_kept(monkeypatch):
    monkeypatch.setenv("BANK_DATABASE_NAME", connection.settings_dict["NAME"])

    assert in_shell("students zoe > /dev/full") == (1, "", f"{FULL}\n")

    assert not User.objects.filter(username="zoe").exists()


def test_reader_that_has_seen_enough_is_no_error_to_be_told():
    assert in_shell("help | head -1")[2] == ""


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_full_disk_under_the_errors_ends_no_storm(tmp_path):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "manage.py", "storm", "--transfers", "20", "--audits", "1", "--workers", "1"]
        environment = os.environ | {"BANK_DATABASE_NAME": connection.settings_dict["NAME"]}
        done = subprocess.run(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=full, env=environment)

    assert done.returncode == 0
    assert b"(finished)" in done.stdout


def test_name_that_is_no_text_is_written_with_backslashes(tmp_path):
    name = os.path.join(os.fsencode(tmp_path), b"M\xfcller")
    environment = os.environb | {b"BANK_HOME": name, b"PYTHONIOENCODING": b"utf-8:strict"}

    done = subprocess.run(
        [sys.executable, "manage.py", "database", "status"], cwd=settings.BASE_DIR, capture_output=True, env=environment
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"M\\udcfcller" in done.stdout


@pytest.mark.parametrize("arguments", [["help"], ["storm", "--transfers", "100000"]])
def test_second_interrupt_leaves_no_traceback(arguments):
    process = manage(*arguments)
    for _ in range(3):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=60)

    assert "Traceback" not in err or "import_site" in err or "import signal" in err  # Python itself was being started

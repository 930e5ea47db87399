"""The embedded database is restarted under a storm: on a server of its own, so that nobody else's is touched."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from accounts import faults
from accounts.errors import BankError
from accounts.storms.outage import Outage, retry_while_away
from bankproject.embedded.server import Server
from tests.accounts.faults.conftest import _needs_titles, _short_patience, wait_until  # noqa: F401 (fixtures)


@pytest.fixture
def home(tmp_path) -> Iterator[dict[str, str]]:
    yield os.environ | {"BANK_HOME": str(tmp_path)}
    Server(tmp_path / "postgres").stop()


def manage(*arguments: str, env: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_storm_goes_on_after_its_database_crashed_and_was_away(home, tmp_path):
    server = Server(tmp_path / "postgres")
    # One worker takes so long for these that the restart, a program of its own, meets the storm.
    storm = manage("storm", "--transfers", "2000", "--audits", "20", "--workers", "1", "--json", env=home)
    try:
        wait_until(lambda: count_applied(server) > 0)
        restart = manage("database", "restart", "--mode", "immediate", "--away", "1", env=home)
        assert restart.communicate(timeout=60) == ("Restarted.\n", "")
        out, err = storm.communicate(timeout=100)
    finally:
        storm.kill()

    assert storm.returncode == 0, err
    report = json.loads(out)
    assert "The database is away (" in err
    assert (report["state"], report["transfers"]["applied"], report["transfers"]["pending"]) == ("finished", 2000, 0)
    assert (report["transfers"]["applied_twice"], report["accounts_off"], report["audits"]["taken"]) == (0, 0, 20)


def test_report_waits_for_a_database_that_goes_away_when_the_storm_is_over(monkeypatch):
    answers = iter([OperationalError("the server closed the connection"), InterfaceError("closed"), None])
    said = []

    def question() -> str:
        if error := next(answers):
            raise error
        return "the report"

    assert retry_while_away(question, say=said.append) == "the report"
    assert len(said) == 1
    assert said[0].startswith("The database is away (")


def test_error_that_waiting_does_not_help_is_raised():
    def question() -> None:
        raise OperationalError("No space left on device") from psycopg.errors.DiskFull()

    with pytest.raises(OperationalError):
        retry_while_away(question, say=print)


def count_applied(server: Server) -> int:
    """How many transfers were applied; 0 while there is no server, or no table."""
    try:
        with psycopg.connect(**server.connection_params(), dbname="bank", connect_timeout=5) as looker:
            (count,) = looker.execute("SELECT count(*) FROM accounts_transfer WHERE status = 'applied'").fetchone()
            return count
    except (psycopg.Error, OperationalError):
        return 0


def test_outage_is_said_once_and_waited_for_until_patience_runs_out(db, monkeypatch):
    away = OperationalError("the server closed the connection")
    outage = Outage(patience_s=60)

    assert outage.note(away).startswith("The database is away (OperationalError: the server closed the connection)")
    assert outage.note(away) == ""
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + 61)
    with pytest.raises(BankError, match="The database has been away for 60 s .*: what was committed is kept"):
        outage.note(away)


def test_outage_may_be_waited_for_without_end():
    said = Outage(patience_s=float("inf")).note(OperationalError("the server closed the connection"))

    assert said.endswith("): waiting for it.")


def test_error_restart_of_a_database_that_is_not_ours(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ENGINE", "django.db.backends.postgresql")

    with pytest.raises(BankError, match="restart-database restarts the embedded database only"):
        faults.choose("all")

"""A database that goes away under a storm: on a server of the test's own."""

import json
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from accounts.db.shutdown import Shutdown
from accounts.errors import BankError
from accounts.storms.follow import follow
from accounts.storms.launch import launch
from accounts.storms.outage import Outage
from interleavings.postgres.processes import find_postmaster
from interleavings.postgres.server import Server
from tests.support.clusters import small_storm
from tests.support.processes import free_port, manage
from tests.support.waiting import wait_until


@pytest.fixture
def home(tmp_path) -> Iterator[dict[str, str]]:
    """The environment of commands that use a server of this test's own."""
    yield {"BANK_HOME": str(tmp_path), "BANK_DATABASE_NAME": "bank"}
    server = Server(tmp_path / "postgres")
    server.stop()
    server.close()


@pytest.mark.processes
def test_storm_goes_on_after_its_database_crashed_and_was_away(home, tmp_path, monkeypatch, capsys):
    server = Server(tmp_path / "postgres")
    monkeypatch.setattr(connection, "server", server)  # the command's
    # One worker takes so long for these that the restart meets the storm.
    storm = manage("storm", "--transfers", "1000", "--audits", "20", "--workers", "1", "--json", env=home)
    try:
        wait_until(lambda: count_applied(server) > 0, timeout_s=120)
        call_command("database", "restart", "--mode", "immediate", "--away", "1")
        out, err = storm.communicate(timeout=300)
    finally:
        storm.kill()

    assert capsys.readouterr().out == "Restarted.\n"
    assert storm.returncode == 0, err
    report = json.loads(out)
    assert "The database cannot be reached (" in err
    assert (report["state"], report["transfers"]["applied"], report["transfers"]["pending"]) == ("finished", 1000, 0)
    assert (report["transfers"]["applied_twice"], report["accounts_off"], report["audits"]["taken"]) == (0, 0, 20)


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

    assert outage.note(away).startswith(
        "The database cannot be reached (OperationalError: the server closed the connection)"
    )
    assert outage.note(away) == ""
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + 61)
    with pytest.raises(BankError, match="The database could not be reached for 60 s .*: what was committed is kept"):
        outage.note(away)


def test_outage_may_be_waited_for_without_end():
    said = Outage(patience_s=float("inf")).note(OperationalError("the server closed the connection"))

    assert said.endswith("): waiting for it.")


def tell_to_stop(server: Server) -> None:
    """As `systemctl stop` does: the server waits until all connections are closed."""
    find_postmaster(server.data).terminate()


@pytest.fixture
def own_server(tmp_path) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server that is not ours to start and stop, and the environment that names it."""
    server = Server(tmp_path / "own" / "postgres")
    server.start(listen=f"127.0.0.1:{free_port()}", database="bank")
    params = server.connection_params()
    url = "postgres://{user}:{password}@127.0.0.1:{port}/bank".format(**params)
    env = {"DATABASE_URL": url, "BANK_DATABASE_NAME": "bank"}
    manage("migrate", "-v0", env=env).communicate()
    yield server, env
    server.stop()
    server.close()


def storm_whose_database_is_told_to_stop(server: Server, env: dict[str, str], *, start_again: bool) -> str:
    """Run a storm to its right end; return what it said on stderr."""
    storm = manage("storm", "--transfers", "2000", "--audits", "20", "--workers", "2", "--json", env=env)
    try:
        wait_until(lambda: count_applied(server) > 0, timeout_s=120)
        tell_to_stop(server)
        if start_again:
            wait_until(lambda: not server.is_running(), timeout_s=120)
            server.use()
        out, err = storm.communicate(timeout=300)
    finally:
        storm.kill()
    assert storm.returncode == 0, err
    report = json.loads(out)
    assert (report["state"], report["transfers"]["applied"], report["audits"]["taken"]) == ("finished", 2000, 20)
    assert (report["transfers"]["applied_twice"], report["accounts_off"]) == (0, 0)
    return err


LET_GO = "The database admits no new connections, because it is shutting down: the workers were stopped"


@pytest.mark.thorough
@pytest.mark.processes
def test_storm_goes_on_after_its_database_was_told_to_stop(home, tmp_path):
    err = storm_whose_database_is_told_to_stop(Server(tmp_path / "postgres"), home, start_again=False)

    assert LET_GO in err
    assert "The database is back: the workers were replaced" in err


@pytest.mark.thorough
@pytest.mark.processes
def test_server_of_somebody_else_that_was_told_to_stop_can_stop_under_a_storm(own_server):
    server, env = own_server

    err = storm_whose_database_is_told_to_stop(server, env, start_again=True)

    assert LET_GO in err
    assert "The database is back: the workers were replaced" in err


def test_follower_without_a_cluster_closes_its_connection(transactional_db, monkeypatch):
    storm = small_storm()
    launch(storm, queue="nowhere")
    monkeypatch.setattr(Shutdown, "notice", lambda _shutdown: True)

    update = next(follow(storm))

    assert update.news.endswith(", because it is shutting down: our connection was closed.")
    assert connection.connection is None

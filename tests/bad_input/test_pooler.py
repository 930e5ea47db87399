"""A pooler between us and the server: one that leaves us our session is not noticed, any other is refused at once."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.errors import BankError
from accounts.management import pooler
from interleavings.postgres import folders
from tests.support.processes import finish, manage

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
NO_SESSION = "DATABASE_URL leads to a pooler that gives every transaction another session of the server"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("ours", "others"),
    [
        ([1] * 9, [1] * 9),  # one session of the server, handed to any client that asks
        ([1, 2] * 9, [3] * 9),
        ([1] * 4 + [2] * 9, [3] * 9),
        ([1] * 9, [2, 2, 1, 2]),
    ],
)
def test_error_session_that_does_not_stay(ours, others, monkeypatch):
    pids = {True: iter(ours), False: iter(others)}
    monkeypatch.setattr(pooler, "_server_pid", lambda asked: next(pids[asked is connection]))

    with pytest.raises(BankError, match="use the pooler with pool_mode = session, or name the server itself"):
        pooler.check_session()


@pytest.mark.django_db(transaction=True)
def test_session_that_stays_is_ours_though_its_process_is_another(monkeypatch):
    monkeypatch.setattr(pooler, "_server_pid", lambda asked: 1 if asked is connection else 2)

    pooler.check_session()


@pytest.mark.django_db(transaction=True)
def test_without_a_pooler_no_other_connection_is_made(monkeypatch):
    monkeypatch.setattr(
        type(connections[DEFAULT_DB_ALIAS]), "copy", lambda _connection: pytest.fail("a connection was made")
    )

    pooler.check_session()


@pytest.mark.django_db(transaction=True)
def test_error_statement_that_gets_no_answer():
    waiting = connection.copy()
    waiting.ensure_connection()
    pid = waiting.connection.info.backend_pid
    try:
        with pytest.raises(BankError, match="give it more sessions"), pooler._at_most(0.1, waiting):
            waiting.cursor().execute("SELECT pg_sleep(3600)")
    finally:
        with connection.cursor() as cursor:  # the server has not noticed yet
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        waiting.close()


@pytest.fixture
def pooled(tmp_path, free_port) -> Iterator:
    """pooled("transaction"): a URL of PgBouncer in this mode, in front of the test's database."""
    if PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed.")
    started = []

    def pooled(mode: str, *settings: str) -> str:
        file = _configuration(tmp_path, mode, free_port, settings)
        user = folders.system_user() if folders.AS_ROOT else {}
        started.append(subprocess.Popen([PGBOUNCER, "-q", str(file)], **user, stderr=subprocess.DEVNULL))
        _wait_for_port(free_port)
        return f"postgres://anyone@127.0.0.1:{free_port}/bank"

    yield pooled
    for process in started:
        process.terminate()
        process.wait(30)


def _configuration(folder: Path, mode: str, port: int, settings: tuple[str, ...]) -> Path:
    params = connection.server.connection_params() | {"dbname": connection.settings_dict["NAME"]}
    target = " ".join(f"{name}='{value}'" for name, value in params.items())
    lines = [
        *("[databases]", f"bank = {target}", "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {port}"),
        *("auth_type = any", "unix_socket_dir =", f"pool_mode = {mode}", *settings),
    ]
    file = folder / "pgbouncer.ini"
    file.write_text("\n".join(lines) + "\n")
    for path in (file, folder, *folder.parents):
        if folders.AS_ROOT and path.stat().st_uid == 0:
            path.chmod(path.stat().st_mode | (0o044 if path == file else 0o011))
    return file


def _wait_for_port(port: int, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline, "PgBouncer does not listen"
            time.sleep(0.05)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.thorough(every=2)
@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("mode", "lines"),
    [
        ("transaction", []),
        ("transaction", ["default_pool_size = 1"]),
        ("transaction", ["server_round_robin = 1", "default_pool_size = 3", "min_pool_size = 3"]),
        ("statement", []),
    ],
)
def test_error_pooler_of_transactions(mode, lines, pooled):
    env = {"DATABASE_URL": pooled(mode, *lines), "BANK_DATABASE_NAME": "bank"}

    status, out, err = finish(manage("storm", "--transfers", "10", env=env))

    assert (status, out) == (1, "")
    # As long as it has one session only, a pooler cannot be told from a server: then it is the workers that find out.
    assert (
        err.removeprefix("CommandError: ")
        .removeprefix("The workers ended, and were not asked to: ")
        .startswith(NO_SESSION)
    )
    assert len(err.splitlines()) == 1


@pytest.mark.thorough
@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_pooler_of_sessions_is_not_noticed(pooled):
    env = {"DATABASE_URL": pooled("session"), "BANK_DATABASE_NAME": "bank"}

    status, out, err = finish(
        manage("storm", "--transfers", "20", "--audits", "2", "--workers", "1", "--json", env=env)
    )

    assert status == 0, err
    assert '"state": "finished"' in out

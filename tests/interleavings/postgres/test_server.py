"""The embedded server: made on demand, found again, stopped with its last user, recovered after a kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from interleavings.postgres import folders, processes
from interleavings.postgres.errors import EmbeddedServerError
from interleavings.postgres.server import IMPORT_FOLDER, Server
from tests.support.postgres import connect, start_user
from tests.support.waiting import wait_until

pytestmark = pytest.mark.processes


def test_first_use_makes_a_private_server_with_our_database(server):
    server.use("shop")

    with connect(server, "shop") as connection:
        version, addresses = connection.execute(
            "SELECT current_setting('server_version_num'), current_setting('listen_addresses')"
        ).fetchone()
    assert version.startswith("18")
    assert addresses == ("127.0.0.1" if folders.WINDOWS else "")
    assert server.data.stat().st_mode & 0o077 == 0
    assert (server.folder / "password").stat().st_mode & 0o077 == 0


def test_wrong_password_is_not_let_in(running_server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**running_server.connection_params() | {"password": "guess"}, dbname="postgres")


def test_random_password_is_hashed_once_and_those_of_other_roles_as_often_as_by_default(running_server):
    with connect(running_server) as connection:
        connection.execute("CREATE ROLE other PASSWORD 'guessed'")
        rows = connection.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL").fetchall()
        connection.execute("DROP ROLE other")

    iterations = {role: password.split(":")[0].split("$")[1] for role, password in rows}
    assert iterations == {"postgres": "1", "other": "4096"}


def test_path_too_long_for_a_socket_works(tmp_path):
    server = Server(tmp_path / ("long" * 30) / "postgres")
    try:
        server.use()

        connect(server).close()
        assert Path(server.connection_params()["host"]).stat().st_mode & 0o077 == 0
    finally:
        server.close()


def test_server_outlives_one_user_and_ends_with_the_last(server):
    first, second = start_user(server), start_user(server)

    first.communicate()
    assert first.returncode == 0
    connect(server).close()
    second.communicate()

    assert second.returncode == 0
    assert not server.is_running()


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_server_ends_though_its_last_user_was_killed(server, end):
    user = start_user(server)

    user.send_signal(getattr(signal, end))
    user.communicate()

    wait_until(lambda: not server.is_running())


def test_pinned_server_stays_until_it_is_stopped(server):
    pin = "import sys; from interleavings.postgres.server import Server; Server(sys.argv[1]).start(database='shop')"

    subprocess.run([sys.executable, "-c", pin, str(server.folder)], cwd=IMPORT_FOLDER, check=True)

    connect(server, "shop").close()

    assert server.stop()
    assert not server.is_running()


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize("left_behind", ["", "garbage\n", "{pid}\n/nowhere\n1\n5432\n/tmp\n\n1 1\nready\n"])
def test_postmaster_file_that_was_left_behind_is_no_obstacle(server, left_behind):
    server.use()
    server.stop()
    (server.data / "postmaster.pid").write_text(left_behind.format(pid=os.getpid()))

    assert not server.is_running()
    server.use()

    connect(server).close()
    assert psutil.pid_exists(os.getpid())


def test_server_that_was_killed_starts_again(server):
    server.use()
    processes.find_postmaster(server.data).kill()
    wait_until(lambda: not server.is_running())

    server.use()

    connect(server).close()


def test_data_that_was_half_made_is_made_again(server):
    half = server.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")

    server.use()

    connect(server).close()
    assert not half.exists()


def test_error_on_data_of_another_version(server):
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(EmbeddedServerError) as refusal:
        server.use()

    assert str(refusal.value) == (
        f"{server.data} was made by PostgreSQL 16, and the embedded server is 18: "
        "remove it, or name another folder as HOST in DATABASES."
    )


def test_error_on_something_that_is_no_data_directory(server):
    server.data.mkdir(parents=True)

    with pytest.raises(EmbeddedServerError, match="is not a PostgreSQL data directory"):
        server.use()


def test_error_where_a_file_is_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(EmbeddedServerError, match="cannot be made .* HOST in DATABASES"):
        Server(tmp_path / "file" / "postgres").use()


def test_error_when_the_server_will_not_start(server):
    server.use()
    server.stop()
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedServerError, match="The embedded PostgreSQL failed .*contains errors.*remove the se"):
        server.use()


def test_reset_deletes_the_data(server):
    server.use()

    server.reset()

    assert not server.is_running()
    assert not server.data.exists()

"""A folder in which something is not what it was: one sentence that names it, and nothing is deleted."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from interleavings.postgres import processes
from interleavings.postgres.errors import EmbeddedServerError
from interleavings.postgres.server import Server

pytestmark = pytest.mark.processes
NO_PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")


@pytest.fixture
def stopped(server) -> Server:
    """A server that was used, and has stopped."""
    server.use()
    server.stop()
    server.close()
    return server


def make_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def make_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def write(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


@pytest.mark.thorough(every=8)
@pytest.mark.parametrize(
    ("name", "damage", "sentence"),
    [
        ("data/PG_VERSION", write(b"\xff\xfe\x00"), "data is not a PostgreSQL data directory .PG_VERSION is damaged.:"),
        ("data/PG_VERSION", write(b""), "data is not a PostgreSQL data directory .PG_VERSION is damaged.:"),
        ("data/PG_VERSION", Path.unlink, "data is not a PostgreSQL data directory .No such file or directory.:"),
        ("data/postmaster.pid", make_folder, "data/postmaster.pid cannot be used .Is a directory.: put it right"),
        ("password", Path.unlink, "password cannot be read .No such file or directory.: put it right"),
        ("password", write(b"\xff"), "password cannot be read .it is not text.: put it right"),
        ("password", write(b""), "password is empty: put it right"),
        ("password", write(b"guess"), "password is not the password of this server: put it right"),
        ("password", make_folder, "password cannot be read .Is a directory.: put it right"),
        ("start.lock", make_folder, "start.lock cannot be used .Is a directory.: put it right"),
        pytest.param("users.lock", make_pipe, " cannot be used .File or stream is not seekable.:", marks=NO_PIPES),
        ("users.lock", make_folder, "users.lock cannot be used .Is a directory.: put it right"),
        ("keeper.lock", make_folder, "keeper.lock cannot be used .Is a directory.: put it right"),
        ("keep-running", make_folder, "keep-running cannot be read .Is a directory.: put it right"),
        ("keep-running", write(b"\xff"), "keep-running cannot be read .it is not text.: put it right"),
        ("keep-running", write(b"hello"), "keep-running has the server listen on 'hello', and that cannot be"),
        ("keep-running", write(b"192.0.2.1:5432"), "keep-running has the server listen on '192.0.2.1:5432', and"),
        ("data/server.log", make_folder, "failed .pg_ctl start.: .*server.log: Is a directory"),
        ("data/pg_hba.conf", Path.unlink, "pg_hba.conf.: No such file or directory"),
        ("data/global/pg_control", write(b"x"), "pg_control"),
    ],
)
def test_error_what_is_damaged_is_named(name, damage, sentence, stopped):
    damage(stopped.folder / name)
    before = sorted(stopped.folder.iterdir())

    with pytest.raises(EmbeddedServerError, match=sentence) as refusal:
        stopped.use()

    assert len(str(refusal.value).splitlines()) == 1
    assert set(before) <= set(stopped.folder.iterdir())
    repair(stopped.folder / name)


def repair(path: Path) -> None:
    """What is needed to close the server."""
    if path.is_dir():
        path.rmdir()


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize("content", [b"\xff\xfe\n\n\n", b"", b"1\n"])
def test_lock_file_that_is_damaged_is_no_obstacle(content, stopped):
    (stopped.data / "postmaster.pid").write_bytes(content)

    stopped.use()

    assert stopped.is_running()


def test_link_to_nowhere_instead_of_data_is_left_alone(server, tmp_path):
    server.folder.mkdir(parents=True)
    server.data.symlink_to(tmp_path / "nowhere")

    with pytest.raises(EmbeddedServerError, match="data is not a PostgreSQL data directory"):
        server.use()

    assert server.data.is_symlink()


def test_server_that_started_and_cannot_be_found_is_stopped(server, monkeypatch):
    monkeypatch.setattr(processes, "read_postmaster_file", lambda _data: None)

    with pytest.raises(EmbeddedServerError, match="was started and cannot be found"):
        server.use()

    monkeypatch.undo()
    assert not server.is_running()

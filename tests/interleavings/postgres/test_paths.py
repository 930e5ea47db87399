"""Folders as people call them: the server works in each, and its processes are found and end."""

import os
import shutil
import sys

import pytest

from interleavings.postgres import folders, processes, programs
from interleavings.postgres.errors import EmbeddedServerError
from interleavings.postgres.server import Server
from tests.support.postgres import connect, start_user
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(folders.WINDOWS, reason="Windows has no Unix sockets"),
]


@pytest.mark.thorough(every=3)
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no names that are not UTF-8")
@pytest.mark.parametrize("name", [b"Doe, Jane", b"two\nlines", b"M\xfcller"])
def test_server_works_in_a_folder_of_any_name(name, tmp_path):
    server = Server(os.path.join(str(tmp_path), os.fsdecode(name), "postgres"))
    user = start_user(server)

    connect(server).close()
    assert server.is_running()
    user.communicate()

    wait_until(lambda: not server.is_running())


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize("name", ["Doe, Jane", "two\nlines", "it's"])
def test_programs_work_in_a_folder_of_such_a_name(name, server, tmp_path, monkeypatch):
    package = tmp_path / name / "programs_of_postgresql"
    shutil.copytree(programs.folder().parent, package / f"pginstall{programs.MAJOR_VERSION}", symlinks=True)
    libraries = programs.folder().parents[2] / f"{programs.PACKAGE}.libs"
    if libraries.exists():
        shutil.copytree(libraries, tmp_path / name / libraries.name)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(programs, "PACKAGE", package.name)
    programs.folder.cache_clear()
    try:
        server.use()
        assert name in processes.find_postmaster(server.data).exe()
        server.stop()
    finally:
        programs.folder.cache_clear()


@pytest.mark.parametrize("name", ["data", "a b", "with+plus@and~", "x" * 30])
def test_socket_is_in_the_data_directory_where_it_can_be(name, tmp_path):
    if len(os.fsencode(tmp_path / name)) > folders.MAX_SOCKET_FOLDER_BYTES:
        pytest.skip("The temporary folder's own path is too long.")

    assert folders.socket_folder(tmp_path / name) == tmp_path / name


@pytest.mark.parametrize("name", ["a,b", "a\nb", 'a"b', "Müller", "a\udcfcb", "x" * 100])
def test_socket_is_elsewhere_where_libpq_could_not_read_its_path(name, tmp_path, monkeypatch):
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: "/tmp")

    elsewhere = folders.socket_folder(tmp_path / name)

    assert str(elsewhere).startswith("/tmp/interleavings-")
    elsewhere.rmdir()


def test_temporary_folder_of_such_a_name_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: "/tmp/Doe, Jane")

    elsewhere = folders.socket_folder(tmp_path / "a,b")

    assert str(elsewhere).startswith("/tmp/interleavings-")
    elsewhere.rmdir()


def test_error_no_place_for_a_socket(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "MAX_SOCKET_FOLDER_BYTES", 5)

    with pytest.raises(EmbeddedServerError, match="set TMPDIR to a folder with a short, plain path."):
        folders.socket_folder(tmp_path / "a,b")

"""`manage.py dbshell` with the embedded server."""

import shutil
import signal
import subprocess
from collections.abc import Iterator

import pytest
from django.db import ConnectionHandler

from interleavings.postgres.client import DatabaseClient
from interleavings.postgres.server import Server

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def _databases_are_allowed(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def client_of(server: Server) -> DatabaseClient:
    settings = {"ENGINE": "interleavings.postgres", "HOST": str(server.folder), "NAME": "two words"}
    return ConnectionHandler({"default": settings})["default"].client


def test_shell_is_in_the_database_of_the_settings_and_leaves_the_interrupt_as_it_was(running_server, capfd):
    before = signal.getsignal(signal.SIGINT)

    client_of(running_server).runshell(["-Atc", "SELECT current_database(), current_user"])

    assert capfd.readouterr().out == "two words|postgres\n"
    assert signal.getsignal(signal.SIGINT) is before


def test_shell_starts_a_server_that_does_not_run(server, capfd):
    client_of(server).runshell(["-Atc", "SELECT 7"])

    assert capfd.readouterr().out == "7\n"


def test_error_status_of_psql_is_passed_on(running_server):
    with pytest.raises(subprocess.CalledProcessError) as failure:
        client_of(running_server).runshell(["-c", "SELECT nonsense"])

    assert failure.value.returncode == 1


def test_error_there_is_no_psql_at_all(running_server, monkeypatch):
    """Django's `dbshell` says so in one sentence."""
    monkeypatch.setattr(shutil, "which", lambda _program, path=None: None)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(FileNotFoundError):
        client_of(running_server).runshell([])

"""An embedded server of a test's own, and others that use it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import psycopg
import pytest

from bankproject.embedded.server import PROJECT, Server

USE_AND_WAIT = """
import sys
from bankproject.embedded.server import Server
Server(sys.argv[1]).use()
print("using", flush=True)
sys.stdin.read()
"""
LOOK = "import sys; from bankproject.embedded.server import Server\nwith Server(sys.argv[1]).alone() as it: print(it)"


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    server = Server(tmp_path / "a folder with spaces" / "postgres")
    yield server
    server.stop()
    server.close()


@pytest.fixture(scope="session")
def running_server(tmp_path_factory) -> Iterator[Server]:
    """A server in use, for tests that leave it as good as it was: to make one takes a second."""
    server = Server(tmp_path_factory.mktemp("running") / "postgres")
    server.use()
    yield server
    server.close()


def connect(server: Server, database: str = "bank") -> psycopg.Connection:
    return psycopg.connect(**server.connection_params(), dbname=database, autocommit=True)


def wait_until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def run(script: str, server: Server) -> subprocess.Popen:
    """Another process, that can be written to and read from."""
    return subprocess.Popen(
        [sys.executable, "-c", script, str(server.folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def start_user(server: Server, script: str = USE_AND_WAIT) -> subprocess.Popen:
    """Another process that uses the server until its standard input is closed."""
    user = run(script, server)
    assert user.stdout.readline() == "using\n"
    return user


def is_used(server: Server) -> bool:
    """As a keeper sees it."""
    return run(LOOK, server).communicate()[0] == "False\n"


def keepers(server: Server) -> list[psutil.Process]:
    command = ["-m", "bankproject.embedded.keeper", str(server.folder)]
    found = psutil.process_iter(["cmdline", "status"])
    return [each for each in found if (each.info["cmdline"] or [])[1:] == command]

"""`manage.py` as its user starts it: a process of its own, on the test's database. It ends with the test."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote

import psutil
import pytest
from django.conf import settings
from django.db import connection

_started: list[subprocess.Popen] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    end_all()
    return (yield)


def end_all() -> None:
    """What a test that failed has left running would take part in the tests after it: one failure would be many."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            _end(process)


def manage(*arguments: str, **options) -> subprocess.Popen:
    """Start `manage.py ...`; `env` adds to the environment."""
    process = subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", *arguments],
        env=os.environ | {"BANK_DATABASE_NAME": connection.settings_dict["NAME"]} | options.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Where the tests run in the background of a script, SIGINT is ignored, and children inherit that.
        preexec_fn=None if os.name == "nt" else lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )
    _started.append(process)
    return process


def _end(process: subprocess.Popen) -> None:
    """As its user would, so that it ends its workers and gives back what it has taken; by force if it does not."""
    process.send_signal(signal.SIGINT)
    try:
        finish(process)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    """Wait for its end: exit status, what it wrote, what it wrote to stderr."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def workers_of(process: subprocess.Popen) -> list[psutil.Process]:
    """The worker cluster that a command has started, and all of its processes."""
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [child for child in children if any("qcluster" in word for word in command_line(child))]


def command_line(process: psutil.Process) -> list[str]:
    """Its words; none if it has ended, also where its parent has not asked for its exit status yet."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def server_url(*, options: str = "", **changes: str) -> str:
    """The embedded server, named as a server of the user's own would be."""
    params = {**connection.server.connection_params(), "database": connection.settings_dict["NAME"], **changes}
    parts = {name: quote(str(value), safe="") for name, value in params.items()}  # the folder may have a space
    return "postgres://{user}:{password}@/{database}?host={host}".format(**parts) + options


def free_port() -> int:
    """A TCP port of this machine on which no program listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

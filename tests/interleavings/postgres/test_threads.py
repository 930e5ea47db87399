"""Many threads of one process, and its forks: one user, one handle, one start."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
import pytest
from django.db import connection
from django.db.utils import OperationalError

from interleavings.postgres import base, instance
from interleavings.postgres.server import Server
from tests.support.postgres import connect, is_used, start_user
from tests.support.waiting import wait_until

pytestmark = pytest.mark.processes

THREADS = 8

FORK_WHILE_A_THREAD_STARTS = """
import os, sys, threading
from interleavings.postgres.server import Server
server = Server(sys.argv[1])
server.use()
has_turn, may_go = threading.Event(), threading.Event()
def start():
    with server._turn():
        has_turn.set()
        may_go.wait()
thread = threading.Thread(target=start)
thread.start()
has_turn.wait()
done, tell = os.pipe()
if os.fork() == 0:
    os.write(tell, b"forked")
    server.use()
    os.write(tell, b"using")
    sys.stdin.read()
    os._exit(0)
os.read(done, 6)
may_go.set()
os.read(done, 5)
print("using", flush=True)
"""


def in_threads(work: Callable[[], None]) -> None:
    """Do it in many threads at once; raise what any of them raises."""
    barrier = threading.Barrier(THREADS, timeout=60)

    def meet_and_work() -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(THREADS) as pool:
        for end in [pool.submit(meet_and_work) for _ in range(THREADS)]:
            end.result()


def use_and_connect(server: Server) -> None:
    another = Server(server.folder)
    another.use()
    connect(another).close()


def handles(server: Server) -> list[str]:
    """The files in the server's folder that this process has open."""
    files = [os.path.relpath(file.path, server.folder) for file in psutil.Process().open_files()]
    return [file for file in files if not file.startswith(os.pardir)]


@contextmanager
def django_connection(server: Server) -> Iterator[base.DatabaseWrapper]:
    """A connection of Django's to this server, not yet made."""
    settings = connection.settings_dict | {"HOST": str(server.folder), "NAME": "shop"}
    wrapper = base.DatabaseWrapper(settings, alias="another")
    yield wrapper
    wrapper.close()


@pytest.fixture(autouse=True)
def _databases_are_allowed(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def test_threads_that_come_together_start_one_server_with_one_handle(server):
    in_threads(lambda: use_and_connect(server))

    assert handles(server) == ["users.lock"]

    server.restart(mode="immediate")
    in_threads(lambda: use_and_connect(server))

    assert handles(server) == ["users.lock"]


def test_thread_that_doubts_the_server_ends_nothing_for_the_others(running_server):
    doubter = Server(running_server.folder)

    with connect(running_server) as ours:
        doubter.use()
        doubter.mark_doubtful()
        assert is_used(running_server)
        doubter.use()

        assert ours.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.thorough
def test_server_without_a_free_connection_says_so_and_is_left_alone(server, monkeypatch):
    monkeypatch.setattr(instance, "MAX_CONNECTIONS", 5)
    server.use()
    others = [connect(server) for _ in range(5)]

    with django_connection(server) as one_more, pytest.raises(OperationalError, match="too many clients"):
        one_more.ensure_connection()

    assert is_used(server)
    assert [other.execute("SELECT 1").fetchone() for other in others] == [(1,)] * 5


def test_connection_that_missed_the_server_looks_again(running_server, monkeypatch):
    use = Server.use
    nowhere = iter([{"host": "localhost", "port": 1}])
    monkeypatch.setattr(Server, "use", lambda server, database: use(server, database) | next(nowhere, {}))

    with django_connection(running_server) as missed:
        missed.ensure_connection()

        assert missed.is_usable()


def test_database_that_a_killed_starter_did_not_make_is_made(running_server):
    with connect(running_server) as admin:
        admin.execute("DROP DATABASE IF EXISTS shop")

    with django_connection(running_server) as late:
        late.ensure_connection()

        assert late.is_usable()


@pytest.mark.thorough
def test_folder_that_was_deleted_is_used_anew(server, tmp_path):
    server.use()
    server.stop()
    server.folder.rename(tmp_path / "deleted")

    server.use()

    connect(server).close()
    assert is_used(server)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork")
def test_forked_process_is_a_user_of_its_own(server):
    parent = start_user(server, FORK_WHILE_A_THREAD_STARTS)

    assert parent.wait(60) == 0
    assert is_used(server)
    connect(server).close()

    parent.stdin.close()
    wait_until(lambda: not server.is_running())

"""Any process is killed, at any moment: the next one can use the server, and nothing is left when all have gone."""

import signal

import pytest

from interleavings.postgres import folders, processes
from tests.support.postgres import connect, keepers, run, start_user
from tests.support.waiting import wait_until

pytestmark = pytest.mark.processes

USE_AND_BE_KILLED = """
import os, subprocess, sys
from interleavings.postgres import folders, processes, programs
from interleavings.postgres.server import Server
run = programs.run
def start_and_be_killed(program, *arguments, cwd, **options):
    if program != {program!r}:
        return run(program, *arguments, cwd=cwd, **options)
    user = folders.system_user() if folders.AS_ROOT else {{}}
    quiet = {{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}}
    subprocess.Popen([programs.folder() / program, *arguments], cwd=cwd, **quiet, **user)
    os.kill(os.getpid(), 9)
programs.run = start_and_be_killed
Server(sys.argv[1]).use()
"""


@pytest.mark.thorough(every=2)
@pytest.mark.skipif(folders.WINDOWS, reason="Windows has no SIGKILL")
@pytest.mark.parametrize("program", ["initdb", "pg_ctl"])
def test_start_that_was_killed_is_waited_for_by_the_next(server, program):
    killed = run(USE_AND_BE_KILLED.format(program=program), server)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL

    server.use()

    connect(server).close()


@pytest.mark.skipif(folders.WINDOWS, reason="Windows has no SIGKILL")
def test_server_of_a_killed_starter_ends_by_itself(server):
    run(USE_AND_BE_KILLED.format(program="pg_ctl"), server).communicate()

    wait_until(lambda: not keepers(server))

    assert not processes.programs_at_work(server.folder)
    assert not server.is_running()


def test_server_whose_keeper_was_killed_ends_with_its_last_user(server):
    first = start_user(server)
    wait_until(lambda: keepers(server))
    for keeper in keepers(server):
        keeper.kill()
    first.communicate()

    assert not server.is_running()


def test_next_user_finds_a_new_keeper_for_one_that_was_killed(server):
    first = start_user(server)
    wait_until(lambda: keepers(server))
    for keeper in keepers(server):
        keeper.kill()
    wait_until(lambda: not keepers(server))
    second = start_user(server)

    second.kill()
    first.kill()
    first.communicate()
    second.communicate()

    wait_until(lambda: not server.is_running() and not keepers(server))


def test_server_that_was_restarted_has_one_keeper(running_server):
    wait_until(running_server._is_kept)

    running_server.restart(mode="immediate")

    assert len(keepers(running_server)) == 1

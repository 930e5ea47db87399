"""Two clusters over TCP on one PostgreSQL, as on two machines: which locks still hold, and a queue in Redis."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from interleavings.postgres.server import Server
from tests.support.processes import free_port
from tests.support.thorough import every

pytestmark = pytest.mark.processes

PROJECT = Path(settings.BASE_DIR)
Manage = Callable[..., subprocess.Popen]


@pytest.fixture(scope="module")
def shared_url(tmp_path_factory) -> Iterator[str]:
    """A server of its own that listens on a local TCP port, with our tables."""
    home = tmp_path_factory.mktemp("shared")
    server = Server(home / "postgres")
    server.start(listen=f"127.0.0.1:{free_port()}", database="bank")
    params = server.connection_params()
    url = "postgres://{user}:{password}@127.0.0.1:{port}/bank".format(**params)
    try:
        run("migrate", "-v0", env={"DATABASE_URL": url})
        yield url
    finally:
        server.stop()
        server.close()


def start(*arguments: str, env: dict[str, str], **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, PROJECT / "manage.py", *arguments],
        env=os.environ | {"SECRET_KEY": "the same on all machines"} | env,
        text=True,
        **options,
    )


def run(*arguments: str, env: dict[str, str]) -> str:
    out, _ = start(*arguments, env=env, stdout=subprocess.PIPE).communicate(timeout=120)
    return out


@pytest.fixture
def two_machines(shared_url, tmp_path) -> Iterator[str]:
    """Two clusters of two workers, each with a lock directory of its own, as on two machines."""
    machines = [
        start(
            *("qcluster", "--until-stdin-closes", "--workers", "2"),
            env={"DATABASE_URL": shared_url, "BANK_LOCK_DIR": str(tmp_path / name)},
            stdin=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]
    yield shared_url
    for machine in machines:
        machine.communicate()


def storm(url: str, lock: str) -> dict:
    arguments = ("--transfer-with", lock, "--audit-with", lock, "--transfers", "400", "--audits", "40")
    return json.loads(run("storm", *arguments, "--cluster", "running", "--json", env={"DATABASE_URL": url}))


def clusters_of(url: str, report: dict) -> int:
    """How many clusters took part, by the parents of the processes that the transfers recorded."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT DISTINCT worker FROM accounts_transfer WHERE storm_id = %s", [report["id"]])
        return len(rows.fetchall())


def test_only_locks_in_the_database_hold_across_machines(two_machines):
    locks = every(2, ["python_lock", "file_lock", "row_lock", "advisory_lock"])
    reports = {lock: storm(two_machines, lock) for lock in locks}

    assert all(clusters_of(two_machines, report) > 2 for report in reports.values()), "not all workers took part"
    for lock, report in reports.items():
        if lock in ("python_lock", "file_lock"):
            assert report["lost_updates"] > 0, lock
        else:
            assert (report["lost_updates"], report["accounts_off"], report["audits"]["torn"]) == (0, 0, 0), lock


@pytest.mark.thorough
def test_file_lock_holds_where_the_processes_share_one_machine(shared_url, tmp_path):
    env = {"DATABASE_URL": shared_url, "BANK_LOCK_DIR": str(tmp_path)}
    arguments = ("--transfer-with", "file_lock", "--audit-with", "file_lock", "--transfers", "200", "--audits", "20")

    report = json.loads(run("storm", *arguments, "--json", env=env))

    assert (report["workers"], report["lost_updates"], report["audits"]["torn"]) == (4, 0, 0)


@pytest.mark.skipif(not shutil.which("redis-server"), reason="There is no redis-server on this machine.")
def test_queue_may_be_in_redis(shared_url, tmp_path):
    pytest.importorskip("redis", reason="The package redis is not installed: pip install redis.")
    port = str(free_port())
    redis = subprocess.Popen(
        ["redis-server", "--port", port, "--save", "", "--dir", tmp_path], stdout=subprocess.DEVNULL
    )
    try:
        env = {"DATABASE_URL": shared_url, "REDIS_URL": f"redis://127.0.0.1:{port}/0"}
        report = json.loads(run("storm", "--transfers", "200", "--audits", "20", "--json", env=env))
    finally:
        redis.terminate()
        redis.wait()

    assert (report["state"], report["transfers"]["applied"], report["audits"]["taken"]) == ("finished", 200, 20)

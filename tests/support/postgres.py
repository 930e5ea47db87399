"""Other processes that use an embedded server of the test's own."""

import subprocess
import sys

import psutil
import psycopg

from interleavings.postgres.server import IMPORT_FOLDER, Server

USE_AND_WAIT = """
import sys
from interleavings.postgres.server import Server
Server(sys.argv[1]).use()
print("using", flush=True)
sys.stdin.read()
"""
LOOK = "import sys; from interleavings.postgres.server import Server\nwith Server(sys.argv[1]).alone() as it: print(it)"


def connect(server: Server, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(**server.connection_params(), dbname=database, autocommit=True)


def run(script: str, server: Server) -> subprocess.Popen:
    """Another process, that can be written to and read from."""
    return subprocess.Popen(
        [sys.executable, "-c", script, str(server.folder)],
        cwd=IMPORT_FOLDER,
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
    """Whether another process uses the server, as its keeper finds out."""
    return run(LOOK, server).communicate()[0] == "False\n"


def keepers(server: Server) -> list[psutil.Process]:
    command = ["-m", "interleavings.postgres.keeper", str(server.folder)]
    processes = psutil.process_iter(["cmdline", "status"])
    return [process for process in processes if (process.info["cmdline"] or [])[1:] == command]

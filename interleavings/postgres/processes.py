"""The processes of an embedded server: found by the data directory that they work in, never by a pid alone."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from interleavings.postgres.errors import EmbeddedServerError

PROGRAM_TIMEOUT_S = 60


class PostmasterFile(NamedTuple):
    """What PostgreSQL's postmaster.pid says (PostgreSQL: src/include/utils/pidfile.h)."""

    pid: int
    host: str
    port: int


def read_postmaster_file(data: Path) -> PostmasterFile | None:
    """None when there is no file, or none that is complete; what it says may be stale.

    Its second line is the path of the directory, in any encoding.
    """
    try:
        lines = os.fsdecode((data / "postmaster.pid").read_bytes()).split("\n")
        pid, port, socket_folder, address = int(lines[0]), int(lines[3]), lines[4].strip(), lines[5].strip()
    except (OSError, ValueError, IndexError):
        return None
    return PostmasterFile(pid, socket_folder or address, port)


def find_postmaster(data: Path) -> psutil.Process | None:
    """The process that serves this data directory: the pid in its file, if that process works in this directory.

    A pid alone proves nothing: after a crash, another program may have it.
    """
    status = read_postmaster_file(data)
    if status is None:
        return None
    try:
        process = psutil.Process(status.pid)
    except psutil.Error:
        return None
    return process if _serves(process, data) else None


def programs_at_work(folder: Path) -> list[psutil.Process]:
    """PostgreSQL's programs that run on this server's folder. If they are not ours, who ran them was killed."""
    return [process for process in psutil.process_iter() if _is_program(process) and _works_in(process, folder)]


def wait_for_programs(folder: Path) -> None:
    """Return when they have ended, as they do by themselves: when the server runs, has stopped, or cannot be made."""
    _wait_for_end(lambda: programs_at_work(folder), timeout_s=PROGRAM_TIMEOUT_S)


def end_leftovers(data: Path) -> None:
    """Return when the processes of a server that was killed have ended: two servers on the same data would ruin it.

    They end by themselves when their postmaster is gone; after 5 s they are told to. Raises EmbeddedServerError, with
    their pids, if they do not.
    """

    def find() -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if _serves(process, data)]

    for process in _wait_for_end(find, timeout_s=5):
        with suppress(psutil.Error):
            process.terminate()
    if alive := _wait_for_end(find, timeout_s=10):
        raise EmbeddedServerError(
            f"Processes of a server that was killed still work on {data}: "
            f"end them ({', '.join(str(process.pid) for process in alive)}), then try again."
        )


def _wait_for_end(find: Callable[[], list[psutil.Process]], *, timeout_s: float) -> list[psutil.Process]:
    """Return those that still work. (An ended process keeps its pid until its parent asks for its status.)"""
    deadline = time.monotonic() + timeout_s
    while (alive := find()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive


def _serves(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name().startswith("postgres") and _works_in(process, data)
    except psutil.Error:
        return False


def _is_program(process: psutil.Process) -> bool:
    try:
        return process.name().removesuffix(".exe") in ("initdb", "pg_ctl")
    except psutil.Error:
        return False


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return os.path.samefile(process.cwd(), folder)
    except (psutil.Error, OSError):
        return False

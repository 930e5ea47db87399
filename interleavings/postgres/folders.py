"""The embedded server's private files and folders, and who owns them."""

import functools
import hashlib
import os
import re
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import ENVIRONMENT_VARIABLE

from interleavings.postgres.errors import ADVICE, ANOTHER_FOLDER, EmbeddedServerError, one_sentence

WINDOWS = os.name == "nt"
AS_ROOT = not WINDOWS and os.geteuid() == 0

# PostgreSQL refuses to run as root, so that a hole in it cannot own the machine. As root (in a container, say) it
# runs as this system user, which is made if it is missing.
SYSTEM_USER = "pgserver"

# A Unix socket's path may have 103 (macOS) or 107 (Linux) bytes; the socket's own name takes 14.
MAX_SOCKET_FOLDER_BYTES = 88
# libpq takes a comma for the end of a host, and writes and reads paths as UTF-8, whatever the system's encoding is.
PLAIN_PATH = re.compile(r"[\w/.:+@=~ -]+", re.ASCII)


def make_folder(folder: Path, *, for_server: bool = False) -> None:
    """Make a folder that is private to us (or, when we are root, to the system user that runs the server)."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedServerError(
            f"The folder {folder} cannot be made ({error.strerror}): remove what is in the way, or {ANOTHER_FOLDER}."
        ) from error
    if for_server:
        give_to_server(folder)


@functools.cache
def default_folder() -> Path:
    """Where the server is that has no folder in the settings: in the project, where git does not see it.

    The project is the folder from which the settings are imported; without a settings module, the present one.
    """
    name = os.environ.get(ENVIRONMENT_VARIABLE, "").partition(".")[0]
    folder = _folder_of(sys.modules.get(name)) / ".interleavings"
    make_folder(folder)
    with one_sentence(folder):
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder / "postgres"


def _folder_of(module: ModuleType | None) -> Path:
    """The folder in which a module or a package stands; of none, the present folder."""
    place = next(iter(getattr(module, "__path__", [])), None) or getattr(module, "__file__", None)
    return Path(place).resolve().parent if place else Path.cwd()


def read_text(file: Path) -> str:
    """What a small file of ours says. Raises EmbeddedServerError for one that is missing, or is not text."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise EmbeddedServerError(f"{file} cannot be read ({reason}): {ADVICE}") from error


def check_user() -> None:
    """Raise EmbeddedServerError for a user id without a name, as containers may have it: initdb wants one."""
    if WINDOWS or AS_ROOT:
        return
    import pwd  # not on Windows

    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedServerError(
            f"The user id {os.geteuid()} has no name on this system, and PostgreSQL wants one: add a line for it to "
            "/etc/passwd, or use a server of your own."
        ) from None


def give_to_server(path: Path) -> None:
    """As root, let the system user own the path, and pass the folders above it."""
    if AS_ROOT:
        user = system_user()
        os.chown(path, user["user"], user["group"], follow_symlinks=False)
        let_server_pass(path)


def let_server_pass(path: Path) -> None:
    """As root, let the system user pass (not list) the folders above the path."""
    for folder in path.parents if AS_ROOT else ():
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def system_user() -> dict[str, Any]:
    """For subprocess, as root: run the program as SYSTEM_USER. Raises EmbeddedServerError if it cannot be made."""
    import pwd  # not on Windows

    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        try:
            subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)
            entry = pwd.getpwnam(SYSTEM_USER)
        except (OSError, subprocess.CalledProcessError, KeyError) as error:
            raise EmbeddedServerError(
                f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} cannot be made ({error}): "
                f"make it (`useradd --system {SYSTEM_USER}`), or do not be root."
            ) from error
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def server_path(data: Path) -> str:
    """The data directory as pg_ctl is to name it. The server writes its path into one line of a file."""
    if "\n" not in os.path.realpath(data):
        return data.name
    link = _short_folder(data) / "data"
    link.unlink(missing_ok=True)
    link.symlink_to(data)
    return str(link)


def socket_folder(data: Path) -> Path:
    """The data directory itself; where no socket can be in that path, a private folder among the temporary ones."""
    return data if _can_hold_socket(data) else _short_folder(data)


def _short_folder(data: Path) -> Path:
    name = f"interleavings-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    places = [Path(place) / name for place in (tempfile.gettempdir(), "/tmp")]
    short = next((place for place in places if _can_hold_socket(place)), None)
    if short is None:
        raise EmbeddedServerError(f"No socket can be in {places[0]}: set TMPDIR to a folder with a short, plain path.")
    with suppress(FileExistsError):
        short.mkdir(mode=0o700)
    # Other users can foresee this name, and make something else of it before us: look before anything is done to it.
    owners = {os.geteuid(), system_user()["user"]} if AS_ROOT else {os.getuid()}
    status = short.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners or status.st_mode & 0o077:
        raise EmbeddedServerError(f"{short} is not private to you: remove it, or set TMPDIR to a folder of your own.")
    give_to_server(short)
    return short


def _can_hold_socket(folder: Path) -> bool:
    return len(os.fsencode(folder)) <= MAX_SOCKET_FOLDER_BYTES and bool(PLAIN_PATH.fullmatch(str(folder)))

"""The private folder of this installation: the embedded database's data, and the secret key that was generated."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from bankproject import environment


def bank_home() -> Path:
    """BANK_HOME, made if it is missing. Raises ImproperlyConfigured where it cannot be."""
    home = environment.folder("BANK_HOME", default=environment.BASE_DIR / ".bank")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {home} cannot be made ({error.strerror}): "
            "name another one in the environment variable BANK_HOME."
        ) from error
    return home


def lock_folder(home: Path) -> Path:
    """BANK_LOCK_DIR, else a folder in the home. It is made, if it was asked for, and must be writable.

    Raises ImproperlyConfigured where it cannot be used: workers would find out, transfer by transfer.
    """
    folder = environment.folder("BANK_LOCK_DIR", default=home / "locks")
    try:
        if environment.text("BANK_LOCK_DIR"):
            folder.mkdir(parents=True, exist_ok=True)
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(0, "it is no folder")
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "it is not writable")
    except OSError as error:
        raise ImproperlyConfigured(
            f"Lock files cannot be kept in {folder} ({error.strerror}): "
            "name another folder in the environment variable BANK_LOCK_DIR."
        ) from error
    return folder


def secret_key(home: Path) -> str:
    """SECRET_KEY as it is set, else one that was generated once and is readable by its owner only.

    django-q2's jobs are signed pickles: who knows this key and can write to the queue can run code. Raises
    ImproperlyConfigured where no key can be had.
    """
    if environment.text("SECRET_KEY"):
        return _checked(os.environ["SECRET_KEY"])
    file = home / "secret_key"
    try:
        key = _kept_key(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ImproperlyConfigured(
            f"The secret key in {file} cannot be read or made ({reason}): set the environment variable "
            "SECRET_KEY, or name a folder of your own in BANK_HOME."
        ) from error
    if not key.strip():
        raise ImproperlyConfigured(f"The secret key in {file} is empty: remove this file, and a new key is made.")
    return key


def _checked(key: str) -> str:
    """The key as it is set. What is signed with it has to be bytes: a key that is no text would fail, job by job."""
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise ImproperlyConfigured("SECRET_KEY is not text: set it to letters, digits and signs.") from error
    return key


def _kept_key(file: Path) -> str:
    """Written aside and linked into place: of two processes that start together, one wins and both read its key."""
    if not file.exists():
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(64))
            with suppress(FileExistsError):
                os.link(draft, file)
        finally:
            draft.unlink(missing_ok=True)
    return file.read_text(encoding="utf-8")

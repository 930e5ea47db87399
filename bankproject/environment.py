"""What the environment may say, read once and refused in one sentence when it cannot be."""

import os
import secrets
import warnings
import zoneinfo
from pathlib import Path
from typing import Any

import environ
import tzlocal
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
EXAMPLE_URL = "postgres://user:password@host:5432/database"
POSTGRESQL, SQLITE, MYSQL = (f"django.db.backends.{name}" for name in ("postgresql", "sqlite3", "mysql"))
NOT_FOR_US = {
    SQLITE: "SQLite, and this needs PostgreSQL: SQLite ignores SELECT ... FOR UPDATE without a word.",
    MYSQL: "MySQL or MariaDB, and this needs PostgreSQL: the evidence and the explorer rely on its rules.",
}
FLAGS = {"1": True, "true": True, "on": True, "": False, "0": False, "false": False, "off": False}

env = environ.Env()


def bank_home() -> Path:
    """The private folder of this installation: the embedded database and the generated secret key."""
    home = Path(env.str("BANK_HOME", default="") or BASE_DIR / ".bank").expanduser().absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {home} cannot be made ({error.strerror}): "
            "name another one in the environment variable BANK_HOME."
        ) from error
    return home


def secret_key(home: Path) -> str:
    """SECRET_KEY from the environment, else one that was generated once and is readable by its owner only.

    django-q2's jobs are signed pickles: whoever knows this key and can write to the queue can run code.
    """
    if key := env.str("SECRET_KEY", default=""):
        return key
    file = home / "secret_key"
    try:
        # Written aside and linked into place: of two processes that start together, one wins and both read its key.
        draft = home / f"secret_key.{os.getpid()}"
        if not file.exists():
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(64))
            try:
                os.link(draft, file)
            except FileExistsError:
                pass
            finally:
                draft.unlink(missing_ok=True)
        return file.read_text()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key in {file} cannot be read or made ({error.strerror}): set the environment variable "
            "SECRET_KEY, or name a folder of your own in BANK_HOME."
        ) from error


def database(home: Path) -> dict[str, Any]:
    """Django's settings of the one database: DATABASE_URL, else the embedded PostgreSQL."""
    url = env.str("DATABASE_URL", default="")
    settings = (
        _parse(url) if url else {"ENGINE": "bankproject.embedded", "NAME": "bank", "HOST": str(home / "postgres")}
    )
    # The workers of a test run use the test's database.
    if name := env.str("BANK_DATABASE_NAME", default=""):
        settings["NAME"] = name
    return settings


def integer(name: str, *, default: int, least: int, most: int) -> int:
    """A whole number from the environment, or ImproperlyConfigured."""
    given = env.str(name, default="") or str(default)
    if not given.isascii() or not given.isdigit() or not least <= int(given) <= most:
        raise ImproperlyConfigured(f"{name} is {given!r}: set it to a whole number from {least} to {most}.")
    return int(given)


def flag(name: str) -> bool:
    """Yes or no from the environment, no where it is not set, or ImproperlyConfigured: a typo must not decide."""
    given = env.str(name, default="").lower()
    if given not in FLAGS:
        raise ImproperlyConfigured(f"{name} is {given!r}: set it to 1 or 0.")
    return FLAGS[given]


def time_zone() -> str:
    """TIME_ZONE, else this machine's: a class reads the pages' times off the wall. UTC, where nobody can tell."""
    given = env.str("TIME_ZONE", default="")
    try:
        return str(zoneinfo.ZoneInfo(given or tzlocal.get_localzone_name()))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        if given:
            raise ImproperlyConfigured(
                f"TIME_ZONE is {given!r}: name one such as Europe/Berlin, or unset it."
            ) from error
        return "UTC"


def _parse(url: str) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            settings = env.db_url_config(url)
    except ValueError:
        settings = {}
    scheme = url.partition(":")[0]
    if settings.get("ENGINE") not in (POSTGRESQL, *NOT_FOR_US) or not settings.get("NAME"):
        # The URL is not shown: it may hold a password.
        raise ImproperlyConfigured(
            f"DATABASE_URL (it begins with {scheme[:20]!r}) does not name a database: write {EXAMPLE_URL}, "
            "or unset it to use the embedded PostgreSQL."
        )
    if reason := NOT_FOR_US.get(settings["ENGINE"]):
        raise ImproperlyConfigured(f"DATABASE_URL names {reason} Unset DATABASE_URL to use the embedded PostgreSQL.")
    return settings

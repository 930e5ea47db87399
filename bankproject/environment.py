"""What the environment may say, read in one place: taken as it is written, or refused in one sentence.

A variable that is set to nothing is not set. Nothing is filled in: a dollar sign is a dollar sign.
"""

import importlib.util
import ipaddress
import os
import re
import zoneinfo
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import tzlocal
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
FLAGS = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}
HOST_NAME = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE | re.ASCII)


def text(name: str) -> str:
    """What the variable says, without spaces around it; "" where it is not set."""
    return os.environ.get(name, "").strip()


def flag(name: str) -> bool:
    """Yes or no, no where it is not set, or ImproperlyConfigured: a typo must not decide."""
    value = text(name)
    try:
        return parse_flag(value or "0")
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to 1 or 0.") from error


def integer(name: str, *, default: int, minimum: int, maximum: int) -> int:
    """A whole number, or ImproperlyConfigured."""
    value = text(name)
    try:
        number = parse_count(value or str(default))
    except ValueError:
        number = None
    if number is None or not minimum <= number <= maximum:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a whole number from {minimum} to {maximum}.")
    return number


def choice(name: str, choices: Iterable[str], *, default: str) -> str:
    """One of these words, which are in capitals, however it is written; or ImproperlyConfigured."""
    value = text(name) or default
    if value.upper() not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to one of {', '.join(choices)}.")
    return value.upper()


def folder(name: str, *, default: Path) -> Path:
    """The absolute path of a folder, which may not be there yet; or ImproperlyConfigured."""
    value = os.environ.get(name, "") if text(name) else ""  # a folder's name may end in a space
    if value.startswith("$"):
        raise ImproperlyConfigured(f"{name} is {value!r}, and nothing is filled in here: write the path in full.")
    try:
        return Path(value or default).expanduser().absolute()
    except RuntimeError as error:  # no such user, or a user without a home
        raise ImproperlyConfigured(
            f"{name} is {value!r}, and there is no such home: write the path in full."
        ) from error


def hosts(name: str, *, default: list[str]) -> list[str]:
    """Names and addresses, with commas or spaces between them, as Django's ALLOWED_HOSTS; or ImproperlyConfigured."""
    names = [host for host in re.split(r"[,\s]+", text(name)) if host]
    return [_host(name, host) for host in names] or default


def address(name: str, *, default: str) -> str:
    """An IP address, or "*" for any; or ImproperlyConfigured."""
    value = text(name) or default
    try:
        return value if value == "*" else str(ipaddress.ip_address(value))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to an IP address, or to * for any.") from error


def redis_url(name: str) -> str:
    """A URL of Redis, "" where none is set, or ImproperlyConfigured: the URL is not shown, it may hold a password."""
    value = text(name)
    if value and not _is_redis(value):
        raise ImproperlyConfigured(f"{name} does not name a Redis: write redis://host:6379/0, or unset it.")
    if value and importlib.util.find_spec("redis") is None:
        raise ImproperlyConfigured(f"{name} is set, and redis is not installed: `pip install redis`, or unset it.")
    return value


def time_zone(name: str = "TIME_ZONE") -> str:
    """The one that is set, else this machine's, so that a page shows the time of the clock in the room; else UTC."""
    value = text(name)
    try:
        return str(zoneinfo.ZoneInfo(value or tzlocal.get_localzone_name()))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        if value:
            raise ImproperlyConfigured(f"{name} is {value!r}: name one such as Europe/Berlin, or unset it.") from error
        return "UTC"


def parse_flag(value: str) -> bool:
    """Raises ValueError for what is neither yes nor no."""
    if value.lower() not in FLAGS:
        raise ValueError(value)
    return FLAGS[value.lower()]


def parse_count(value: str) -> int | None:
    """A whole number from 0 on, None for "none"; raises ValueError for anything else."""
    if value.lower() == "none":
        return None
    if not (value.isascii() and value.isdigit()):
        raise ValueError(value)
    return int(value)


def _host(name: str, host: str) -> str:
    """As a browser says it in its Host header, without the port: an IPv6 address in brackets."""
    try:
        host = f"[{ipaddress.IPv6Address(host.strip('[]'))}]"
    except ValueError:
        if not HOST_NAME.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} has {host!r}: name hosts as in a browser's address, without http:// and without a port."
            ) from None
    return host


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = parts.port is None or parts.port > 0  # (asking for a port that is none raises ValueError)
    except ValueError:
        return False
    if parts.scheme == "unix":
        return bool(parts.path)
    return parts.scheme in ("redis", "rediss") and has_place and bool(re.fullmatch(r"/?\d*", parts.path))

"""The one database as Django's settings: the server that DATABASE_URL names, else the embedded PostgreSQL.

The URL is read by libpq itself, so that it means what PostgreSQL documents. (PostgreSQL documentation: 32.1.1.2
Connection URIs.) What follows its question mark may be any of libpq's parameters, and those of Django's in OURS.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from bankproject import environment, libpq
from interleavings.postgres.libpq import forget_variables

EMBEDDED = "interleavings.postgres"
NAME = "bank"
POSTGRESQL = "django.db.backends.postgresql"
EXAMPLE_URL = "postgres://user:password@host:5432/database"
SCHEMES = ("postgres", "postgresql", "psql", "pgsql")
NO_SQLITE = "SQLite, and this needs PostgreSQL: SQLite ignores SELECT ... FOR UPDATE without a word."
NO_MYSQL = "MySQL or MariaDB, and this needs PostgreSQL: the evidence and the explorer rely on its rules."
NOT_FOR_US = {"sqlite": NO_SQLITE, "spatialite": NO_SQLITE, "mysql": NO_MYSQL, "mariadb": NO_MYSQL}

# Django's own parameters: how each is read, and what is asked for instead of a value that cannot be read.
OF_DATABASE: dict[str, tuple[Callable[[str], Any], str]] = {
    "conn_max_age": (environment.parse_count, "a number of seconds, or none"),
    "conn_health_checks": (environment.parse_flag, "1 or 0"),
}
OURS = OF_DATABASE | {
    "connect_timeout": (environment.parse_count, "a number of seconds"),
    "prepare_threshold": (environment.parse_count, "a number of executions, or none"),
    "server_side_binding": (environment.parse_flag, "1 or 0"),
}
LIBPQS = {option.keyword.decode() for option in Conninfo.get_defaults()} | {"ssl"}  # ("ssl=true" is JDBC's sslmode)


def database(home: Path, *, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, with `defaults` for what DATABASE_URL does not say, each of its OPTIONS by itself.

    From now on, libpq's variables count in this process as they should for this database. Raises ImproperlyConfigured
    for a DATABASE_URL that does not name a PostgreSQL database.
    """
    url = environment.text("DATABASE_URL")
    if url:
        settings = parse(url)
        libpq.keep_variables(names_host=bool(settings["HOST"]))
    else:
        settings = {"ENGINE": EMBEDDED, "NAME": NAME, "HOST": str(home / "postgres"), "OPTIONS": {}}
        forget_variables()
    # The workers of a test run use the test's database.
    settings["NAME"] = environment.text("BANK_DATABASE_NAME") or settings["NAME"]
    return {**defaults, **settings, "OPTIONS": {**defaults.get("OPTIONS", {}), **settings["OPTIONS"]}}


def parse(url: str) -> dict[str, Any]:
    """Django's settings of the database that a URL names. Raises ImproperlyConfigured for one that names none.

    The URL is not shown then: it may hold a password.
    """
    scheme, _, rest = url.partition(":")
    if reason := NOT_FOR_US.get(scheme.lower().rstrip("23456789")):
        raise ImproperlyConfigured(f"DATABASE_URL names {reason} Unset DATABASE_URL to use the embedded PostgreSQL.")
    address, query = _split_query(rest)
    ours, libpqs = _sort_parameters(query)
    try:
        if scheme.lower() not in SCHEMES:
            raise ValueError(f"not one of {SCHEMES}")
        params = conninfo_to_dict(f"postgresql:{address}?{'&'.join(libpqs)}".rstrip("?"))
        return _as_settings(params, ours)
    except (psycopg.Error, ValueError, KeyError) as error:
        beginning = re.split("[=@/ ]", scheme)[0][:20]
        raise ImproperlyConfigured(
            f"DATABASE_URL (it begins with {beginning!r}) does not name a database: write {EXAMPLE_URL}, "
            "or unset it to use the embedded PostgreSQL."
        ) from error


def _as_settings(params: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Raises KeyError where there is no database's name, and ValueError for a port that cannot be."""
    port = params.pop("port", "")
    if not all(0 < (environment.parse_count(number) or 0) < 65536 for number in filter(None, port.split(","))):
        raise ValueError(f"not a port: {port}")
    if not params.get("dbname"):
        raise KeyError("dbname")
    params.pop("application_name", None)  # pages know the sessions of workers by the names that we give them
    settings = {"ENGINE": POSTGRESQL, "NAME": params.pop("dbname"), "PORT": port}
    settings |= {name.upper(): params.pop(name, "") for name in ("user", "password", "host")}
    settings |= {key.upper(): value for key, value in ours.items() if key in OF_DATABASE}
    options = {key: value for key, value in ours.items() if key not in OF_DATABASE}
    return settings | {"OPTIONS": params | options}


def _split_query(rest: str) -> tuple[str, list[str]]:
    """What stands before the query, and its parameters. A question mark before the last @ is part of a password."""
    place = rest.find("?", rest.rfind("@") + 1)
    if place < 0:
        return rest, []
    return rest[:place], [pair for pair in rest[place + 1 :].split("&") if pair]


def _sort_parameters(pairs: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Django's, read; and libpq's, as they stand. Raises ImproperlyConfigured for any other."""
    ours: dict[str, Any] = {}
    libpqs = []
    for pair in pairs:
        key, _, value = pair.partition("=")
        key = unquote(key)
        if key.lower() in OURS:
            ours[key.lower()] = _read(key.lower(), unquote(value))
        elif key in LIBPQS:
            libpqs.append(pair)
        else:
            raise ImproperlyConfigured(
                f"DATABASE_URL has a parameter {key[:40]!r}, which means nothing to PostgreSQL or to us: leave it out."
            )
    return ours, libpqs


def _read(key: str, value: str) -> Any:
    parse, expected = OURS[key]
    try:
        return parse(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL has {key}={value[:40]!r}: give {expected}.") from error

"""DATABASE_URL: it means what PostgreSQL documents, and what it does not say stays as settings.py has it."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from bankproject import database

DEFAULTS = {"CONN_MAX_AGE": None, "OPTIONS": {"connect_timeout": 5, "prepare_threshold": 3}}


@pytest.fixture(autouse=True)
def _environment(monkeypatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for name in ("DATABASE_URL", "BANK_DATABASE_NAME"):
        os.environ.pop(name, None)


@pytest.fixture
def settings_of(tmp_path):
    """settings_of("postgres://..."): Django's settings of the database, with DEFAULTS."""

    def settings_of(url: str) -> dict:
        os.environ["DATABASE_URL"] = url
        return database.database(tmp_path, defaults=DEFAULTS)

    return settings_of


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {}),
        ("?sslmode=require", {"sslmode": "require"}),
        ("?sslmode=require&connect_timeout=9", {"sslmode": "require", "connect_timeout": 9}),
        ("?prepare_threshold=none", {"prepare_threshold": None}),
        ("?options=-c%20search_path%3Da", {"options": "-c search_path=a"}),
        ("?application_name=mine", {}),
        ("?ssl=true", {"sslmode": "require"}),
        ("?&", {}),
    ],
)
def test_options_of_the_url_are_added_to_ours(query, options, settings_of):
    settings = settings_of(f"postgres://u:p@h:5433/d{query}")

    assert settings["OPTIONS"] == DEFAULTS["OPTIONS"] | options
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("h", "5433", "d")
    assert settings["CONN_MAX_AGE"] is None


def test_settings_of_django_s_in_the_url_win(settings_of):
    settings = settings_of("postgres://h/d?conn_max_age=60&CONN_HEALTH_CHECKS=0")

    assert (settings["CONN_MAX_AGE"], settings["CONN_HEALTH_CHECKS"]) == (60, False)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgres://u:p%40%3A%2F%23w@h/d", {"USER": "u", "PASSWORD": "p@:/#w", "HOST": "h"}),
        ("postgres://u:p#w?x$y@h/d", {"PASSWORD": "p#w?x$y", "HOST": "h"}),
        ("postgresql://[::1]:5433/d", {"HOST": "::1", "PORT": "5433"}),
        ("postgres:///d?host=/run/sockets", {"HOST": "/run/sockets", "PORT": "", "USER": ""}),
        ("postgres://a:1,b:2/d", {"HOST": "a,b", "PORT": "1,2"}),
        ("PSQL://h/d", {"HOST": "h"}),
    ],
)
def test_url_is_read_as_postgresql_documents(address, expected, settings_of):
    settings = settings_of(address)

    assert settings["NAME"] == "d"
    assert {name: settings[name] for name in expected} == expected


@pytest.mark.parametrize(
    "url",
    [
        "$POSTGRES_URL",
        "${POSTGRES_URL}",
        "postgres://u:secret@h",
        "postgres://u:secret@h/d?dbname=",
        "postgres://u:secret@h/?service=mine",
        "postgres://u:secret@h:0/d",
        "postgres://u:secret@h:70000/d",
        "postgres://u:secret@h:port/d",
        "postgres://u:secret@[::1/d",
        "postgres://u:%zz@h/d",
        "postgresql+psycopg://u:secret@h/d",
        "password=secret host=h dbname=d",
        "oracle://u:secret@h/d",
    ],
)
def test_error_url_that_names_no_database(url, settings_of):
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL .* does not name a database") as refusal:
        settings_of(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("conn_max_age=abc", "DATABASE_URL has conn_max_age='abc': give a number of seconds, or none."),
        ("conn_max_age=-1", "DATABASE_URL has conn_max_age='-1'"),
        ("connect_timeout=1.5", "DATABASE_URL has connect_timeout='1.5': give a number of seconds."),
        ("prepare_threshold=x", "DATABASE_URL has prepare_threshold='x'"),
        ("server_side_binding=maybe", "DATABASE_URL has server_side_binding='maybe': give 1 or 0."),
        ("conn_health_checks=", "DATABASE_URL has conn_health_checks=''"),
        ("autocommit=false", "DATABASE_URL has a parameter 'autocommit', which means nothing to PostgreSQL or to us"),
        ("pool=1", "DATABASE_URL has a parameter 'pool'"),
    ],
)
def test_error_parameter_that_cannot_be(query, sentence, settings_of):
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings_of(f"postgres://u:secret@h/d?{query}")
    assert str(refusal.value).startswith(sentence)


def test_variables_of_a_user_count_for_a_server_of_theirs_but_for_two(settings_of):
    os.environ |= {"PGSSLMODE": "require", "PGHOSTADDR": "127.0.0.9", "PGDATESTYLE": "German"}

    settings_of("postgres://h/d")

    assert os.environ["PGSSLMODE"] == "require"
    assert "PGHOSTADDR" not in os.environ
    assert os.environ["PGDATESTYLE"] == "ISO"


def test_variables_of_a_user_do_not_count_for_the_embedded_server(tmp_path):
    os.environ |= {"PGSSLMODE": "require", "PGSERVICE": "mine", "PGOPTIONS": "-c a=b", "PGAPPNAME": "ours"}

    settings = database.database(tmp_path, defaults=DEFAULTS)

    assert settings["HOST"] == str(tmp_path / "postgres")
    assert {name: value for name, value in os.environ.items() if name.startswith("PG")} == {
        "PGAPPNAME": "ours",
        "PGDATESTYLE": "ISO",
    }

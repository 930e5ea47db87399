"""An environment that cannot be. Each row: what is set, a part of the one sentence that `manage.py storm` answers."""

import importlib.util
import os
from pathlib import Path

import pytest
import tzlocal
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from accounts.models import Storm
from bankproject import environment, home
from tests.support.processes import finish, manage, server_url

pytestmark = pytest.mark.django_db(transaction=True)

READ_ONLY = "&options=-c%20default_transaction_read_only%3Don"
NO_SCHEMA = "&options=-c%20search_path%3Dnowhere"


def refused(*, with_status: int = 2, **env: str) -> str:
    """What a storm says in this environment: one line, this status, no secret, and nothing done."""
    status, out, err = finish(manage("storm", "--transfers", "10", "--audits", "1", env=env))

    assert (status, out) == (with_status, ""), err
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err
    assert "secret" not in err
    assert not Storm.objects.exists()
    return err


@pytest.mark.thorough(every=6)
@pytest.mark.processes
@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"DATABASE_URL": "garbage"}, "Error: DATABASE_URL (it begins with 'garbage') does not name a database: "),
        ({"DATABASE_URL": "postgres://"}, "Error: DATABASE_URL (it begins with 'postgres') does not name a database: "),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL names SQLite, and this needs PostgreSQL: "),
        ({"DATABASE_URL": "mysql://a:b@localhost/bank"}, "Error: DATABASE_URL names MySQL or MariaDB, "),
        ({"DATABASE_URL": "postgres://a:secret@localhost:port/bank"}, "does not name a database"),
        ({"BANK_WORKERS": "many"}, "Error: BANK_WORKERS is 'many': set it to a whole number from 1 to 64."),
        ({"BANK_WORKERS": "0"}, "Error: BANK_WORKERS is '0': set it to a whole number from 1 to 64."),
        ({"BANK_WORKERS": "²"}, "Error: BANK_WORKERS is '²': set it to a whole number from 1 to 64."),
        ({"BANK_HOME": "/dev/null/bank"}, "Error: The folder /dev/null/bank cannot be made (Not a directory): "),
        ({"DEBUG": "perhaps"}, "Error: DEBUG is 'perhaps': set it to 1 or 0."),
        ({"HTTPS": "2"}, "Error: HTTPS is '2': set it to 1 or 0."),
        ({"TIME_ZONE": "Nowhere"}, "Error: TIME_ZONE is 'Nowhere': name one such as Europe/Berlin, or unset it."),
        ({"DATABASE_URL": "$POSTGRES_URL"}, "DATABASE_URL (it begins with '$POSTGRES_URL') does not name a database"),
        (
            {"DATABASE_URL": "postgres://a:secret@h/d?conn_max_age=abc"},
            "DATABASE_URL has conn_max_age='abc': give a num",
        ),
        (
            {"DATABASE_URL": "postgres://a:secret@h/d?pool=1"},
            "DATABASE_URL has a parameter 'pool', which means nothing",
        ),
        ({"LOG_LEVEL": "loud"}, "Error: LOG_LEVEL is 'loud': set it to one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        (
            {"REDIS_URL": "localhost:6379"},
            "Error: REDIS_URL does not name a Redis: write redis://host:6379/0, or unset",
        ),
        ({"BANK_HOME": "~no-such-user/x"}, "Error: BANK_HOME is '~no-such-user/x', and there is no such home: write"),
        (
            {"BANK_HOME": "$HOME/x"},
            "Error: BANK_HOME is '$HOME/x', and nothing is filled in here: write the path in full.",
        ),
        ({"BANK_LOCK_DIR": "~no-such-user/x"}, "Error: BANK_LOCK_DIR is '~no-such-user/x', and there is no such home"),
        ({"BANK_LOCK_DIR": "/dev/null"}, "Error: Lock files cannot be kept in /dev/null (File exists): name another"),
        ({"BANK_LOCK_DIR": "/dev/null/x"}, "Error: Lock files cannot be kept in /dev/null/x (Not a directory): name"),
        ({"ALLOWED_HOSTS": "http://a.example"}, "Error: ALLOWED_HOSTS has 'http://a.example': name hosts as in a bro"),
        ({"TRUSTED_PROXY": "proxy"}, "Error: TRUSTED_PROXY is 'proxy': set it to an IP address, or to * for any."),
        ({"DJANGO_SETTINGS_MODULE": "my.settings"}, "Error: DJANGO_SETTINGS_MODULE is 'my.settings', and these are n"),
        ({"DJANGO_SETTINGS_MODULE": "json"}, "Error: DJANGO_SETTINGS_MODULE is 'json', and these are not our settings"),
        ({"DJANGO_SETTINGS_MODULE": "bankproject.urls"}, "Error: DJANGO_SETTINGS_MODULE is 'bankproject.urls', and th"),
        ({"SECRET_KEY": "x\udcff"}, "Error: SECRET_KEY is not text: set it to letters, digits and signs."),
    ],
)
def test_error_setting_that_cannot_be(env, sentence):
    assert sentence in refused(**env)


@pytest.mark.processes
@pytest.mark.parametrize("address", ["127.0.0.1:1", "no.such.host.invalid"])
def test_error_server_that_is_not_there(address):
    said = refused(with_status=1, DATABASE_URL=f"postgres://teacher:secret@{address}/bank")

    assert "The database of DATABASE_URL cannot be used" in said
    assert ". Check the URL and the server" in said or "? Check the URL and the server" in said  # two sentences


@pytest.mark.processes
@pytest.mark.skipif(importlib.util.find_spec("redis") is not None, reason="redis is installed here")
def test_error_queue_in_redis_without_its_package():
    assert "REDIS_URL is set, and redis is not installed: `pip install redis`" in refused(REDIS_URL="redis://h:6379/0")


@pytest.mark.thorough(every=3)
@pytest.mark.processes
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "wrong"}, "password authentication failed"),
        ({"user": "nobody"}, "password authentication failed"),
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
        ({"database": "postgres"}, "The tables in the database of DATABASE_URL are not up to date: run `manage.py mig"),
        ({"options": NO_SCHEMA}, "The tables in the database of DATABASE_URL are not up to date: run `manage.py mig"),
        ({"options": READ_ONLY}, "cannot execute INSERT in a read-only transaction"),
    ],
)
def test_error_server_that_cannot_be_used(changes, sentence):
    name = changes.get("database", connection.settings_dict["NAME"])

    assert sentence in refused(with_status=1, DATABASE_URL=server_url(**changes), BANK_DATABASE_NAME=name)


@pytest.mark.processes
def test_error_home_that_is_a_file(tmp_path):
    home = tmp_path / "home"
    home.write_text("")

    assert f"The folder {home} cannot be made (File exists): name another one" in refused(BANK_HOME=str(home))


@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_error_home_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)

    assert "cannot be made (Permission denied): name another one" in refused(BANK_HOME=str(tmp_path / "home"))


def test_pages_show_the_times_of_this_machine(monkeypatch):
    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: "Asia/Tokyo")
    assert environment.time_zone() == "Asia/Tokyo"

    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: "not a zone")
    assert environment.time_zone() == "UTC"


def test_secret_key_is_made_once_and_private(tmp_path):
    key = home.secret_key(tmp_path)

    assert len(key) > 50
    assert home.secret_key(tmp_path) == key
    assert (Path(tmp_path) / "secret_key").stat().st_mode & 0o077 == 0 or os.name == "nt"


@pytest.mark.processes
def test_error_migrations_for_a_database_that_is_not_for_us():
    status, out, err = finish(manage("migrate", env={"DATABASE_URL": "sqlite:///bank.sqlite"}))

    assert (status, out) == (2, "")
    assert err.startswith("Error: DATABASE_URL names SQLite, and this needs PostgreSQL")
    assert len(err.splitlines()) == 1


# What a value means: what is written there.


def test_secret_key_is_taken_as_it_is_written(tmp_path, monkeypatch):
    for key in ("$ecret", "$SECRET_KEY", " spaces ", "a,b=c#d"):
        monkeypatch.setenv("SECRET_KEY", key)

        assert home.secret_key(tmp_path) == key


def test_secret_key_of_spaces_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", " ")

    assert len(home.secret_key(tmp_path)) > 50


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ("a.example, b.example", ["a.example", "b.example"]),
        ("a.example b.example\n", ["a.example", "b.example"]),
        (" a.example ,", ["a.example"]),
        (".example, *, ::1, [::1], 10.0.0.1", [".example", "*", "[::1]", "[::1]", "10.0.0.1"]),
        (" , ", ["default"]),
        ("", ["default"]),
    ],
)
def test_hosts_are_a_list(given, hosts, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", given)

    assert environment.hosts("ALLOWED_HOSTS", default=["default"]) == hosts


@pytest.mark.parametrize(
    "given", ["a.example:80", "https://a.example", "a/b", "a.example;b.example", "['a']", "münchen"]
)
def test_error_host_that_no_browser_asks_for(given, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", given)

    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS has "):
        environment.hosts("ALLOWED_HOSTS", default=[])


@pytest.mark.parametrize(("given", "level"), [("debug", "DEBUG"), ("Info", "INFO"), ("", "WARNING")])
def test_choice_may_be_written_in_small_letters(given, level, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", given)

    assert environment.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING"], default="WARNING") == level


def test_folder_is_a_path_as_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for given, path in (
        ("~/x", tmp_path / "x"),
        ("/a b, c ", Path("/a b, c ")),
        ("x", Path.cwd() / "x"),
        (" ", tmp_path),
    ):
        monkeypatch.setenv("BANK_HOME", given)

        assert environment.folder("BANK_HOME", default=tmp_path) == path


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b" \n"])
def test_error_secret_key_that_is_damaged(tmp_path, content):
    (tmp_path / "secret_key").write_bytes(content)

    with pytest.raises(
        ImproperlyConfigured, match=f"The secret key in {tmp_path}/secret_key (cannot be read|is empty)"
    ):
        home.secret_key(tmp_path)
    assert (tmp_path / "secret_key").read_bytes() == content


def test_error_lock_folder_that_is_a_file(tmp_path):
    (tmp_path / "locks").write_text("")

    with pytest.raises(ImproperlyConfigured, match="Lock files cannot be kept in .*it is no folder"):
        home.lock_folder(tmp_path)

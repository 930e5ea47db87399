"""An environment that cannot be. Each row: what is set, a part of the one sentence that `manage.py storm` answers."""

import os
from pathlib import Path

import pytest
import tzlocal
from django.db import connection

from accounts.models import Storm
from bankproject import environment, home
from tests.support.processes import finish, manage, server_url

pytestmark = pytest.mark.django_db(transaction=True)

READ_ONLY = "&options=-c%20default_transaction_read_only%3Don"
NO_SCHEMA = "&options=-c%20search_path%3Dnowhere"


def refused(**env: str) -> str:
    """What a storm says in this environment: one line, status 1, no secret, and nothing done."""
    status, out, err = finish(manage("storm", "--transfers", "10", "--audits", "1", env=env))

    assert (status, out) == (1, ""), err
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err
    assert "secret" not in err
    assert not Storm.objects.exists()
    return err


@pytest.mark.processes
@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"DATABASE_URL": "garbage"}, "Error: DATABASE_URL (it begins with 'garbage') does not name a database: "),
        ({"DATABASE_URL": "postgres://"}, "Error: DATABASE_URL (it begins with 'postgres') does not name a database: "),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL names SQLite, and this needs PostgreSQL: "),
        ({"DATABASE_URL": "mysql://a:b@localhost/bank"}, "Error: DATABASE_URL names MySQL or MariaDB, "),
        ({"DATABASE_URL": "postgres://teacher:secret@127.0.0.1:1/bank"}, "The database of DATABASE_URL cannot be used"),
        ({"DATABASE_URL": "postgres://a:secret@no.such.host.invalid/bank"}, "The database of DATABASE_URL cannot be"),
        ({"DATABASE_URL": "postgres://a:secret@localhost:port/bank"}, "does not name a database"),
        ({"BANK_WORKERS": "many"}, "Error: BANK_WORKERS is 'many': set it to a whole number from 1 to 64."),
        ({"BANK_WORKERS": "0"}, "Error: BANK_WORKERS is '0': set it to a whole number from 1 to 64."),
        ({"BANK_WORKERS": "²"}, "Error: BANK_WORKERS is '²': set it to a whole number from 1 to 64."),
        ({"BANK_HOME": "/dev/null/bank"}, "Error: The folder /dev/null/bank cannot be made (Not a directory): "),
        ({"DEBUG": "perhaps"}, "Error: DEBUG is 'perhaps': set it to 1 or 0."),
        ({"HTTPS": "2"}, "Error: HTTPS is '2': set it to 1 or 0."),
        ({"TIME_ZONE": "Nowhere"}, "Error: TIME_ZONE is 'Nowhere': name one such as Europe/Berlin, or unset it."),
    ],
)
def test_error_setting_that_cannot_be(env, sentence):
    assert sentence in refused(**env)


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

    assert sentence in refused(DATABASE_URL=server_url(**changes), BANK_DATABASE_NAME=name)


@pytest.mark.processes
def test_error_home_that_is_a_file(tmp_path):
    home = tmp_path / "home"
    home.write_text("")

    assert f"The folder {home} cannot be made (File exists): name another one" in refused(BANK_HOME=str(home))


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

    assert (status, out) == (1, "")
    assert err.startswith("Error: DATABASE_URL names SQLite, and this needs PostgreSQL")
    assert len(err.splitlines()) == 1

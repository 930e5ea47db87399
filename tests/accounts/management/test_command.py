"""What all commands share."""

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts.errors import BankError
from accounts.management import command as commands
from accounts.management.pooler import NO_SESSION
from interleavings.postgres import errors
from tests.support.processes import finish, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize("command", ["storm", "compare", "qcluster", "classroom", "database"])
def test_help_has_examples(command):
    status, out, _err = finish(manage(command, "--help"))

    assert status == 0
    assert "examples:" in out
    assert f"manage.py {command}" in out


def test_error_of_the_embedded_server_names_the_setting_that_a_user_knows(tmp_path):
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)

    answer = finish(manage("explain", "last", env={"BANK_HOME": str(tmp_path), "BANK_DATABASE_NAME": "bank"}))

    assert answer == (
        1,
        "",
        f"CommandError: {data} is not a PostgreSQL data directory (No such file or directory): "
        "remove it, or name another folder in the environment variable BANK_HOME.\n",
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (errors.ANOTHER_FOLDER, "name another folder in the environment variable BANK_HOME."),
        (errors.NEW_SERVER, "`manage.py database reset` throws the data away and makes a new server."),
        (
            errors.INSTALL,
            "run `pip install -r requirements.txt`, or name a server of your own in DATABASE_URL.",
        ),
    ],
)
def test_error_of_the_embedded_server_advises_in_our_words(theirs, ours, monkeypatch):
    def refuse() -> None:
        raise errors.EmbeddedServerError(f"It failed: {theirs}.")

    monkeypatch.setattr(commands, "prepare_database", refuse)

    with pytest.raises(CommandError) as refusal:
        call_command("explain", "last")

    assert str(refusal.value) == f"It failed: {ours}"


def test_error_that_follows_ctrl_c_is_no_error_of_its_own(monkeypatch, capsys):
    """A second Ctrl-C, while the driver cancels the statement that the first one interrupted."""

    def refuse() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise OperationalError("the connection is closed")  # noqa: B904 (as the driver does it)

    monkeypatch.setattr(commands, "prepare_database", refuse)

    with pytest.raises(SystemExit) as end:
        call_command("explain", "last")

    assert end.value.code == 130
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("2", "--student", "anna", "my_fix.py"),
        ("2", "my_fix.py", "--student", "anna"),
        ("--student", "anna", "2", "my_fix.py"),
    ],
)
def test_options_may_stand_between_the_arguments(words):
    parser = commands.AnyOrderParser()
    parser.add_argument("lab")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--student")

    assert vars(parser.parse_args(words)) == {"lab": "2", "file": "my_fix.py", "student": "anna"}


@pytest.mark.parametrize("state", [psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement])
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_statement_that_another_session_has_prepared_names_the_pooler(state, is_wrapped):
    """Which session of the server answers first is the pooler's choice: the look at the start may be too early."""
    refusal = state("prepared statement does not exist")
    if is_wrapped:
        wrapped = OperationalError(str(refusal))
        wrapped.__cause__ = refusal
        refusal = wrapped

    assert commands._refusal(refusal) == NO_SESSION


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(
    ("is_embedded", "advice"),
    [
        (True, "`manage.py database reset` throws the data away; the next command makes new tables."),
        (False, "Name an empty database in DATABASE_URL, and run `manage.py migrate`."),
    ],
)
def test_error_tables_of_an_earlier_version_that_no_migration_leads_on_from(is_embedded, advice, monkeypatch):
    """A database in which only some of the migrations were applied that are one now."""
    if not is_embedded:
        monkeypatch.setattr(commands, "embedded_database", lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_vote RENAME TO votes_of_another_version")

    with pytest.raises(BankError) as refusal:
        commands.prepare_database()

    assert str(refusal.value) == (
        "The tables in this database are of an earlier version of this project (accounts_vote is missing), from which "
        f"no migration leads to the present one. {advice}"
    )

"""What all our commands share: clear refusals, a database that is ready, an end that leaves nothing running."""

import argparse
import signal
import sys
from typing import Any, NoReturn

from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser, DjangoHelpFormatter
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django_rich.management import RichCommand
from rich.console import Console

from accounts.db.lock_numbers import MIGRATION
from accounts.db.sqlstates import PREPARED_IN_ANOTHER_SESSION, sqlstate
from accounts.errors import BankError
from accounts.management.pooler import NO_SESSION, check_session
from bankproject.command_line import INTERRUPTED
from interleavings.postgres import errors as embedded
from interleavings.postgres.base import DatabaseWrapper

CHECK_DATABASE = "Check that it can be written to, by this role, and that `manage.py migrate` has run."

# What the embedded server advises in the words of Django's settings, in the words of ours.
OUR_ADVICE = {
    embedded.ANOTHER_FOLDER: "name another folder in the environment variable BANK_HOME",
    embedded.NEW_SERVER: "`manage.py database reset` throws the data away and makes a new server",
    embedded.INSTALL: "run `pip install -r requirements.txt`, or name a server of your own in DATABASE_URL",
}


class HelpFormatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Django's, with the examples left as they were written."""


class AnyOrderParser(CommandParser):
    """Lets options stand between the arguments, too: `watch N --student NAME FILE`."""

    _is_inner = False  # the method that puts them in order calls the one that it is called by

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._is_inner:
            return super().parse_known_args(args, namespace)
        self._is_inner = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_inner = False


class BankCommand(RichCommand):
    """Parses, calls, prints. Every refusal becomes one sentence on stderr and exit status 1, without a traceback."""

    examples = ""
    requires_system_checks: list[str] = []
    needs_database = True

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        epilog = f"examples:\n{self.examples.rstrip()}" if self.examples else None
        return super().create_parser(prog_name, subcommand, formatter_class=HelpFormatter, epilog=epilog, **options)

    def make_rich_console(self, **options: Any) -> Console:
        # Into a pipe or a file: no markup to interpret, and no line broken at a width that is only guessed.
        return Console(highlight=False, **options) if _is_terminal(options) else Console(width=120, **options)

    def execute(self, *args: Any, **options: Any) -> str | None:
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _interrupt)
        try:
            if self.needs_database:
                prepare_database()
            return super().execute(*args, **options)
        except (BankError, DatabaseError, InterfaceError) as refusal:
            if _follows_interrupt(refusal):
                self._end_interrupted()
            raise CommandError(_refusal(refusal)) from refusal
        except KeyboardInterrupt:
            self._end_interrupted()

    def _end_interrupted(self) -> NoReturn:
        self.stderr.write("Interrupted.")
        sys.exit(INTERRUPTED)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _is_terminal(options: dict[str, Any]) -> bool:
    return bool(options.get("force_terminal")) or options["file"].isatty()


def _follows_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C came first: a second one, while the driver cancels a statement, leaves a closed connection."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _refusal(refusal: Exception) -> str:
    if (getattr(refusal, "sqlstate", "") or sqlstate(refusal)) in PREPARED_IN_ANOTHER_SESSION:
        return NO_SESSION
    if isinstance(refusal, (BankError, OperationalError)):
        return _sentence(refusal)
    # It is read-only, has tables of another version, lacks a right ...
    return f"The database refused: {_sentence(refusal)} {CHECK_DATABASE}"


def _sentence(refusal: Exception) -> str:
    """The message in one line, with a stop at its end: another sentence may follow."""
    message = " ".join(str(refusal).split())
    for theirs, ours in OUR_ADVICE.items():
        message = message.replace(theirs, ours)
    return message if message.endswith((".", "!", "?", ".)")) else f"{message}."


def prepare_database() -> None:
    """Make sure that there is a PostgreSQL with our tables, or raise BankError saying what to do.

    The embedded database is ours: its schema is brought up to date. That of DATABASE_URL is never migrated unasked.
    """
    try:
        check_session()
    except OperationalError as error:
        raise BankError(_cannot_connect(error)) from error
    if _migrations_to_apply():
        _migrate()
    if missing := _missing_tables():
        raise BankError(
            f"The tables in this database are of an earlier version of this project ({missing[0]} is missing), from "
            f"which no migration leads to the present one. {_advice_on_old_tables()}"
        )


def _migrate() -> None:
    if embedded_database() is None:
        raise BankError("The tables in the database of DATABASE_URL are not up to date: run `manage.py migrate`.")
    with connection.cursor() as cursor:  # two commands may come here at once
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", MIGRATION)
        try:
            call_command("migrate", verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", MIGRATION)


def embedded_database() -> DatabaseWrapper | None:
    """Our connection to the embedded server; None where DATABASE_URL names another one."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    return wrapper if isinstance(wrapper, DatabaseWrapper) else None


def _migrations_to_apply() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _missing_tables() -> list[str]:
    """Our tables that are not there although every migration counts as applied.

    Migrations were made into one, which has the name of the first: Django takes it for applied wherever that one was.
    """
    models = apps.get_app_config("accounts").get_models()
    return sorted({model._meta.db_table for model in models}.difference(connection.introspection.table_names()))


def _advice_on_old_tables() -> str:
    if embedded_database() is not None:
        return "`manage.py database reset` throws the data away; the next command makes new tables."
    return "Name an empty database in DATABASE_URL, and run `manage.py migrate`."


def _cannot_connect(error: OperationalError) -> str:
    if embedded_database() is not None:
        return _sentence(error)
    return (
        f"The database of DATABASE_URL cannot be used: {_sentence(error)} "
        "Check the URL and the server, or unset DATABASE_URL to use the embedded PostgreSQL."
    )

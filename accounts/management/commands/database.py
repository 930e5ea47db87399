"""The embedded PostgreSQL, started, stopped, looked at and thrown away by hand."""

import secrets
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection
from psycopg import sql

from accounts.errors import BankError
from accounts.management.addresses import parse_address, reachable_name
from accounts.management.command import BankCommand, embedded_database, prepare_database
from interleavings.postgres.base import DatabaseWrapper
from interleavings.postgres.server import Server

STUDENT = "student"
STOPPED = "Stopped. Programs that use it, such as `manage.py qcluster`, start it again when they next ask it something."


class Command(BankCommand):
    help = "Start, stop, look at or throw away the embedded database. Other commands start and stop it by themselves."
    examples = """
  manage.py database start       keep it running until `database stop`
  manage.py database start --listen 192.168.1.5:5432     for a class: others may connect, as role "student"
  manage.py database restart --mode immediate --away 20  as if it had crashed, and was away for 20 s
  manage.py database status
  manage.py database reset       delete every bank and storm, after asking
"""
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "restart", "status", "reset"])
        parser.add_argument("--listen", default="", metavar="HOST:PORT", help="start: be heard on this address too")
        parser.add_argument(
            "--mode", default="fast", choices=["fast", "immediate"], help="restart: immediate is as if it crashed"
        )
        parser.add_argument("--away", type=int, default=0, metavar="SECONDS", help="restart: be away for so long")
        parser.add_argument("--yes", action="store_true", help="reset without asking")

    def handle(self, *, action: str, yes: bool, listen: str, **options: Any) -> None:
        embedded = embedded_database()
        if embedded is None:
            raise BankError("DATABASE_URL names a server of yours: start and stop it with its own tools.")
        server = embedded.server
        if action == "start":
            self._start(embedded, listen)
        elif action == "stop":
            self._say(STOPPED if server.stop() else "It was not running.")
        elif action == "restart":
            self._restart(server, **options)
        elif action == "status":
            self._say(f"Running. {_where(server)}" if server.is_running() else f"Not running: {server.folder}")
        else:
            self._reset(server, yes)

    def _start(self, embedded: DatabaseWrapper, listen: str) -> None:
        server = embedded.server
        if listen:
            _check_address(listen, is_free=not server.is_running())
            if server.is_running():
                raise BankError("The embedded server is running already: `manage.py database stop` it first.")
        server.start(listen=listen, database=embedded.database_to_make())
        prepare_database()
        self._say(f"Running, until `manage.py database stop`. {_where(server)}")
        if listen:
            host, port = parse_address("--listen", listen)
            place = f"{reachable_name(host)}:{port}"
            url = f"postgres://{STUDENT}:{make_student_role()}@{place}/{connection.settings_dict['NAME']}"
            self._say("Others use it with these two settings. Who has both can run code on the workers of all:")
            self._say(f"DATABASE_URL={url}\nSECRET_KEY={settings.SECRET_KEY}")

    def _restart(self, server: Server, *, mode: str, away: int, **options: Any) -> None:
        if not 0 <= away <= 600:
            raise BankError(f"--away cannot be {away}: choose 0 to 600 seconds.")
        server.restart(mode=mode, away_s=away)
        self.console.print("Restarted.")

    def _say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True, markup=False)

    def _reset(self, server: Any, yes: bool) -> None:
        if not yes and not self._confirm(f"Delete the database in {server.folder} with every bank and storm?"):
            raise BankError(
                "Nothing was deleted. (Without a terminal to answer in, say `manage.py database reset --yes`.)"
            )
        server.reset()
        self.console.print("Deleted. The next command makes a new one.")

    def _confirm(self, question: str) -> bool:
        try:
            return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except EOFError:
            return False


def _check_address(listen: str, *, is_free: bool) -> None:
    """Refuse what PostgreSQL would refuse later, with its data half made."""
    address = parse_address("--listen", listen)
    try:
        if is_free:
            socket.create_server(address).close()
    except OSError as error:
        raise BankError(
            f"--listen cannot be {listen!r} ({error}): give an address of this machine and a free port, HOST:PORT."
        ) from error


def make_student_role() -> str:
    """A role that may use our tables and nothing else, with a new password, which is returned."""
    password = secrets.token_urlsafe(12)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [STUDENT])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {STUDENT} LOGIN")
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(STUDENT), sql.Literal(password)))
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {STUDENT}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {STUDENT}")
        cursor.execute(f"GRANT SET ON PARAMETER deadlock_timeout TO {STUDENT}")
    return password


def _where(server: Any) -> str:
    params = server.connection_params()
    return (
        f"Data in {server.data}. To connect: host={params['host']} port={params['port']} user={params['user']} "
        f"dbname={connection.settings_dict['NAME']}, password in {server.folder / 'password'}."
    )

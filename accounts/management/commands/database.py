"""For the curious: the embedded PostgreSQL, started, stopped, looked at and thrown away by hand."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from accounts.errors import BankError
from accounts.management.command import BankCommand, is_embedded, prepare_database


class Command(BankCommand):
    help = "Start, stop, look at or throw away the embedded database. Other commands start and stop it by themselves."
    examples = """
  manage.py database start       keep it running until `database stop`
  manage.py database status
  manage.py database reset       delete every bank and storm, after asking
"""
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status", "reset"])
        parser.add_argument("--yes", action="store_true", help="reset without asking")

    def handle(self, *, action: str, yes: bool, **options: Any) -> None:
        if not is_embedded():
            raise BankError("DATABASE_URL names a server of yours: start and stop it with its own tools.")
        server = connection.server
        if action == "start":
            server.start()
            prepare_database()
            self.console.print(f"Running, until `manage.py database stop`. {_where(server)}")
        elif action == "stop":
            self.console.print("Stopped." if server.stop() else "It was not running.")
        elif action == "status":
            self.console.print(f"Running. {_where(server)}" if server.is_running() else f"Not running: {server.folder}")
        else:
            self._reset(server, yes)

    def _reset(self, server: Any, yes: bool) -> None:
        if not yes and not self._confirm(f"Delete the database in {server.folder} with every bank and storm?"):
            raise BankError("Nothing was deleted. (Where nobody can be asked, say `manage.py database reset --yes`.)")
        server.reset()
        self.console.print("Deleted. The next command makes a new one.")

    def _confirm(self, question: str) -> bool:
        try:
            return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except EOFError:
            return False


def _where(server: Any) -> str:
    params = server.connection_params()
    return (
        f"Data in {server.data}. To connect: host={params['host']} port={params['port']} user={params['user']} "
        f"dbname={connection.settings_dict['NAME']}, password in {server.folder / 'password'}."
    )

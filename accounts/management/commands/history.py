"""Exports a storm as an operation history that a checker of somebody else's can judge."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.management.arguments import find_storm
from accounts.management.command import BankCommand
from accounts.reporting import jepsen_history

FORMATS = {"jsonl": jepsen_history.to_jsonl, "edn": jepsen_history.to_edn}


class Command(BankCommand):
    help = "Print a storm's transfers and audits as an operation history, in the shape of Jepsen's bank workload."
    examples = """
  manage.py history last > history.jsonl
  manage.py history 8 --format edn > history.edn
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("storm", metavar="STORM", help='the number of a storm, or "last"')
        parser.add_argument("--format", choices=FORMATS, default="jsonl", help="JSON lines (default) or EDN")

    def handle(self, *, storm: str, format: str, **options: Any) -> None:
        write_line = FORMATS[format]
        for event in jepsen_history.events(find_storm(storm)):
            self.stdout.write(write_line(event))

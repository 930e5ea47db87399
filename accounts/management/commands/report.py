"""Writes the results of storms into files for handing in: one HTML file, JSON or CSV."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandParser

from accounts.errors import BankError
from accounts.management.arguments import find_storm, to_csv, to_json
from accounts.management.command import BankCommand
from accounts.management.display import print_report
from accounts.management.output import STANDARD_OUTPUT, check_targets, write_whole
from accounts.models import Storm
from accounts.reporting import document
from accounts.reporting.comparison import MAX_STORMS
from accounts.reporting.stalled import what_is_missing
from accounts.storms.report import report_on

WRITERS: dict[str, Callable[[list[Storm]], str]] = {
    "html": document.as_html,
    "json": lambda storms: to_json(document.as_values(storms)),
    "csv": lambda storms: to_csv(document.as_rows(storms)),
}


class Command(BankCommand):
    help = (
        "Report the results of storms, as files for handing in; without an option, in this terminal. The HTML file is "
        'complete in itself. A file may be "-": standard output. A file that is there already is left alone, and the '
        "command refuses, unless --force is given."
    )
    examples = """
  manage.py report last --html storm.html            one storm
  manage.py report 7 8 9 --html story.html           several, side by side
  manage.py report last --csv - --force              a line for each storm, to standard output
  manage.py report last --json storm.json --force    replaces storm.json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("storms", metavar="STORM", nargs="+", help='the numbers of storms, or "last"')
        parser.add_argument("--html", metavar="FILE", help="one self-contained page, which loads nothing")
        parser.add_argument("--json", metavar="FILE", help="the reports, and the versions of what made them")
        parser.add_argument("--csv", metavar="FILE", help="a line for each storm")
        parser.add_argument("--force", action="store_true", help="replace files that are there already")

    def handle(self, *, storms: list[str], force: bool, **options: Any) -> None:
        chosen = _find(storms)
        files = {kind: options[kind] for kind in WRITERS if options[kind] is not None}
        targets = {f"--{kind}": name for kind, name in files.items()}
        check_targets(targets, overwrite=force, overwrite_option="--force")
        for kind, name in files.items():
            self._write(name, WRITERS[kind](chosen))
        if not files:
            self._print(chosen)

    def _write(self, name: str, text: str) -> None:
        if name == STANDARD_OUTPUT:
            self.stdout.write(text)
            return
        write_whole(name, text if text.endswith("\n") else f"{text}\n")
        self.stderr.write(f"Wrote {name}.")

    def _print(self, storms: list[Storm]) -> None:
        for storm in storms:
            if missing := what_is_missing(storm):
                self.stderr.write(f"Storm {storm.pk} is running. {missing}")
            print_report(self.console, report_on(storm))


def _find(words: list[str]) -> list[Storm]:
    """The storms, each once, in the order given."""
    by_number = {storm.pk: storm for storm in map(find_storm, words)}
    if len(by_number) > MAX_STORMS:
        raise BankError(f"{len(by_number)} storms do not fit one report: choose at most {MAX_STORMS}.")
    return list(by_number.values())

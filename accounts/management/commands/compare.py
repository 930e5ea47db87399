"""Shows strategies side by side: the lecture's story in seven storms, or every pair of strategies there is."""

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from accounts import strategies
from accounts.errors import BankError
from accounts.management import tables
from accounts.management.arguments import to_csv, to_json
from accounts.management.command import BankCommand
from accounts.management.display import follow_on_screen, report_patiently
from accounts.models import Report, Storm
from accounts.storms import matrix
from accounts.storms.launch import check_connections, launch, plan_storm, private_cluster
from accounts.storms.lecture import SCENES, Scene
from accounts.storms.matrix import Cell
from bankproject.command_line import INTERRUPTED


class Command(BankCommand):
    help = "Run the lecture's seven storms and show them as one table: where a lock holds, and where it was missed."
    examples = """
  manage.py compare                                       the story: about a minute on two cores
  manage.py compare --transfers 500 --audits 50           a quick look
  manage.py compare --json > story.json
  manage.py compare --all                                 every pair of strategies: some ten minutes
  manage.py compare --all --only row_lock,no_lock,single_statement
  manage.py compare --all --workers 1 --threads 8 --csv > threads.csv
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--transfers", type=int, metavar="N", help="in each storm (default: 2000; with --all 600)")
        parser.add_argument("--audits", type=int, metavar="N", help="in each storm (default: 200; with --all 100)")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="plans the transfers (default: 1)")
        parser.add_argument("--all", action="store_true", help="every transfer strategy with every audit strategy")
        parser.add_argument("--only", metavar="NAMES", help="with --all: these strategies only, with commas")
        parser.add_argument("--workers", type=int, metavar="N", help="with --all: worker processes (default: 4)")
        parser.add_argument("--threads", type=int, metavar="N", help="with --all: threads in each (default: 1)")
        parser.add_argument("--accounts", type=int, metavar="N", help="with --all: accounts in each bank (default: 6)")
        formats = parser.add_mutually_exclusive_group()
        formats.add_argument("--json", action="store_true", help="print the reports as a JSON list, and nothing else")
        formats.add_argument("--csv", action="store_true", help="with --all: one line for each cell, and nothing else")

    def handle(self, **options: Any) -> None:
        if options["all"]:
            self._compare_all(**options)
        else:
            self._tell_story(**options)

    # The story.

    def _tell_story(self, *, transfers: int | None, audits: int | None, seed: int, json: bool, **options: Any) -> None:
        for name in ("only", "workers", "threads", "accounts", "csv"):
            if options[name]:
                raise BankError(f"--{name} goes with --all: the story's seven storms are what they are.")
        size = {"transfer_count": _or(transfers, 2000), "audit_count": _or(audits, 200), "seed": seed}
        storms = [plan_storm(**_choices(scene), **size) for scene in SCENES]
        if not json:
            tables.print_story_head(self.console, **size)
        reports = []
        for number, (scene, storm) in enumerate(zip(SCENES, storms, strict=True), start=1):
            reports.append(_run_alone(storm))
            if not json:
                tables.print_story_row(self.console, number, scene, reports[-1])
        surprises = [
            number
            for number, (scene, report) in enumerate(zip(SCENES, reports, strict=True), start=1)
            if not scene.came_out_as_told(report)
        ]
        if json:
            self.stdout.write(to_json([report.as_values() for report in reports]))
        else:
            tables.print_story_end(self.console, reports, surprises)
        if surprises:
            sys.exit(1)

    # Every pair.

    def _compare_all(self, *, json: bool, csv: bool, only: str | None, seed: int, **options: Any) -> None:
        cells = matrix.plan_matrix(
            only=[name.strip() for name in only.split(",")] if only is not None else None,
            transfer_count=_or(options["transfers"], 600),
            audit_count=_or(options["audits"], 100),
            worker_count=_or(options["workers"], 4),
            thread_count=_or(options["threads"], 1),
            account_count=_or(options["accounts"], 6),
            seed=seed,
        )
        for lack in strategies.undeclared():
            self.stderr.write(lack)
        results = []
        for result in matrix.with_results(cells, _run_together(cells)):
            results.append(result)
            if not (json or csv):
                tables.print_cell(self.console, result, is_first=len(results) == 1)
        if json:
            self.stdout.write(to_json([result.as_values() for result in results]))
        elif csv:
            self.stdout.write(to_csv([result.as_values() for result in results]))
        else:
            tables.print_matrix_end(self.console, results)
        if not all(result.agrees for result in results):
            sys.exit(1)


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def _choices(scene: Scene) -> dict[str, Any]:
    return {name: getattr(scene, name) for name in ("transfer_with", "audit_with", "worker_count", "thread_count")}


def _run_alone(storm: Storm) -> Report:
    """On workers of its own."""
    check_connections(storm)
    with private_cluster(storm) as workers:
        launch(storm, queue=workers.queue)
        if follow_on_screen(storm, workers):
            raise SystemExit(INTERRUPTED)
    return report_patiently(storm)


def _run_together(cells: list[Cell]) -> Iterator[Report]:
    """One after another, on the same workers."""
    check_connections(cells[0].storm)
    with private_cluster(cells[0].storm) as workers:
        for cell in cells:
            launch(cell.storm, queue=workers.queue)
            if follow_on_screen(cell.storm, workers):
                raise SystemExit(INTERRUPTED)
            yield report_patiently(cell.storm)

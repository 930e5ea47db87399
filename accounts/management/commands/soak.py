"""Runs storm after storm under faults for some minutes, and says what was lost that should not have been."""

import time
from typing import Any

import psutil
from django.core.management.base import CommandParser
from rich.table import Table

from accounts import faults, strategies
from accounts.errors import BankError
from accounts.faults import soak
from accounts.management.arguments import to_json
from accounts.management.command import BankCommand
from accounts.management.commands.storm import CHAOS_EVERY_S, FaultPlan, choose_faults, run_storm
from accounts.management.display import report_patiently
from accounts.models import Report, erase_bank
from accounts.storms.matrix import Cell
from bankproject.command_line import INTERRUPTED


class Command(BankCommand):
    help = (
        "Run storms with faults, all strategies in turn, for some minutes. Exit status 1 if a strategy lost what it "
        "promises to keep."
    )
    examples = """
  manage.py soak --minutes 30
  manage.py soak --minutes 5 --chaos kill-workers,redeliver --seed 7
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=float, default=10, metavar="M", help="for how long (default: 10)")
        parser.add_argument("--transfers", type=int, default=1000, metavar="N", help="in each storm (default: 1000)")
        parser.add_argument("--audits", type=int, default=100, metavar="N", help="in each storm (default: 100)")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the first storm (default: 1)")
        kinds = ",".join(faults.names())
        parser.add_argument("--chaos", default="all", metavar="KINDS", help=f"all (default), or some of {kinds}")
        parser.add_argument(
            "--chaos-every", type=float, metavar="SECONDS", help=f"time between faults (default: {CHAOS_EVERY_S:g})"
        )
        parser.add_argument("--json", action="store_true", help="print the sums as one JSON object, and nothing else")

    def handle(self, *, minutes: float, json: bool, **options: Any) -> None:
        if not 0 < minutes <= 10_080:
            raise BankError(f"--minutes cannot be {minutes:g}: choose more than 0, and at most a week (10,080).")
        fault_plan = choose_faults(options["chaos"], options["chaos_every"])
        cells = soak.cells(seed=options["seed"], transfer_count=options["transfers"], audit_count=options["audits"])
        for lack in strategies.undeclared():
            self.stderr.write(lack)
        began, tally = time.monotonic(), soak.Tally()
        for cell in cells:  # at least one, however short the time
            interrupted = self._soak(cell, fault_plan, tally)
            if interrupted or time.monotonic() - began > 60 * minutes:
                break
        self._print(tally.as_values() | {"seconds": round(time.monotonic() - began, 1)}, json=json)
        if interrupted or tally.anomalies:
            raise SystemExit(INTERRUPTED if interrupted else 1)

    def _soak(self, cell: Cell, fault_plan: FaultPlan | None, tally: soak.Tally) -> bool:
        """Run one storm and add it to the sums; return whether it was interrupted."""
        try:
            interrupted = run_storm(cell.storm, fault_plan=fault_plan)
        except BankError as reason:
            interrupted = False
            self.stderr.write(str(reason))
        report = report_patiently(cell.storm)
        anomalies = [] if interrupted else soak.anomalies(cell, report)
        tally.add(cell.storm, report, anomalies)
        tally.peak_memory_mb = max(tally.peak_memory_mb, psutil.Process().memory_info().rss / 1e6)
        self.stderr.write(_line(cell, report, anomalies))
        if not anomalies:
            erase_bank(cell.storm.bank_id)  # a soak must not fill the disk
        return interrupted

    def _print(self, sums: dict[str, Any], *, json: bool) -> None:
        if json:
            return self.stdout.write(to_json(sums))
        table = Table(title="Soak", show_header=False, title_justify="left")
        for name, value in sums.items():
            table.add_row(name.replace("_", " "), _cell(value))
        self.console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{count:,} {kind}" for kind, count in value.items())
    return "\n".join(value) or "0" if isinstance(value, list) else f"{value:,}"


def _line(cell: Cell, report: Report, anomalies: list[str]) -> str:
    faults = ", ".join(f"{count} {kind}" for kind, count in report.faults.items()) or "no faults"
    verdict = f"ANOMALY: {'; '.join(anomalies)}" if anomalies else "no anomaly"
    return f"{cell.storm}: {faults}; {verdict}"

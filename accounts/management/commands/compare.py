"""Tells the lecture's story: seven storms side by side, each marked if it does not come out as it must."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from accounts import storms
from accounts.expectations import Outcome
from accounts.lecture import SCENES, Scene
from accounts.management.arguments import to_json
from accounts.management.command import INTERRUPTED, BankCommand
from accounts.management.commands.storm import run_storm
from accounts.reports import Report

STYLES = {Outcome.HOLDS: "green", Outcome.TORN: "red", Outcome.BREAKS: "bold red"}
COLUMNS = "{:>2}  {:<7}  {:<12}  {:<16}  {:>9}  {:>7}  {:>6}  "


class Command(BankCommand):
    help = "Run the lecture's seven storms and show them as one table: where a lock holds, and where it was missed."
    examples = """
  manage.py compare                                  about a minute on two cores
  manage.py compare --transfers 500 --audits 50      a quick look
  manage.py compare --json > story.json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--transfers", type=int, default=2000, metavar="N", help="in each storm (default: 2000)")
        parser.add_argument("--audits", type=int, default=200, metavar="N", help="in each storm (default: 200)")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="plans the transfers (default: 1)")
        parser.add_argument("--json", action="store_true", help="print the reports as a JSON list, and nothing else")

    def handle(self, *, transfers: int, audits: int, seed: int, json: bool, **options: Any) -> None:
        planned = [
            storms.plan(**_choices(scene), transfer_count=transfers, audit_count=audits, seed=seed) for scene in SCENES
        ]
        reports = []
        if not json:
            self._print_head(transfers, audits)
        for number, (scene, storm) in enumerate(zip(SCENES, planned, strict=True), start=1):
            if run_storm(storm):
                raise SystemExit(INTERRUPTED)
            reports.append(storms.report(storm))
            if not json:
                self._print_row(number, scene, reports[-1])
        surprises = [
            number for number, row in enumerate(zip(SCENES, reports, strict=True), 1) if not came_out_as_told(*row)
        ]
        if json:
            self.stdout.write(to_json(reports))
        else:
            self._print_end(reports, surprises)
        if surprises:
            sys.exit(1)

    def _print_head(self, transfers: int, audits: int) -> None:
        self.console.print(
            f"Seven storms of {transfers:,} transfers and {audits:,} audits. Money only moves inside the"
        )
        self.console.print("bank, so its total must never change.\n")
        self.console.print(COLUMNS.format("", "workers", "transfers", "audits", "torn", "drift", "lost"), style="bold")

    def _print_row(self, number: int, scene: Scene, report: Report) -> None:
        came_out = Outcome.of(report)
        row = COLUMNS.format(
            number,
            f"{scene.worker_count} x {scene.thread_count}",
            scene.transfer_with,
            scene.audit_with,
            f"{report['audits']['torn']}/{report['audits']['taken']}",
            f"{report['drift']:,}",
            f"{report['lost_updates']:,}",
        )
        self.console.print(row, end="")
        self.console.print(came_out.value, style=STYLES.get(came_out, "bold yellow"))
        self.console.print(f"    {scene.meaning}", style="dim")
        if not came_out_as_told(scene, report):
            self.console.print(
                f"    !! expected: {scene.expected.value} (see storm {report['id']})", style="bold yellow"
            )

    def _print_end(self, reports: list[Report], surprises: list[int]) -> None:
        self.console.print("\ntorn: audits that saw a transfer on one of its accounts only. drift: money made or lost")
        self.console.print("for good. lost: updates that were overwritten by a worker that had not seen them.\n")
        told = next((report for report in reports if report["audit_with"] == "no_lock" and not report["drift"]), None)
        if told is not None and told["story"]:
            self.console.print(f"One of them, in storm {told['id']}: {told['story']}", soft_wrap=True)
        if surprises:
            rows = ", ".join(map(str, surprises))
            self.console.print(f"\nNot as it must be: row {rows}.", style="bold yellow")


def came_out_as_told(scene: Scene, report: Report) -> bool:
    return Outcome.of(report) == scene.expected


def _choices(scene: Scene) -> dict[str, Any]:
    return {name: getattr(scene, name) for name in ("transfer_with", "audit_with", "worker_count", "thread_count")}

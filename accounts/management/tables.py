"""The tables of `compare`: a line is printed as soon as its storm is over, so their columns are fixed."""

from rich.console import Console

from accounts.models import Report
from accounts.storms.expectations import Outcome
from accounts.storms.lecture import Scene
from accounts.storms.matrix import Result

STYLES = {Outcome.HOLDS: "green", Outcome.TORN: "red", Outcome.BREAKS: "bold red", Outcome.UNFINISHED: "bold yellow"}
SURPRISE = "bold yellow"
STORY = "{:>2}  {:<7}  {:<12}  {:<16}  {:>9}  {:>7}  {:>6}  "
CELL = "{:<20}  {:<20}  {:>5}  {:>5}  {:>7}  {:>6}  {:>5}  {:>6}  {:>6}  {:>5}  {:>6}  {:>6}  "


def print_story_head(console: Console, *, transfer_count: int, audit_count: int, seed: int) -> None:
    console.print(
        f"Seven storms of {transfer_count:,} transfers and {audit_count:,} audits. Money only moves inside the"
    )
    console.print("bank, so its total must never change.\n")
    console.print(STORY.format("", "workers", "transfers", "audits", "torn", "drift", "lost"), style="bold")


def print_story_row(console: Console, number: int, scene: Scene, report: Report) -> None:
    row = STORY.format(
        number,
        f"{scene.worker_count} x {scene.thread_count}",
        scene.transfer_with,
        scene.audit_with,
        f"{report.audits.torn}/{report.audits.taken}",
        f"{report.drift:,}",
        f"{report.lost_updates:,}",
    )
    _print_outcome(console, row, Outcome.of(report))
    console.print(f"    {scene.meaning}", style="dim")
    if not scene.came_out_as_told(report):
        console.print(f"    !! expected: {scene.expected.value} (see storm {report.id})", style=SURPRISE)


def print_story_end(console: Console, reports: list[Report], surprises: list[int]) -> None:
    console.print("\ntorn: audits that saw a transfer on one of its accounts only. drift: money made or lost")
    console.print("for good. lost: updates that were overwritten by a worker that had not seen them.\n")
    torn = next((report for report in reports if report.audits.torn and not report.drift), None)
    if torn is not None:
        console.print(f"One of them, in storm {torn.id}: {torn.story}", soft_wrap=True)
    if surprises:
        console.print(f"\nNot as it must be: row {', '.join(map(str, surprises))}.", style=SURPRISE)


def print_cell(console: Console, result: Result, *, is_first: bool) -> None:
    if is_first:
        heads = ("torn", "wrong", "drift", "lost", "40P01", "40001", "retry", "speed", "p50 ms", "p99 ms")
        console.print(CELL.format("transfers", "audits", *heads), style="bold", soft_wrap=True)
    report, audits = result.report, result.report.audits
    taken = audits.taken or 1
    row = CELL.format(
        report.transfer_with,
        report.audit_with,
        "?" if audits.torn_unknown else f"{audits.torn / taken:.0%}",
        f"{audits.wrong_total / taken:.0%}",
        f"{report.drift:,}",
        f"{report.lost_updates:,}",
        f"{report.deadlocks:,}",
        f"{report.serialization_failures:,}",
        f"{report.retries:,}",
        "-" if result.relative_speed is None else f"{result.relative_speed:.2f}",
        f"{report.lock_wait_ms.p50:.1f}",
        f"{report.lock_wait_ms.p99:.1f}",
    )
    _print_outcome(console, row, result.came_out, end="")
    console.print(f", {report.failed} failed" if report.failed else "", end="")
    surprise = "" if result.agrees else f"  !! expected: {result.cell.expected.value}"
    console.print(surprise, style=SURPRISE)


def print_matrix_end(console: Console, results: list[Result]) -> None:
    console.print("\nspeed: transfers/s in units of row_lock's under the same audits. p50, p99: waiting for locks.")
    surprises = sum(not result.agrees for result in results)
    if surprises:
        console.print(f"{surprises} of {len(results)} cells did not come out as expected.", style=SURPRISE)
    else:
        console.print(f"All {len(results)} cells came out as expected.", style="green")


def _print_outcome(console: Console, row: str, came_out: Outcome, end: str = "\n") -> None:
    console.print(row, end="", soft_wrap=True)
    console.print(came_out.value, style=STYLES[came_out], end=end)

"""The tables of `compare`: a line is printed as soon as its storm is over, so their columns have fixed widths.

What is known of a storm stands in the columns of the comparison (reporting/comparison_columns.py). A table adds what it
is about: the story its numbers of workers, the matrix what one strategy is worth beside others.
"""

from collections.abc import Collection, Sequence

from rich.console import Console

from accounts.models import Report
from accounts.reporting import comparison_columns
from accounts.reporting.comparison_columns import Column
from accounts.storms.expectations import Outcome
from accounts.storms.lecture import Scene
from accounts.storms.matrix import Result

STYLES = {Outcome.HOLDS: "green", Outcome.TORN: "red", Outcome.BREAKS: "bold red", Outcome.UNFINISHED: "bold yellow"}
SURPRISE = "bold yellow"
STORY = "{:>2}  {:<7}  {:<12}  {:<16}  "
CELL = "{:<20}  {:<20}  "
MATRIX_ONLY = "{:>5}  {:>6}  {:>6}  "
# The verdict is printed last, in its colour. On what a storm ran says the story in its own column, and in the matrix it
# is the same for all. The story has to fit 80 characters; the matrix says the speed in units of row_lock's.
NOT_IN_STORY = {"ran_on", "verdict", "deadlocks", "retries", "transfers_per_second", "lock_wait_ms"}
NOT_IN_MATRIX = {"ran_on", "verdict", "transfers_per_second"}


def _columns(left_out: Collection[str]) -> list[Column]:
    return [column for column in comparison_columns.COLUMNS if column.name not in left_out]


def _heads(left_out: Collection[str]) -> str:
    return "".join(f"{column.brief_head:>{column.width}}  " for column in _columns(left_out))


def _values(report: Report, left_out: Collection[str]) -> str:
    return "".join(f"{column.in_brief(report):>{column.width}}  " for column in _columns(left_out))


def print_story_head(console: Console, *, transfer_count: int, audit_count: int, seed: int) -> None:
    console.print(
        f"Seven storms of {transfer_count:,} transfers and {audit_count:,} audits. Money only moves inside the"
    )
    console.print("bank, so its total must never change.\n")
    head = STORY.format("", "workers", "transfers", "audits")
    console.print(head + _heads(NOT_IN_STORY), style="bold", soft_wrap=True)


def print_story_row(console: Console, number: int, scene: Scene, report: Report) -> None:
    workers = f"{scene.worker_count} x {scene.thread_count}"
    row = STORY.format(number, workers, scene.transfer_with, scene.audit_with)
    _print_outcome(console, row + _values(report, NOT_IN_STORY), Outcome.of(report))
    console.print(f"    {scene.meaning}", style="dim")
    if not scene.came_out_as_told(report):
        console.print(f"    !! expected: {scene.expected.value} (see storm {report.id})", style=SURPRISE)


def print_story_end(console: Console, reports: Sequence[Report], surprises: Sequence[int]) -> None:
    console.print("\ntorn: audits that saw a transfer on one of its accounts only. drift: money made or lost")
    console.print("for good. lost: updates that were overwritten by a worker that had not seen them.\n")
    torn = next((report for report in reports if report.audits.torn and not report.drift), None)
    if torn is not None:
        console.print(f"One of them, in storm {torn.id}: {torn.story}", soft_wrap=True)
    if surprises:
        console.print(f"\nNot as it must be: row {', '.join(map(str, surprises))}.", style=SURPRISE)


def print_cell(console: Console, result: Result, *, is_first: bool) -> None:
    if is_first:
        own_heads = MATRIX_ONLY.format("wrong", "40001", "speed")
        console.print(
            CELL.format("transfers", "audits") + _heads(NOT_IN_MATRIX) + own_heads, style="bold", soft_wrap=True
        )
    report = result.report
    own = MATRIX_ONLY.format(
        f"{report.audits.wrong_total / (report.audits.taken or 1):.0%}",
        f"{report.serialization_failures:,}",
        "-" if result.relative_speed is None else f"{result.relative_speed:.2f}",
    )
    row = CELL.format(report.transfer_with, report.audit_with) + _values(report, NOT_IN_MATRIX) + own
    _print_outcome(console, row, result.came_out, end="")
    console.print(f", {report.failed} failed" if report.failed else "", end="")
    surprise = "" if result.agrees else f"  !! expected: {result.cell.expected.value}"
    console.print(surprise, style=SURPRISE)


def print_matrix_end(console: Console, results: Sequence[Result]) -> None:
    console.print(
        "\nspeed: transfers/s in units of row_lock's under the same audits. wait: for locks, in ms: half of the "
        "transfers waited no longer than the first number, 99 % no longer than the second.",
        soft_wrap=True,
    )
    surprises = sum(not result.agrees for result in results)
    if surprises:
        console.print(f"{surprises} of {len(results)} cells did not come out as expected.", style=SURPRISE)
    else:
        which = "The cell" if len(results) == 1 else f"All {len(results)} cells"
        console.print(f"{which} came out as expected.", style="green")


def _print_outcome(console: Console, row: str, came_out: Outcome, end: str = "\n") -> None:
    console.print(row, end="", soft_wrap=True)
    console.print(came_out.value, style=STYLES[came_out], end=end)

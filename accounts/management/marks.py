"""A class's marks in a terminal, and as a CSV file with a row for each student and lab."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from accounts.labs.marking import Mark
from accounts.management.arguments import to_csv
from accounts.management.output import write_whole

FORMULA = ("=", "+", "-", "@", "\t")


def write_csv(file: Path, marks: Sequence[Mark]) -> None:
    """All rows or none: a spreadsheet that is half written looks like marks. Only its owner may read it."""
    rows = [{name: _plain(value) for name, value in asdict(mark).items()} for mark in marks]
    write_whole(str(file), to_csv(rows) + "\n", is_private=True)


def _plain(value: Any) -> Any:
    """The value as text, also what a spreadsheet would take for a formula: students choose names and messages."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def progress(mark: Mark) -> str:
    """One line on one mark."""
    reason = "passed" if mark.passed else ": ".join(filter(None, (mark.failed, mark.message)))
    score = f"{mark.score} of {mark.max_score}" if mark.is_graded else "not graded yet"
    return textwrap.shorten(f"{mark.student}, lab {mark.lab}: {score}. {reason}", 110)


def print_marks(console: Console, marks: Sequence[Mark]) -> None:
    """A row for each student, a column for each lab."""
    labs = sorted({mark.lab for mark in marks})
    scores = {(mark.student, mark.lab): mark for mark in marks}
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1))
    table.add_column("student")
    for lab in labs:
        table.add_column(f"lab {lab}", justify="right", no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    for student in dict.fromkeys(mark.student for mark in marks):
        row = [scores[student, lab] for lab in labs]
        table.add_row(Text(student), *map(_cell, row), str(sum(mark.score or 0 for mark in row)))
    table.add_row("of", *(str(_best(marks, lab)) for lab in labs), str(sum(_best(marks, lab) for lab in labs)))
    console.print(table)


def _cell(mark: Mark) -> Text:
    if not mark.is_graded:
        return Text("?", style="bold yellow")
    return Text(str(mark.score) if mark.file else "-", style="green" if mark.passed else "")


def _best(marks: Sequence[Mark], lab: int) -> int:
    return next(mark.max_score for mark in marks if mark.lab == lab)

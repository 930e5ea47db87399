"""`manage.py explore --matrix`: the isolation matrix as a table that grows row by row, as JSON, or one cell of it."""

import json
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType

from django.core.management import CommandError
from django.db import connection
from rich.console import Console
from rich.text import Text

from accounts.errors import BankError
from accounts.explorer.anomalies import anomalies, key_of
from accounts.explorer.anomalies.isolation_matrix import ROWS, Cell, Row, find, run_matrix

ALL = "all"
TITLE_WIDTH, COLUMN_WIDTH = 28, 11
POSSIBLE, IMPOSSIBLE = "bold red", "green"
REFUSED = "*"


def print_matrix(asked: str, console: Console, say: Callable[[str], None], *, as_json: bool) -> None:
    """The whole matrix, or one cell of it ("ReadCommitted/read_skew"). `say` prints on the command's own output."""
    try:
        rows, columns = _choose(asked)
        cells = run_matrix(rows=rows, columns=columns)
        if as_json:
            _print_json(cells, say)
        elif asked == ALL:
            _print_table(cells, console)
        else:
            _print_cell(next(cells), console)
    except BankError as refusal:
        raise CommandError(str(refusal), returncode=2) from refusal


def _choose(asked: str) -> tuple[list[Row], list[ModuleType]]:
    if asked == ALL:
        return list(ROWS), anomalies()
    row, anomaly = find(asked)
    return [row], [anomaly]


def _print_json(cells: Iterator[Cell], say: Callable[[str], None]) -> None:
    """One JSON object, with each cell on a line of its own, as soon as it is known."""
    head = {
        "rows": {row.key: row.title for row in ROWS},
        "anomalies": {key_of(anomaly): anomaly.TITLE for anomaly in anomalies()},
        "server": _server(),
    }
    say(f'{json.dumps(head)[:-1]}, "cells": [')
    waiting = ""
    for cell in cells:
        if waiting:
            say(f"{waiting},")
        waiting = json.dumps(cell.as_values())
    say(f"{waiting}\n]}}")


def _server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


def _print_table(cells: Iterator[Cell], console: Console) -> None:
    titles = [textwrap.wrap(anomaly.TITLE.partition(" (")[0], COLUMN_WIDTH - 1) for anomaly in anomalies()]
    console.print(f"On {_server()}: in how many of all schedules it happened.\n")
    for line in range(max(map(len, titles))):
        words = [title[line] if line < len(title) else "" for title in titles]
        head = f"{'':{TITLE_WIDTH}}" + "".join(f"{word:>{COLUMN_WIDTH}}" for word in words)
        console.print(head, style="bold", soft_wrap=True)
    for row in ROWS:
        console.print(f"{row.title:{TITLE_WIDTH}}", end="")
        for _anomaly in anomalies():
            console.print(_as_text(next(cells)), end="", soft_wrap=True)
        console.print()
    console.print(
        f"\n0 of n: impossible. {REFUSED}: the database ended a session in some of them (40001, 40P01) instead.\n"
        "One of these schedules, with its code: manage.py explore --matrix ReadCommitted/read_skew"
    )


def _as_text(cell: Cell) -> Text:
    mark = REFUSED if cell.refused and not cell.possible else " "
    about = "" if cell.is_exhaustive else "?"
    text = f"{cell.possible} of {cell.schedules}{about}{mark}"
    return Text(f"{text:>{COLUMN_WIDTH}}", style=POSSIBLE if cell.possible else IMPOSSIBLE)


def _print_cell(cell: Cell, console: Console) -> None:
    row, anomaly = find(f"{cell.row}/{cell.anomaly}")
    console.print(f"{anomaly.TITLE}, {row.title}: {cell.in_words()}", soft_wrap=True)
    console.print(f"{(anomaly.__doc__ or '').splitlines()[0]}\n", soft_wrap=True)
    console.print("The shortest such schedule:" if cell.possible else "One of the schedules, in which it did not:")
    for number, step in enumerate(cell.steps, start=1):
        code = f"  ({step.place})" if step.place else ""
        console.print(f"{number:>3}  {step.session:<9} {step.text}{code}", soft_wrap=True, markup=False)
        for session, text in step.went_on.items():
            console.print(f"     {session:<9} {text}", soft_wrap=True, markup=False)

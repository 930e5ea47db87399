"""A schedule as text in columns, one for each call: what each step did, who waited for whom, and who let it go on."""

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from interleavings.engine.step import Step
from interleavings.report.statement_text import StatementTexts

WIDTH = 110
MIN_COLUMN = 26
NUMBER_WIDTH = 5


@dataclass(frozen=True)
class Cell:
    """What is written in the column of a call, beside one step of the schedule."""

    call: str
    text: str
    code: str = ""  #: the line of the user's code behind it, such as "races.py:12 in redeem"


@dataclass(frozen=True)
class Line:
    """One step of the schedule."""

    number: int
    cells: tuple[Cell, ...]  #: the step's own, and those of the calls that it let go on


def lines_of(steps: Sequence[Step], *, ignored: Collection[str] = ()) -> list[Line]:
    """The steps as lines, from the first to the last; without the values of `ignored` columns ("table.column")."""
    texts = StatementTexts(steps, ignored=ignored)
    return [Line(place + 1, tuple(_cells(place, step, steps, texts))) for place, step in enumerate(steps)]


def _cells(place: int, step: Step, steps: Sequence[Step], texts: StatementTexts) -> Iterator[Cell]:
    code = str(step.code) if step.code else ""
    if step.was_blocked:
        yield Cell(step.session, f"{texts.statement(step)} waits for {' and '.join(step.waited_for)}", code)
    else:
        yield Cell(step.session, f"{texts.statement(step)}{texts.result(step)}", code)
    for other in steps:
        if other.freed_by == place and other.session != step.session:
            yield Cell(other.session, f"goes on{texts.result(other)}")


def timeline(steps: Sequence[Step], calls: Iterable[str], *, width: int = WIDTH, ignored: Collection[str] = ()) -> str:
    """The schedule as text, `width` characters wide if the columns have room in that."""
    names = list(calls)
    column = max(MIN_COLUMN, (width - NUMBER_WIDTH) // len(names) - 2)
    head = " " * NUMBER_WIDTH + "  ".join(name.ljust(column) for name in names)
    body = (text for line in lines_of(steps, ignored=ignored) for text in _written(line, names, column))
    return "\n".join(text.rstrip() for text in [head, *body])


def _written(line: Line, names: list[str], column: int) -> Iterator[str]:
    wrapped: dict[str, list[str]] = {name: [] for name in names}
    for cell in line.cells:
        wrapped[cell.call] += textwrap.wrap(cell.text, column, subsequent_indent="  ")
        wrapped[cell.call] += [f"  ({cell.code})"[:column]] * bool(cell.code)
    for row in range(max(map(len, wrapped.values()))):
        number = f"{line.number:>3}" if row == 0 else ""
        texts = (cells[row] if row < len(cells) else "" for cells in wrapped.values())
        yield number.ljust(NUMBER_WIDTH) + "  ".join(text.ljust(column) for text in texts)

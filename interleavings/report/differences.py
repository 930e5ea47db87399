"""What differs at the end of a schedule: the row, its value here, and its value after each serial order."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from interleavings.database.sequences import NUMBER, is_generated_key
from interleavings.database.snapshot import Row
from interleavings.oracle.outcome import Outcome

MAX_LINES = 20
MAX_VALUE = 200
AS_BEFORE = "as before"

Facts = dict[str, str]


def differences(outcome: Outcome, serial: Mapping[tuple[str, ...], Outcome], ignored: Collection[str]) -> list[str]:
    """For each thing that ended otherwise than after some serial order: its value here, and after each of them.

    At most MAX_LINES lines of text. Generated keys are not compared: they are shown as "new key".
    """
    lines = list(_lines(outcome, serial, set(ignored)))
    return lines[:MAX_LINES] + [f"  ... and {len(lines) - MAX_LINES} more lines"] * (len(lines) > MAX_LINES)


def _lines(outcome: Outcome, serial: Mapping[tuple[str, ...], Outcome], ignored: set[str]) -> Iterator[str]:
    here = _facts(outcome, ignored)
    others = {", then ".join(order): _facts(end, ignored) for order, end in serial.items()}
    for name in dict.fromkeys([*here, *(name for facts in others.values() for name in facts)]):
        value = here.get(name, AS_BEFORE)
        values = {order: facts.get(name, AS_BEFORE) for order, facts in others.items()}
        if any(value != other for other in values.values()):
            yield f"  {name}: here {value}"
            yield from (f"      {order}: {other}" for order, other in values.items())


def _facts(outcome: Outcome, ignored: set[str]) -> Facts:
    """Everything that can be said of the end, by what it is said of."""
    facts: Facts = {}
    for table in [*outcome.added, *(table for table in outcome.removed if table not in outcome.added)]:
        facts |= _of_table(table, outcome, ignored)
    for call, values in outcome.results.items():
        facts |= {f"{call} {path}": _text(value) for path, value in values.items() if f"{call} {path}" not in ignored}
    return facts | {f"{call} was refused": state for call, state in outcome.refused.items()}


def _of_table(table: str, outcome: Outcome, ignored: set[str]) -> Facts:
    """The columns that changed of rows that were there before, the rows that are new, and those that are gone."""
    before = {_key(row): row for row in outcome.removed.get(table, [])}
    after = {_key(row): row for row in outcome.added.get(table, [])}
    facts = {
        f"{table} {key}, {column}": _text(value)
        for key, row in after.items()
        for column, value in row.items()
        if key in before and value != before[key].get(column) and f"{table}.{column}" not in ignored
    }
    if new := sorted(_row(table, row, ignored) for key, row in after.items() if key not in before):
        facts[f"{table}, new rows"] = f"{len(new)}: {'; '.join(new)}"
    return facts | {f"{table} {key}": "deleted" for key in before if key not in after}


def _key(row: Row) -> Any:
    """The value of the first column: of a model's table, its primary key."""
    return next(iter(row.values()), None)


def _row(table: str, row: Row, ignored: set[str]) -> str:
    shown = [f"{name} = {_text(value)}" for name, value in row.items() if f"{table}.{name}" not in ignored]
    return f"({', '.join(part for part in shown if not part.endswith('= new key'))})"


def _text(value: Any) -> str:
    if type(value) is int and is_generated_key(value):
        return "new key"
    text = NUMBER.sub("(new key)", repr(value))
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."

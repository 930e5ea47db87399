"""What differs at the end of a schedule: the row, its value here, and its value after each serial order."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from interleavings.database.sequences import is_generated_key, with_renamed_keys
from interleavings.database.snapshot import Row
from interleavings.oracle.outcome import Outcome

MAX_LINES = 20
MAX_VALUE = 200
AS_BEFORE = "as before"
WAS_REFUSED = "was refused"

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
    calls = {call for end in (outcome, *serial.values()) for call in (*end.results, *end.refused)}
    for name in dict.fromkeys([*here, *(name for facts in others.values() for name in facts)]):
        missing = _missing(name, calls)
        value = here.get(name, missing)
        values = {order: facts.get(name, missing) for order, facts in others.items()}
        if any(value != other for other in values.values()):
            yield f"  {name}: here {value}"
            yield from (f"      {order}: {other}" for order, other in values.items())


def _missing(name: str, calls: Collection[str]) -> str:
    """Said of an end without such a fact: a row is as it was; a call that waits for ever returns nothing."""
    call, _, what = name.partition(" ")
    if call not in calls:
        return AS_BEFORE
    return "no" if what == WAS_REFUSED else "nothing"


def _facts(outcome: Outcome, ignored: set[str]) -> Facts:
    """Everything that can be said of the end, by what it is said of."""
    facts: Facts = {}
    for table in [*outcome.added, *(table for table in outcome.removed if table not in outcome.added)]:
        facts |= _of_table(table, outcome, ignored)
    for call, values in outcome.results.items():
        facts |= {f"{call} {path}": _text(value) for path, value in values.items() if f"{call} {path}" not in ignored}
    return facts | {f"{call} {WAS_REFUSED}": state for call, state in outcome.refused.items()}


def _of_table(table: str, outcome: Outcome, ignored: set[str]) -> Facts:
    """The columns that changed of rows that were there before, the rows that are new, and those that are gone."""
    removed, added = outcome.removed.get(table, []), outcome.added.get(table, [])
    before, after = _by_key(removed), _by_key(added)
    if before is None or after is None:
        return _of_table_without_key(table, removed, added, ignored)
    facts = {
        f"{table} {key}, {column}": _text(value)
        for key, row in after.items()
        for column, value in row.items()
        if key in before and value != before[key].get(column) and f"{table}.{column}" not in ignored
    }
    facts |= _rows(f"{table}, new rows", table, [row for key, row in after.items() if key not in before], ignored)
    return facts | {f"{table} {key}": "deleted" for key in before if key not in after}


def _of_table_without_key(table: str, removed: list[Row], added: list[Row], ignored: set[str]) -> Facts:
    return _rows(f"{table}, rows that are gone", table, removed, ignored) | _rows(
        f"{table}, new rows", table, added, ignored
    )


def _by_key(rows: list[Row]) -> dict[str, Row] | None:
    """The rows by the value of their first column, which is the primary key of a model's table; None if it is none."""
    by_key = {_name_of(next(iter(row.values()), None)): row for row in rows}
    return by_key if len(by_key) == len(rows) else None


def _name_of(key: Any) -> str:
    return str(key) if isinstance(key, (int, str)) else repr(key)


def _rows(name: str, table: str, rows: list[Row], ignored: set[str]) -> Facts:
    return {name: f"{len(rows)}: {'; '.join(sorted(_row(table, row, ignored) for row in rows))}"} if rows else {}


def _row(table: str, row: Row, ignored: set[str]) -> str:
    shown = [f"{name} = {_text(value)}" for name, value in row.items() if f"{table}.{name}" not in ignored]
    return f"({', '.join(part for part in shown if not part.endswith('= new key'))})"


def _text(value: Any) -> str:
    if type(value) is int and is_generated_key(value):
        return "new key"
    text = with_renamed_keys(repr(value), lambda _key: "(new key)")
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."

"""What differs at the end of a schedule: the row, its value here, and its value after each serial order."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from interleavings.database.snapshot import Row
from interleavings.oracle.outcome import Outcome

MAX_LINES = 20


def differences(outcome: Outcome, serial: Mapping[tuple[str, ...], Outcome], ignored: Collection[str]) -> list[str]:
    """Lines of text, at most MAX_LINES."""
    lines = list(_lines(outcome, serial, set(ignored)))
    return lines[:MAX_LINES] + [f"... and {len(lines) - MAX_LINES} more"] * (len(lines) > MAX_LINES)


def _lines(outcome: Outcome, serial: Mapping[tuple[str, ...], Outcome], ignored: set[str]) -> Iterator[str]:
    here = _facts(outcome, ignored)
    others = {", then ".join(order): _facts(end, ignored) for order, end in serial.items()}
    names = dict.fromkeys([*here, *(name for facts in others.values() for name in facts)])
    for name in names:
        values = {order: facts.get(name, "as before") for order, facts in others.items()}
        value = here.get(name, "as before")
        if any(value != other for other in values.values()):
            yield f"  {name}: here {value}"
            yield from (f"      {order}: {other}" for order, other in values.items())


def _facts(outcome: Outcome, ignored: set[str]) -> dict[str, str]:
    """What can be said of the end, by what it is said of."""
    facts: dict[str, str] = {}
    for table, added in outcome.added.items():
        removed = outcome.removed.get(table, [])
        old = {_key(row): row for row in removed}
        fresh = [row for row in added if _key(row) not in old]
        gone = set(old) - {_key(row) for row in added}
        for row in added:
            for column, value in row.items():
                if _key(row) in old and value != old[_key(row)][column] and f"{table}.{column}" not in ignored:
                    facts[f"{table} {_key(row)}, {column}"] = repr(value)
        if fresh:
            facts[f"{table}, new rows"] = f"{len(fresh)}: " + "; ".join(
                sorted(_row(table, row, ignored) for row in fresh)
            )
        for key in gone:
            facts[f"{table} {key}"] = "deleted"
    for call, values in outcome.results.items():
        facts |= {
            f"{call} {path}".strip(): repr(value) for path, value in values.items() if f"{call}.{path}" not in ignored
        }
    return facts


def _key(row: Row) -> Any:
    return next(iter(row.values()), None)


def _row(table: str, row: Row, ignored: set[str]) -> str:
    shown = [f"{name}={value}" for name, value in list(row.items())[1:] if f"{table}.{name}" not in ignored]
    return f"({', '.join(shown)})"

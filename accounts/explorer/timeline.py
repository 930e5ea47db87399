"""A schedule as a timeline: each step short enough for a projector, with what it read, wrote and waited for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from accounts.explorer.plan import Plan
from interleavings.engine.step import Step
from interleavings.statements import ANY, access

ACCOUNTS = "accounts_account"
LOCK_CLAUSE = re.compile(r" (FOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)(?: NOWAIT| SKIP LOCKED)?)")
PLACEHOLDER = re.compile(r"%s")
TRANSFERS = "accounts_transfer"
INSERT = re.compile(r'INSERT INTO "?(?P<table>\w+)"? \((?P<columns>[^)]*)\)')


class Line(NamedTuple):
    """One step of a schedule: in `text` what it did; in `went_on` who could go on by it, and what they read."""

    text: str
    went_on: dict[str, str]


def lines(steps: Sequence[Step], numbers: Mapping[int, int], *, full_sql: bool = False) -> list[Line]:
    """The steps as lines; `numbers` are the accounts' numbers by primary key."""
    numbers = {**numbers, **dict(_opened(steps))}

    def say(step: Step) -> str:
        return _full(step) if full_sql else _short(step, numbers)

    def tell(place: int, step: Step) -> Line:
        came = _came_of(step, numbers)
        if step.was_blocked:
            waits = f"waits for {' and '.join(step.waited_for)}"
            text = f"{say(step)}: {waits}"
            came = came if step.freed_by is None else ""
        else:
            text = say(step)
        releases = {other.session: f"goes on{_came_of(other, numbers)}" for other in steps if other.freed_by == place}
        return Line(f"{text}{came}", releases)

    return [tell(place, step) for place, step in enumerate(steps)]


def _opened(steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """The accounts that were opened on the way: primary key and number."""
    for step in steps:
        insert = INSERT.match(step.sql)
        if insert and insert["table"] == ACCOUNTS and step.rows:
            columns = insert["columns"].replace('"', "").split(", ")
            yield step.rows[0][0], step.params[columns.index("number")]


def headings(plan: Plan, *, names_strategies: bool = True) -> dict[str, str]:
    """What each session of a plan does, for the heads of a table's columns."""
    return {name: heading(plan, name, names_strategies=names_strategies) for name in plan.sessions}


def heading(plan: Plan, session: str, *, names_strategies: bool = True) -> str:
    """What a session does, for the head of its column: "t: 1 > 2, 30 (row_lock)"."""
    order = plan.sessions[session]
    what = "audit" if order is None else f"{order.source} > {order.target}, {order.amount:,}"
    strategy = plan.audit_with if order is None else plan.transfer_with
    return f"{session}: {what} ({strategy})" if names_strategies else f"{session}: {what}"


def describe(step: Step, numbers: Mapping[int, int]) -> str:
    """The step in a few words, before it is taken."""
    return _short(step, numbers)


def _full(step: Step) -> str:
    values = iter(step.params or ())
    return PLACEHOLDER.sub(lambda _match: str(next(values, "%s")), " ".join(step.sql.split()))


def _short(step: Step, numbers: Mapping[int, int]) -> str:
    if step.is_acquire:
        return f"take {step.sql.partition(' ')[2]}"
    if step.sql.startswith("SELECT") and ACCOUNTS in step.sql:
        lock = LOCK_CLAUSE.search(step.sql)
        what = "SUM of all" if "SUM(" in step.sql else _which(step, numbers)
        return f"SELECT {what}{' ' + lock[1] if lock else ''}"
    if re.match(rf'UPDATE "?{ACCOUNTS}"? SET "?balance', step.sql):
        return f"UPDATE {_which(step, numbers)} SET {_assigned(step)}"
    if re.match(rf'UPDATE "?{TRANSFERS}"? SET', step.sql) and (status := _assigned_status(step)):
        return f"UPDATE transfer SET status = {status}"
    if insert := INSERT.match(step.sql):
        return f"INSERT INTO {insert['table']}"
    return str(step)


def _which(step: Step, numbers: Mapping[int, int]) -> str:
    """The accounts that a statement names, by their numbers."""
    accessed = access(step.sql, step.params)
    keys = [key for _table, key in accessed.rows if key is not ANY] if accessed else []
    if accessed is None or len(keys) < len(accessed.rows):
        return "all"
    return ", ".join(str(number) for number in sorted(numbers.get(key, key) for key in keys))


def _assigned_status(step: Step) -> str:
    """The status that an UPDATE of transfers writes. Empty if it writes none, or if it is no parameter."""
    match = re.search(r'SET .*?"?status"? = %s.* WHERE ', step.sql)
    if match is None:
        return ""
    place = re.sub(r'"?status"? = %s.*', "", step.sql).count("%s")
    return str((step.params or [""])[place])


def assigned_balance(step: Step) -> str:
    """The balance that an UPDATE writes: "4,970", or "balance - 30". Empty if it writes none."""
    match = re.search(r'"?balance"? = (.*?)(?:, "?\w+"? = | WHERE )', step.sql)
    if match is None:
        return ""
    value = (step.params or [None])[step.sql.count("%s", 0, match.start())]
    change = re.search(r"[-+](?= %s)", match[1])
    if change:
        return f"balance {change[0]} {value:,}"
    return f"{value:,}" if match[1] == "%s" and isinstance(value, int) else match[1]


def _assigned(step: Step) -> str:
    """What an UPDATE sets: "balance = 4,970", or "balance - 30"."""
    balance = assigned_balance(step)
    is_number = balance.replace(",", "").removeprefix("-").isdigit()
    return f"balance = {balance}" if is_number else balance or "..."


def _came_of(step: Step, numbers: Mapping[int, int]) -> str:
    if step.error:
        return f" -> ERROR {step.error}"
    if step.sql.startswith("UPDATE") and step.row_count == 0:
        return " -> no such row any more"
    if step.is_acquire and step.row_count == 0:
        return " -> it is taken"
    if not step.rows or INSERT.match(step.sql):
        return ""
    return f" -> {', '.join(_value(step, row, numbers) for row in step.rows)}"


def _value(step: Step, row: tuple[Any, ...], numbers: Mapping[int, int]) -> str:
    values = dict(zip(step.columns, row, strict=True))
    if "balance" in values:
        number = numbers.get(values["id"]) if "id" in values else None
        several = len(step.rows or ()) > 1 and number is not None
        return f"{number}: {values['balance']:,}" if several else f"{values['balance']:,}"
    named = (numbers.get(value, value) if column == "id" else value for column, value in values.items())
    return ", ".join(f"{value:,}" if isinstance(value, int) else str(value) for value in named)

"""The steps of a schedule as a person would write them: short, with values in their places, new keys as new #1, #2."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from interleavings.database.sequences import is_generated_key, with_renamed_keys
from interleavings.engine.step import Step

COLUMNS = re.compile(r"^SELECT (?!COUNT|SUM|MAX|MIN)[^()]*?,.*? FROM ")
QUALIFIED = re.compile(r"\b[a-z_]\w*\.(?=\w)")
GET_LIMIT = re.compile(r" LIMIT 21\b")  # get() asks for so many, to say how many there are
INSERT = re.compile(r"^INSERT INTO (?P<table>\S+) \((?P<columns>[^()]*)\) VALUES \((?P<places>(?:%s(?:, )?)+)\)")
ASSIGNMENT = re.compile(r"^UPDATE \S+ SET (?P<what>.*?)(?P<where> WHERE .*)?$")
PLACE = re.compile(r"%s")
MAX_STATEMENT, MAX_VALUE, MAX_COLUMNS, MAX_ROWS = 110, 24, 5, 2


class StatementTexts:
    """Writes the steps of one schedule. Keys that were generated while it ran are counted in the order they turn up."""

    def __init__(self, steps: Sequence[Step], *, ignored: Collection[str] = ()) -> None:
        self._ignored = frozenset(ignored)  # "table.column" whose values say nothing: clocks, random values
        self._keys: dict[int, str] = {}
        self._read: dict[str, dict[str, Any]] = {}  # by session: the values that it read last, by column
        self._texts = {id(step): (self._statement(step), self._result(step)) for step in steps}

    def statement(self, step: Step) -> str:
        """One line: "SELECT ... FROM shop_voucher WHERE id = 1 FOR UPDATE"."""
        return self._texts[id(step)][0]

    def result(self, step: Step) -> str:
        """Its result: " -> id = 1, code = 'X'", " -> ERROR 40P01"; "" if there is nothing to say."""
        return self._texts[id(step)][1]

    def _statement(self, step: Step) -> str:
        text = " ".join(step.sql.replace('"', "").split())
        text = GET_LIMIT.sub("", QUALIFIED.sub("", COLUMNS.sub("SELECT ... FROM ", text)))
        if (match := INSERT.match(text)) and isinstance(step.params, (list, tuple)):
            return self._insert(step, match)
        if isinstance(step.params, (list, tuple)):
            values = iter(step.params)
            text = PLACE.sub(lambda _match: self.value(next(values, "%s")), text)
        if match := ASSIGNMENT.match(text):
            text = self._update(step, text, match)
        return text if len(text) <= MAX_STATEMENT else f"{text[:MAX_STATEMENT].rpartition(' ')[0]} ..."

    def _insert(self, step: Step, match: re.Match[str]) -> str:
        names = match["columns"].split(", ")
        pairs = [
            f"{name} = {self.value(value)}"
            for name, value in zip(names, step.params or (), strict=False)
            if f"{match['table']}.{name}" not in self._ignored
        ]
        more = ", ..." if len(pairs) > MAX_COLUMNS else ""
        return f"INSERT INTO {match['table']}: {', '.join(pairs[:MAX_COLUMNS])}{more}"

    def _update(self, step: Step, text: str, match: re.Match[str]) -> str:
        """Of a save() of all columns, only those that it changes."""
        before = {f"{name} = {self.value(value)}" for name, value in self._read.get(step.session, {}).items()}
        parts = match["what"].split(", ")
        changes = [part for part in parts if part not in before]
        same = len(parts) - len(changes)
        if not same or not changes:
            return text
        changes_in_words = f"{', '.join(changes)} (and {same} as {'it was' if same == 1 else 'they were'} read)"
        return text.replace(match["what"], changes_in_words, 1)

    def _result(self, step: Step) -> str:
        if step.error:
            return f" -> ERROR {step.error}"
        if step.rows is None:
            return ""
        if not step.rows:
            return " -> no row"
        self._read.setdefault(step.session, {}).update(zip(step.columns, step.rows[0], strict=False))
        if len(step.rows) > MAX_ROWS:
            return f" -> {len(step.rows)} rows"
        return " -> " + "; ".join(self._row(step, row) for row in step.rows)

    def _row(self, step: Step, row: Sequence[Any]) -> str:
        pairs = [f"{name} = {self.value(value)}" for name, value in zip(step.columns, row, strict=False)]
        return ", ".join(pairs[:MAX_COLUMNS]) + (", ..." if len(pairs) > MAX_COLUMNS else "")

    def value(self, value: Any) -> str:
        """A value as SQL writes it, cut after MAX_VALUE characters."""
        if type(value) is int and is_generated_key(value):
            return self._keys.setdefault(value, f"new #{len(self._keys) + 1}")
        if value is None:
            return "NULL"
        if isinstance(value, (bool, int, float, Decimal)):
            return str(value).upper() if isinstance(value, bool) else str(value)
        text = value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
        text = with_renamed_keys(text, self.value)
        short = text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."
        return short if isinstance(value, (date, UUID)) else f"'{short}'"

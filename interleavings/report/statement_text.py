"""A statement as a person would write it: short, with its values in their places."""

import re

from interleavings.engine.step import Step

COLUMNS = re.compile(r"^SELECT (?!COUNT|SUM|MAX|MIN)[^()]*?,.*? FROM ")
QUALIFIED = re.compile(r"\b\w+\.(?=\w)")
PLACE = re.compile(r"%s")
MAX_LENGTH = 120


def short_statement(step: Step) -> str:
    """One line: "SELECT ... FROM shop_voucher WHERE id = 1 FOR UPDATE"."""
    text = " ".join(step.sql.replace('"', "").split())
    if isinstance(step.params, (list, tuple)):
        values = iter(step.params)
        text = PLACE.sub(lambda _match: _value(next(values, "%s")), text)
    text = QUALIFIED.sub("", COLUMNS.sub("SELECT ... FROM ", text))
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]} ..."


def _value(value: object) -> str:
    return f"'{value:.30}'" if isinstance(value, str) else str(value)[:30]

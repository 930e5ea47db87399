"""What several commands take and give: a storm by its number, JSON."""

import csv
import io
import json
from typing import Any

from accounts.db.primary_key import read_primary_key
from accounts.errors import BankError
from accounts.models import Storm


def find_storm(given: str) -> Storm:
    """The storm of this number, or the newest for "last". Raises BankError naming some that exist."""
    storms = Storm.objects.select_related("bank")
    text = given.strip()
    number = read_primary_key(text)
    if text == "last":
        storm = storms.order_by("pk").last()
    elif number is not None:
        storm = storms.filter(pk=number).first()
    else:
        raise BankError(f'A storm cannot be {given!r}: give its number, or "last".')
    if storm is None:
        newest = ", ".join(str(pk) for pk in Storm.objects.values_list("pk", flat=True)[:5])
        raise BankError(f"There is no storm {given!r}: " + (f"the newest are {newest}." if newest else RUN_ONE))
    return storm


RUN_ONE = "none has been launched yet; `manage.py storm` launches one."


def to_json(value: Any) -> str:
    return json.dumps(value, indent=2)


def to_csv(rows: list[dict[str, Any]]) -> str:
    """A table with a heading; a value inside a value becomes a column "outer.inner"."""
    flat = [_flatten(row) for row in rows]
    text = io.StringIO()
    names = dict.fromkeys(name for row in flat for name in row)
    writer = csv.DictWriter(text, fieldnames=list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().rstrip("\n")


def _flatten(row: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        flat |= {f"{name}.{inner}": item for inner, item in value.items()} if isinstance(value, dict) else {name: value}
    return flat

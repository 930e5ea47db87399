"""What a call returned or raised, as plain values that can be compared: a path to each value, such as `[0].name`."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import islice
from types import ModuleType
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.query import RawQuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase

PLAIN = (type(None), bool, int, float, str, bytes, Decimal, date, time, timedelta, UUID)

Values = dict[str, Any]  # a value by its path


MAX_DEPTH = 20  # of values in values; what is deeper, or in itself, is not compared
MAX_DEPTH_OF_OBJECTS = 4
MAX_PARTS = 100_000
UNKNOWN = "not compared: "  # how the value of a class begins of which no more than its name is compared


def returned(value: Any) -> Values:
    """What a call returned."""
    return dict(islice(_walk("returned", value, ()), MAX_PARTS))


def raised(error: BaseException) -> Values:
    """What a call raised: the exception's class and its message."""
    return {"raised": type(error).__name__, "raised.message": str(error)}


Inside = tuple[int, ...]  # the ids of the values that a value is part of


def _walk(path: str, value: Any, inside: Inside) -> Iterator[tuple[str, Any]]:
    """The value's parts."""
    if isinstance(value, Enum):
        yield path, str(value)
    elif isinstance(value, PLAIN):
        yield path, value
    elif isinstance(value, (set, frozenset)):
        yield path, frozenset(part if isinstance(part, PLAIN) else repr(part) for part in value)
    elif id(value) not in inside and len(inside) < MAX_DEPTH:
        yield from _walk_into(path, value, (*inside, id(value)))


def _walk_into(path: str, value: Any, inside: Inside) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Model):
        yield from _walk_parts(path, value._meta.label, _attributes(_loaded(value)), inside)
    elif isinstance(value, HttpResponseBase):
        yield from _walk_response(path, value, inside)
    elif isinstance(value, Mapping):
        yield from _walk_parts(path, "mapping", {f"[{key!r}]": part for key, part in value.items()}, inside)
    elif isinstance(value, (list, tuple, QuerySet, RawQuerySet)):
        yield from _walk_parts(path, "sequence", {f"[{place}]": part for place, part in enumerate(value)}, inside)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        yield from _walk_parts(path, type(value).__name__, _attributes(parts), inside)
    elif len(inside) <= MAX_DEPTH_OF_OBJECTS and (parts := _variables(value)):
        yield from _walk_parts(path, type(value).__name__, _attributes(parts), inside)
    else:
        yield path, f"{UNKNOWN}{type(value).__qualname__}"


def _walk_parts(path: str, kind: str, parts: Mapping[str, Any], inside: Inside) -> Iterator[tuple[str, Any]]:
    yield f"{path}.length", f"{kind} of {len(parts)}"
    for name, part in parts.items():
        yield from _walk(f"{path}{name}", part, inside)


def _attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f".{name}": value for name, value in values.items()}


def _variables(value: Any) -> dict[str, Any]:
    """The public attributes of an object of the user's: those that it keeps itself, and that are no functions."""
    if callable(value) or isinstance(value, ModuleType):
        return {}
    return {name: part for name, part in getattr(value, "__dict__", {}).items() if not name.startswith("_")}


def _loaded(instance: Model) -> dict[str, Any]:
    """What a model instance knows without a query: its fields, annotations, and the instances that it refers to."""
    known = {name: part for name, part in vars(instance).items() if not name.startswith("_")}
    return known | instance._state.fields_cache


def _walk_response(path: str, response: HttpResponseBase, inside: Inside) -> Iterator[tuple[str, Any]]:
    """Of JSON its parts, so that a time in it does not hide the rest."""
    yield f"{path}.status_code", response.status_code
    yield f"{path}.location", response.headers.get("Location", "")
    content = response.content if isinstance(response, HttpResponse) else b"".join(response)
    if response.headers.get("Content-Type", "").partition(";")[0].endswith("json"):
        try:
            yield from _walk(f"{path}.json", json.loads(content), inside)
            return
        except ValueError:
            pass
    yield f"{path}.content", content.decode(errors="replace")

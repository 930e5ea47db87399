"""What a call returned or raised, as plain values that can be compared: a path to each value, such as `[0].name`."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase

PLAIN = (type(None), bool, int, float, str, bytes, Decimal, date, time, timedelta, UUID)

Values = dict[str, Any]  # a value by its path


def returned(value: Any) -> Values:
    """What a call returned."""
    return dict(_walk("returned", value))


def raised(error: BaseException) -> Values:
    """What a call raised: the exception's class and its message."""
    return {"raised": type(error).__name__, "raised.message": str(error)}


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The value's parts. Of a class that is not known here, only its name is compared."""
    if isinstance(value, Enum):
        yield path, str(value)
    elif isinstance(value, PLAIN):
        yield path, value
    elif isinstance(value, Model):
        yield from _walk_model(path, value)
    elif isinstance(value, HttpResponseBase):
        yield from _walk_response(path, value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        yield from _walk_parts(path, type(value).__name__, {f".{name}": part for name, part in parts.items()})
    elif isinstance(value, Mapping):
        yield from _walk_parts(path, "mapping", {f"[{key!r}]": part for key, part in value.items()})
    elif isinstance(value, (set, frozenset)):
        yield path, frozenset(repr(part) for part in value)
    elif isinstance(value, (list, tuple, QuerySet)):
        yield from _walk_parts(path, "sequence", {f"[{place}]": part for place, part in enumerate(value)})
    else:
        yield path, f"a {type(value).__qualname__}"


def _walk_parts(path: str, kind: str, parts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield f"{path}.length", f"{kind} of {len(parts)}"
    for name, part in parts.items():
        yield from _walk(f"{path}{name}", part)


def _walk_model(path: str, instance: Model) -> Iterator[tuple[str, Any]]:
    """The fields that it has loaded; asking for another one would be a query."""
    models = {
        field.attname: instance.__dict__[field.attname]
        for field in instance._meta.concrete_fields
        if field.attname in instance.__dict__
    }
    yield from _walk_parts(path, instance._meta.label, {f".{name}": part for name, part in models.items()})


def _walk_response(path: str, response: HttpResponseBase) -> Iterator[tuple[str, Any]]:
    yield f"{path}.status_code", response.status_code
    yield f"{path}.location", response.headers.get("Location", "")
    if isinstance(response, HttpResponse):  # and not one that streams
        yield f"{path}.content", response.content.decode(errors="replace")

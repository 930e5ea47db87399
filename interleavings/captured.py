"""Model instances that a call was given from outside, such as one that the test has made: no call may change one.

Two requests never share an instance. If two calls do, or if one is left changed for the next schedule, then what is
explored is not what happens. (An instance that is only read is no harm: `lambda: vote(choice.pk)`.)
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import partial
from inspect import isfunction, ismethod
from types import FunctionType
from typing import Any, NamedTuple

from django.db.models import Model

from interleavings.calls import Call, place_of
from interleavings.engine.code_place import is_users
from interleavings.errors import CannotExplore

MAX_DEPTH = 6


class _Captured(NamedTuple):
    call: str
    variable: str
    instance: Model
    values: dict[str, Any]  #: of its fields, as they were


class CapturedInstances:
    """The model instances in the variables of some calls, as they are now."""

    def __init__(self, calls: Mapping[str, Call]) -> None:
        self._calls = calls
        self._captured = [
            _Captured(name, variable, instance, deepcopy(_values(instance)))
            for name, call in calls.items()
            for variable, instance in _instances("", call, {}, MAX_DEPTH)
        ]

    def check(self) -> None:
        """Raise CannotExplore if an instance was changed; then all are as they were."""
        changed = next((its for its in self._captured if _values(its.instance) != its.values), None)
        if changed is None:
            return
        kind, call = type(changed.instance).__name__, self._calls[changed.call]
        now = _values(changed.instance)
        field = next(name for name in now if now[name] != changed.values.get(name, now))
        for captured in self._captured:
            vars(captured.instance).update(deepcopy(captured.values))
        raise CannotExplore(
            f"The call {changed.call} ({place_of(call)}) uses {changed.variable}, an instance of {kind} that was made "
            f"before, and its {field} was changed: two requests never share an instance, and the next schedule would "
            f"find it changed. Fetch it in the call: {kind}.objects.get(pk={changed.variable}.pk)."
        )


def _values(instance: Model) -> dict[str, Any]:
    """The fields that it has loaded."""
    names = (field.attname for field in instance._meta.concrete_fields)
    return {name: vars(instance)[name] for name in names if name in vars(instance)}


def _instances(variable: str, value: Any, seen: dict[int, Any], depth: int) -> Iterator[tuple[str, Model]]:
    """The instances in a value, and the variable by which each is reached."""
    if id(value) in seen or depth == 0:
        return
    seen[id(value)] = value
    if isinstance(value, Model):
        yield variable, value
        return
    for name, part in _parts(variable, value):
        yield from _instances(name, part, seen, depth - 1)


def _parts(variable: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, partial):
        yield from _parts(variable, [value.func, *value.args, *value.keywords.values()])
    elif ismethod(value):
        yield from _attributes_of_self(value.__self__)
        yield variable, value.__func__
    elif isfunction(value) and is_users(value.__code__.co_filename):
        yield from _variables(value)
    elif isinstance(value, dict):
        yield from ((f"{variable}[{key!r}]", part) for key, part in value.items())
    elif isinstance(value, (list, tuple)):
        yield from ((f"{variable}[{place}]" if variable else "its argument", part) for place, part in enumerate(value))


def _variables(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """What a function of the user's knows by name: variables of its module, of functions around it, and defaults."""
    code, known = function.__code__, function.__globals__
    yield from ((name, known[name]) for name in code.co_names if name in known)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:  # it has no value yet
            continue
        yield from _attributes_of_self(value) if name == "self" else [(name, value)]
    yield from (function.__kwdefaults__ or {}).items()
    yield from (("its default", value) for value in function.__defaults__ or ())


def _attributes_of_self(self: Any) -> Iterator[tuple[str, Any]]:
    yield from ((f"self.{name}", part) for name, part in getattr(self, "__dict__", {}).items())

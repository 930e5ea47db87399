"""The calls that are explored: two to six, each with a name, and what cannot be one."""

import inspect
import os
import re
from collections.abc import Callable, Iterator, Mapping
from string import ascii_uppercase
from typing import Any

from django.db.models import QuerySet
from django.db.models.query import RawQuerySet
from django.http.response import HttpResponseBase

from interleavings.errors import CannotExplore

MIN_CALLS, MAX_CALLS = 2, 6

Call = Callable[[], Any]

_NAME = re.compile(r"[^\s()>+]+")  # as a schedule can say it


def named_calls(calls: tuple[Call, ...], named: Mapping[str, Call]) -> dict[str, Call]:
    """Calls by name; those without one are A, B, C ... Raises CannotExplore for what cannot be explored."""
    letters = iter(ascii_uppercase)
    by_name = {next(letters): call for call in calls}
    if clash := by_name.keys() & named.keys():
        raise CannotExplore(f"Two calls are named {min(clash)}: calls without a name are A, B, C ...; name them all.")
    by_name |= named
    if not MIN_CALLS <= len(by_name) <= MAX_CALLS:
        raise CannotExplore(f"explore() was given {len(by_name)} calls: give it {MIN_CALLS} to {MAX_CALLS}.")
    for name, call in by_name.items():
        if not _NAME.fullmatch(name):
            raise CannotExplore(f"A call cannot be named {name!r}: take a name without a space, bracket, > or +.")
        if not callable(call):
            raise CannotExplore(
                f"The call {name} is {call!r:.60}, which cannot be called: give a function or a lambda."
            )
        if inspect.iscoroutinefunction(call):
            raise CannotExplore(_is_async(name, call))
    return by_name


def check_options_are_no_calls(**options: Any) -> None:
    """Raises CannotExplore for a call that was given the name of an option of explore()."""
    for option, value in options.items():
        if callable(value):
            raise CannotExplore(f"{option}= is an option of explore(), not a call: give the call another name.")


def done(name: str, call: Call) -> Call:
    """The call, up to the end of what it returned: a queryset is evaluated, a response is rendered or streamed.

    It raises NothingWasDone if what it returned cannot be run here: a coroutine, a generator, or another iterator.
    """

    def run() -> Any:
        result = call()
        if inspect.iscoroutine(result):
            result.close()
            raise NothingWasDone(_is_async(name, call))
        if isinstance(result, Iterator):
            raise NothingWasDone(
                f"The call {name} ({place_of(call)}) returned a {type(result).__name__}, so nothing was done: consume "
                "it in the call."
            )
        if isinstance(result, (QuerySet, RawQuerySet)):
            len(result)
        if isinstance(result, HttpResponseBase):
            _finish_response(result)
        return result

    return run


def _finish_response(response: Any) -> None:
    """Render it, or read the whole stream, as a server would."""
    if not getattr(response, "is_rendered", True):
        response.render()
    if response.streaming and not response.is_async:
        response.streaming_content = [b"".join(response.streaming_content)]


class NothingWasDone(CannotExplore):
    """A call returned what has yet to be run."""


def _is_async(name: str, call: Call) -> str:
    return (
        f"The call {name} ({place_of(call)}) is async: it may switch threads at any time, so its steps cannot be put "
        "in an order. For it, explore the synchronous function that it uses."
    )


def place_of(call: Call) -> str:
    """Where the call was written, without the folder."""
    return source_line(call).rpartition(os.sep)[2]


def source_line(call: Call) -> str:
    """Where the call was written, as "file.py, line 12"; its name, if that is not known."""
    code = getattr(_innermost(call), "__code__", None)
    return f"{code.co_filename}, line {code.co_firstlineno}" if code else repr(call)


def _innermost(call: Any) -> Any:
    """The function behind decorators and partial()."""
    while (inner := getattr(call, "__wrapped__", getattr(call, "func", None))) is not None:
        call = inner
    return call

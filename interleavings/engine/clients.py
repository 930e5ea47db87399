"""Django's test client in sessions: each gets its own errors, and not those of another session's request.

The client learns by a signal that a view has raised an error. That signal reaches every client that waits for an
answer: elsewhere, one at a time does. So a client would raise what another session's view has raised; and a client that
two sessions share would not know whose error it was.
"""

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from interleavings.engine.current import current


class _Here(threading.local):
    """Of the requests that this thread is making, from the outermost inwards: the client, and the error of its view."""

    def __init__(self) -> None:
        self.requests: list[list[Any]] = []


_here = _Here()


def replacements() -> list[tuple[Any, str, Callable[[Any], Any]]]:
    """Owner, name, and what makes the replacement of the original. (Imported here: it loads all of django.test.)"""
    from django.test.client import Client, ClientMixin

    return [
        (Client, "request", _requesting),
        (ClientMixin, "store_exc_info", _storing),
        (ClientMixin, "check_exception", _checking),
    ]


def _requesting(original: Any) -> Any:
    @wraps(original)
    def request(client: Any, **environ: Any) -> Any:
        if current() is None:
            return original(client, **environ)
        _here.requests.append([client, None])
        try:
            return original(client, **environ)
        finally:
            _here.requests.pop()

    return request


def _storing(original: Any) -> Any:
    @wraps(original)
    def store_exc_info(client: Any, **of_signal: Any) -> None:
        if current() is None:
            original(client, **of_signal)
        elif _here.requests and _here.requests[-1][0] is client:
            _here.requests[-1][1] = sys.exc_info()

    return store_exc_info


def _checking(original: Any) -> Any:
    @wraps(original)
    def check_exception(client: Any, response: Any) -> None:
        if current() is None:
            original(client, response)
            return
        response.exc_info = exc_info = _here.requests[-1][1]
        if exc_info and client.raise_request_exception:
            raise exc_info[1]

    return check_exception

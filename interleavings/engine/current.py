"""Which session a thread belongs to, and how the work of a session is left before its end."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interleavings.engine.session import Session


class Abandoned(BaseException):
    """The run is over: leave the session's work, whatever it is doing. (No `except Exception` may stop it.)"""


class _Here(threading.local):
    session: "Session | None" = None


_here = _Here()


def current() -> "Session | None":
    """The session whose thread this is; None in every other thread."""
    return _here.session


def belongs_to(session: "Session") -> None:
    """This thread is the session's, from here on."""
    _here.session = session

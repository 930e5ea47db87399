"""Which lines of the user's code a thread is at: those that are in no library."""

import sys
import sysconfig
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = ("site-packages", "dist-packages")


class CodePlace(NamedTuple):
    """A line of code."""

    file: str
    line: int
    function: str

    @property
    def name(self) -> str:
        """The file's name, without its folders."""
        return Path(self.file).name

    def __str__(self) -> str:
        """ "races.py:12 in redeem"."""
        return f"{self.name}:{self.line} in {self.function}"


def users_places(frame: FrameType | None) -> Iterator[CodePlace]:
    """The frames that are neither of Python, nor of a library, nor of this package, from the innermost outwards."""
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            yield CodePlace(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back


def say_where(places: Sequence[CodePlace]) -> str:
    """The innermost of the places, in brackets behind what happened there; "" if there is none."""
    return f" ({places[0]})" if places else ""


def here() -> tuple[CodePlace, ...]:
    """The lines of the user's code that called this, each called by the next one."""
    return tuple(users_places(sys._getframe(1)))


@lru_cache(maxsize=1000)
def is_users(file: str) -> bool:
    """Whether the file is the user's own code."""
    path = Path(file)
    if not path.is_absolute() or any(part in LIBRARIES for part in path.parts):
        return False  # "<string>", a frozen module of Python, or an installed package
    standard = Path(sysconfig.get_path("stdlib"))
    return not any(folder in path.parents for folder in (PACKAGE, standard))

"""Which line of the user's code a thread is at: the innermost that is in no library."""

import sys
import sysconfig
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

    def __str__(self) -> str:
        """ "races.py:12 in redeem"."""
        return f"{Path(self.file).name}:{self.line} in {self.function}"


def users_place(frame: FrameType | None) -> CodePlace | None:
    """The innermost frame that is neither of Python, nor of a library, nor of this package; None if there is none."""
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return CodePlace(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return None


def here() -> CodePlace | None:
    """The line of the user's code that called this."""
    return users_place(sys._getframe(1))


@lru_cache(maxsize=1000)
def is_users(file: str) -> bool:
    """Whether the file is the user's own code."""
    path = Path(file)
    if not path.is_absolute() or any(part in LIBRARIES for part in path.parts):
        return False  # "<string>", a frozen module of Python, or an installed package
    standard = Path(sysconfig.get_path("stdlib"))
    return not any(folder in path.parents for folder in (PACKAGE, standard))

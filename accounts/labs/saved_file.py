"""Waits for a file to be saved, by looking at it again and again: it needs no help of the system, and no library."""

import time
from collections.abc import Iterator
from pathlib import Path

LOOK_EVERY_S = 0.2


def saves(file: Path) -> Iterator[bool]:
    """True once for the file as it is, and once whenever it has been saved since; False once whenever it is not there.

    Never ends. What is saved between two answers is one answer: the next. So is what is saved while the caller works.
    """
    last = None
    while True:
        now = _stamp(file)
        if now == last:
            time.sleep(LOOK_EVERY_S)
            continue
        last = now
        yield now != ABSENT


ABSENT = (0, 0, 0, 0)


def _stamp(file: Path) -> tuple[int, int, int, int]:
    """What changes when the file is saved, in place or by another one that takes its name, or may be read at last."""
    try:
        status = file.stat()
    except OSError:
        return ABSENT
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode

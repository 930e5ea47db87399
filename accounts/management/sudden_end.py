"""A file that ends the whole program at once is named, and the exit status says that nothing was proved."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

#: what ends a program without a word: all functions of os that do so call one of these
SUDDEN = ("_exit", "execv", "execve")


def say_sudden_end(function: str) -> str:
    """The sentence on a file that has called this function of os."""
    return f"CommandError: The file ends the whole program (os.{function}): remove that call, then try again."


@contextmanager
def said_if_sudden(exit_status: int) -> Iterator[None]:
    """Inside, they write one sentence on stderr, and end the program with this status, whatever they were given.

    It ends at once all the same, as they are to do: a caller may rely on not going on.
    """
    end = os._exit
    originals = {name: getattr(os, name) for name in SUDDEN}

    def say_and_end(name: str) -> Callable[..., NoReturn]:
        def replacement(*_arguments: object) -> NoReturn:
            print(say_sudden_end(name), file=sys.stderr, flush=True)
            end(exit_status)

        return replacement

    for name in SUDDEN:
        setattr(os, name, say_and_end(name))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(os, name, original)

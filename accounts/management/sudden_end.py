"""A file that ends the whole program by os._exit() is named, and the exit status says that nothing was proved."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

SENTENCE = "CommandError: The file ends the whole program (os._exit): remove that call, then try again."


@contextmanager
def said_if_sudden(exit_status: int) -> Iterator[None]:
    """Inside, os._exit() writes one sentence on stderr, and ends the program with this status, whatever it was given.

    It ends at once all the same, as os._exit() is to do: a caller may rely on not going on.
    """
    end = os._exit

    def say_and_end(status: int) -> NoReturn:
        print(SENTENCE, file=sys.stderr, flush=True)
        end(exit_status)

    os._exit = say_and_end
    try:
        yield
    finally:
        os._exit = end

"""The standard streams of a command, which may be closed, on a full disk, or read by a program that has ended."""

import io
import os
import sys
from contextlib import AbstractContextManager, redirect_stdout
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CLOSED = "Standard output is closed: write `> /dev/null` where it is not wanted."


class Raw(io.FileIO):
    """A stream's own file. It remembers what the system refused to write; if it `is_spare`, that is no error."""

    def __init__(self, number: int, *, is_spare: bool = False) -> None:
        super().__init__(number, "wb", closefd=False)
        self.is_spare = is_spare
        self.refusal: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.refusal = error
            if self.is_spare:
                return memoryview(data).nbytes
            raise


class Streams:
    """Opens the streams anew, so that every command can use them; knows at the end whether all was written.

    1. A stream that is closed leads nowhere: a file that is opened must not take its place.
    2. What cannot be written to stderr is lost, and nothing else is: a full disk under `2> log` must not end a storm.
    3. A file's name that is no text is written with backslashes.
    """

    def __init__(self) -> None:
        self.output: Raw | None = None
        self.is_closed = sys.stdout is None
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            if getattr(sys, name) is None:
                _lead_nowhere(number)
                setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
        if not sys.stderr.isatty():
            sys.stderr = io.TextIOWrapper(
                Raw(2, is_spare=True), sys.stderr.encoding, sys.stderr.errors, line_buffering=True, write_through=True
            )
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            self._remember_output(sys.stdout)
        if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
            sys.stdout.reconfigure(errors="backslashreplace")

    def _remember_output(self, old: io.TextIOWrapper) -> None:
        self.output = Raw(1)
        binary = self.output if old.write_through else io.BufferedWriter(self.output)
        sys.stdout = io.TextIOWrapper(
            binary, old.encoding, old.errors, line_buffering=old.line_buffering, write_through=old.write_through
        )

    def refusal(self) -> str:
        """Write what is left to be written. Why not all of the output was, "" if it was, or if no reader was left.

        To be asked at the end: from then on, nothing more is written.
        """
        try:
            sys.stdout.flush()
        except OSError:
            _lead_nowhere(1)  # or Python would try again, and complain, at its exit
        error = self.output.refusal if self.output else None
        return "" if error is None or isinstance(error, BrokenPipeError) else str(error.strerror)


def _lead_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)


class _ToStderr(io.TextIOBase):
    """A stream that cannot be closed."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def close(self) -> None:
        """Do nothing: the code that calls this did not open it."""


def output_to_stderr() -> AbstractContextManager[object]:
    """Inside, what foreign code prints goes to stderr; ours is said on streams that were opened before."""
    return redirect_stdout(_ToStderr())

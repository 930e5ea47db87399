"""Writes a file whole or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from accounts.errors import BankError


def write_whole(file: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace the file by one with this text, in one step: it is never there half written.

    What cannot be written as UTF-8 becomes a question mark. `mode` are the rights on the new file, as far as the
    process may give them. Raises BankError, and leaves what was there, if it cannot be written.
    """
    draft = ""
    try:
        handle, draft = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name[:50]}.")
        with open(handle, "w", encoding="utf-8", errors="replace", newline="") as out:
            out.write(text)
        os.chmod(draft, mode)
        os.replace(draft, file)
    except OSError as error:
        raise BankError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            os.unlink(draft)

"""What can go wrong with the embedded server, said in one sentence."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db.utils import OperationalError

# What messages advise, in the words of Django's settings. A project whose users write no settings may replace these
# phrases where it shows a message.
ANOTHER_FOLDER = "name another folder as HOST in DATABASES"
NEW_SERVER = "remove the server's folder `data`, and a new, empty server is made"
INSTALL = 'run `pip install "interleavings[postgres]"`'

ADVICE = f"put it right, or {ANOTHER_FOLDER}; nothing was deleted."


class EmbeddedServerError(OperationalError):
    """The embedded server cannot be used; the message says why and what to do."""


@contextmanager
def one_sentence(folder: Path) -> Iterator[None]:
    """What the operating system refuses inside, as EmbeddedServerError: a file that is a folder, a full disk ..."""
    try:
        yield
    except OSError as error:
        file = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else folder
        reason = error.strerror or str(error).rstrip(".")  # Python's own refusals have no word of the system's
        raise EmbeddedServerError(f"{file} cannot be used ({reason}): {ADVICE}") from error
    except threading.ThreadError as error:  # fasteners: a file system without locks
        raise EmbeddedServerError(f"No file in {folder} can be locked ({error}): {ADVICE}") from error

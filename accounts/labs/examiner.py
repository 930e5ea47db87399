"""A process of its own that examines one file: a request in on standard input, as JSON; the answer into a file.

    {"do": "check" or "observe", "lab": 2, "file": "...", "student": "anna", "with_storm": true,
     "folder": "where the file is, and the answer is to be: a file answer.json", "secret": "a word for it to bear"}

The examined file runs with our rights here. So this process limits its memory and the files that it writes, lets
nothing be printed, and is ended together with the one that asked (standard input closes), or when that one has waited
long enough. The secret is out of the file's way, but a file that searches this process's memory finds it.
"""

import contextlib
import faulthandler
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import django

MEMORY_BYTES = 2 * 1024**3
FILE_BYTES = 100 * 1024**2
LOADING = "loading"
NOTE_AFTER_S = 1


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    secret = request.pop("secret")
    threading.Thread(target=_end_with_input, daemon=True).start()
    django.setup()
    answer = json.dumps({"secret": secret, "answer": _answer(request)})
    Path(request["folder"], "answer.json").write_text(answer, encoding="utf-8")
    os._exit(0)  # threads of the file's may run on


def _answer(request: dict[str, Any]) -> Any:
    # Only now that Django is set up can these be imported.
    from accounts.explorer.scratch_bank import ScratchBank
    from accounts.labs.catalogue import find_lab
    from accounts.labs.grading import check, observe

    lab, file, student = find_lab(request["lab"]), Path(request["file"]), request["student"]
    ScratchBank.name = request["folder"]
    os.chdir(request["folder"])  # what the file writes beside itself is gone with it
    _limit()
    _say_nothing()
    _load(file, Path(request["folder"], LOADING))
    if request["do"] == "observe":
        return observe(lab, file, student=student).as_values()
    return check(lab, file, student=student, with_storm=request["with_storm"]).as_values()


def _load(file: Path, note: Path) -> None:
    """Load the file once. As long as that lasts, there is a note, and if it lasts long, in it the line where it is.

    (What is wrong with the file is said when it is checked.)
    """
    from accounts.errors import BankError
    from accounts.explorer.strategy_files import look_at

    with note.open("wb") as where:
        # By a thread that needs nothing of Python: also where one statement never lets go of it.
        faulthandler.dump_traceback_later(NOTE_AFTER_S, file=where)
        with contextlib.suppress(BankError):
            look_at(file.name, file)
        faulthandler.cancel_dump_traceback_later()
    note.unlink()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _limit() -> None:
    """Where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _say_nothing() -> None:
    """What the file prints, megabytes perhaps, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    main()

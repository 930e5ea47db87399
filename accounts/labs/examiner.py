"""A process of its own that examines one file: a request in on standard input, as JSON; the answer into a file.

    {"do": "check" or "observe", "lab": 2, "file": "...", "student": "anna", "with_storm": true,
     "answer": "the file for the answer", "bank": "the name of the scratch banks that it makes"}

The examined file runs with our rights here. So this process limits its memory, lets nothing be printed, and is ended
together with the one that asked (standard input closes), or when that one has waited long enough.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import django

MEMORY_BYTES = 2 * 1024**3


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    django.setup()
    answer = _answer(request)
    Path(request["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)  # threads of the file's may run on


def _answer(request: dict[str, Any]) -> Any:
    # Only now that Django is set up can these be imported.
    from accounts.labs.catalogue import find_lab
    from accounts.labs.grading import check, observe
    from accounts.scratch import ScratchBank

    lab, file, student = find_lab(request["lab"]), Path(request["file"]), request["student"]
    ScratchBank.name = request["bank"]
    _limit_memory()
    _say_nothing()
    if request["do"] == "observe":
        return observe(lab, file, student=student)
    return check(lab, file, student=student, with_storm=request["with_storm"])


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _limit_memory() -> None:
    """Where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _say_nothing() -> None:
    """What the file prints, megabytes perhaps, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    main()

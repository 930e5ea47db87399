"""Starts a process that examines one file: `python -m accounts.labs.examiner`, with a request on standard input.

The examined file runs with our rights here. So this process limits its memory and the files that it writes, lets
nothing be printed, and is ended together with the one that asked (standard input closes), or when that one has waited
long enough. What the request says, and what is answered, is in examination_request.py.
"""

import json
import os
import sys
import threading
import traceback

import django
from django.utils.module_loading import import_string

MEMORY_BYTES = 2 * 1024**3
FILE_BYTES = 100 * 1024**2


def main() -> None:
    """Read the request, protect the machine from the file, and have the request answered."""
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_input, args=[os.dup(sys.stdin.fileno())], daemon=True).start()
    sys.stdin = os.fdopen(
        os.open(os.devnull, os.O_RDONLY)
    )  # exit() closes it, and would wait for the thread that reads the other one
    try:
        django.setup()
        answer = import_string("accounts.labs.examination_request.answer")  # it needs the models: only after setup()
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os.chdir(request["folder"])  # what the file writes beside itself is gone with it
    _limit_resources()
    _discard_output()
    answer(request)
    os._exit(0)  # threads of the file's may run on


def _end_with_input(file: int) -> None:
    while os.read(file, 1024):
        pass
    os._exit(1)


def _limit_resources() -> None:
    """Limit memory and the size of files, where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _discard_output() -> None:
    """What the file prints, megabytes perhaps, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    main()

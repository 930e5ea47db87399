"""Answers one request to examine a file, in the process that examiner.py has started.

    {"do": "check", "observe" or "run exercise", "lab": 2, "file": "...", "student": "anna", "with_storm": true,
     "folder": "where the file is, and the answer is to be: a file answer.json", "secret": "a word for it to bear"}

The secret is out of the file's way, but a file that searches this process's memory finds it.
"""

import contextlib
import faulthandler
import json
from pathlib import Path
from typing import Any

from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.explorer.scratch_bank import scratch_banks_named
from accounts.explorer.strategy_files import look_at
from accounts.labs import heartbeat
from accounts.labs.catalogue import find_lab
from accounts.labs.exercise_outcome import run_exercise
from accounts.labs.grading import check, observe
from accounts.labs.heartbeat import beating

LOADING = "loading"  # the name of the note that says where loading has got to
BEGUN = "begun"  # a file of this name: what happens from now on may be the file's doing
NOTE_AFTER_S = 1


def answer(request: dict[str, Any]) -> None:
    """Examine the file, and write the answer, with the secret, into the request's folder."""
    secret, folder = request.pop("secret"), Path(request["folder"])
    with scratch_banks_named(request["folder"]), beating(folder / heartbeat.FILE):
        outcome = _try_to_examine(request)
    text = json.dumps({"secret": secret, **outcome})
    (folder / "answer.json").write_text(text, encoding="utf-8")


def _try_to_examine(request: dict[str, Any]) -> dict[str, Any]:
    """The answer. What the file raises is part of it; any other error is ours, and is no mark."""
    try:
        return {"answer": _examine(request)}
    except Exception as error:
        return {"failure": describe(error)}


def _examine(request: dict[str, Any]) -> dict[str, Any]:
    lab, file, student = find_lab(request["lab"]), Path(request["file"]), request["student"]
    Path(request["folder"], BEGUN).touch()
    _load(file, Path(request["folder"], LOADING))
    if request["do"] == "run exercise":
        return run_exercise(lab, student).as_values()
    if request["do"] == "observe":
        return observe(lab, file, student=student).as_values()
    return check(lab, file, student=student, with_storm=request["with_storm"]).as_values()


def _load(file: Path, note: Path) -> None:
    """Load the file once. As long as that lasts, there is a note, and if it lasts long, in it the line where it is.

    (What is wrong with the file is said when it is checked.)
    """
    with note.open("wb") as where:
        # By a thread that needs nothing of Python: also where one statement never lets go of it.
        faulthandler.dump_traceback_later(NOTE_AFTER_S, file=where)
        with contextlib.suppress(BankError):
            look_at(file.name, file)
        faulthandler.cancel_dump_traceback_later()
    note.unlink()

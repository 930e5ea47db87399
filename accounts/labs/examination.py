"""Has a file examined in a process of its own, which may hang, crash, exit or swell without harm to us."""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.errors import BankError
from accounts.labs.catalogue import Lab
from accounts.labs.grading import Verdict, refused
from accounts.labs.storming import SUBMISSION
from accounts.scratch import delete_scratch_banks
from accounts.strategies import FOLDER
from accounts.workers import Subprocess

TIME_LIMIT_S = 180
LOOK_EVERY_S = 0.02


class Died(Exception):
    """The process ended, or was ended, without an answer. The message is one sentence."""


def check(
    lab: Lab, file: Path, *, student: str, with_storm: bool = True, time_limit_s: float = TIME_LIMIT_S
) -> Verdict:
    """The verdict on a file, whatever the file does. Raises BankError only if there is no such file."""
    request = {"do": "check", "with_storm": with_storm}
    try:
        return _examine(lab, file, student, request, time_limit_s)
    except Died as death:
        return refused(lab, str(death))


def observe(lab: Lab, file: Path, *, student: str, time_limit_s: float = TIME_LIMIT_S) -> dict[str, Any]:
    """What every schedule of the lab's own case comes to with this file. Raises BankError if that cannot be said."""
    try:
        return _examine(lab, file, student, {"do": "observe"}, time_limit_s)
    except Died as death:
        raise BankError(str(death)) from death


def _examine(lab: Lab, file: Path, student: str, request: dict[str, Any], time_limit_s: float) -> Any:
    if not file.is_file():
        raise BankError(f"There is no file {file}: `manage.py lab start {lab.number}` makes one to begin with.")
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        # The storm's workers import it as a strategy: by this name, and from this folder, which only they are given.
        shutil.copy(file, Path(folder) / f"{SUBMISSION}.py")
        answer = Path(folder) / "answer.json"
        process = Subprocess(
            [sys.executable, "-m", "accounts.labs.examiner"],
            environment={
                FOLDER: folder,
                "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), *filter(None, [os.environ.get("PYTHONPATH")])]),
                "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
                "BANK_DATABASE_NAME": str(connection.settings_dict["NAME"]),  # in a test run: the test's
            },
        )
        request |= {"lab": lab.number, "file": str(file), "student": student, "answer": str(answer), "bank": folder}
        try:
            return _ask(process, request, answer, time_limit_s)
        except Died:
            delete_scratch_banks(name=folder)
            raise


def _ask(process: Subprocess, request: dict[str, Any], answer: Path, time_limit_s: float) -> Any:
    with process:
        process.write(json.dumps(request) + "\n")
        deadline = time.monotonic() + time_limit_s
        while process.is_running():
            if time.monotonic() > deadline:
                raise Died(f"It did not end within {time_limit_s:g} s: it runs for ever, sleeps, or waits for nobody.")
            time.sleep(LOOK_EVERY_S)
        if not answer.is_file():
            raise Died("It ended Python itself (exit, a crash, or too much memory) before the check was done.")
        return json.loads(answer.read_text(encoding="utf-8"))

"""Has a file examined in a process of its own: it may hang, crash, exit or use too much memory, and harm no other."""

import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.cluster.subprocesses import Subprocess
from accounts.errors import BankError
from accounts.explorer.scratch_bank import delete_scratch_banks
from accounts.labs.catalogue import Lab
from accounts.labs.checked_file import read_checked_file
from accounts.labs.examination_request import BEGUN
from accounts.labs.examiner_watch import Died, NotEnded, Watch
from accounts.labs.exercise_outcome import ExerciseOutcome
from accounts.labs.grading import left_undecided, refused
from accounts.labs.observation import Observation, Unexplorable, observation_from_values
from accounts.labs.storm_check import SUBMISSION
from accounts.labs.verdict import LabVerdict
from accounts.labs.working_files import working_file
from accounts.strategies import FOLDER

TIME_LIMIT_S = 180  # without a schedule that ends
LOOK_EVERY_S = 0.02
MAX_ANSWER_BYTES = 20 * 1024**2


def check(
    lab: Lab,
    file: Path,
    *,
    student: str,
    with_storm: bool = True,
    time_limit_s: float = TIME_LIMIT_S,
    database: Mapping[str, str] | None = None,
) -> LabVerdict:
    """The verdict on a file, whatever the file does. Raises BankError only if there is no such file.

    After `time_limit_s` in which no schedule has ended, the file is not graded yet.
    `database`: the environment that names a database of the file's own (see submission_server.py), instead of ours.
    """
    request = {"do": "check", "with_storm": with_storm}
    with _copy_of(file, lab) as copy:
        checked = read_checked_file(copy)  # before it runs: then it could write another text
        try:
            verdict = LabVerdict.from_values(_examine(lab, copy, student, request, time_limit_s, database))
        except Died as death:
            verdict = refused(lab, str(death))
        except NotEnded as reason:
            verdict = left_undecided(lab, f"Not graded yet: {str(reason)[0].lower()}{str(reason)[1:]}")
    return replace(verdict, file=checked)


def observe(lab: Lab, file: Path, *, student: str, time_limit_s: float = TIME_LIMIT_S) -> Observation | Unexplorable:
    """What is wrong with this file in the lab's own case. Raises BankError if its process ends without an answer."""
    with _copy_of(file, lab) as copy:
        try:
            return observation_from_values(_examine(lab, copy, student, {"do": "observe"}, time_limit_s))
        except (Died, NotEnded) as reason:
            raise BankError(str(reason)) from reason


def run_exercise(lab: Lab, *, student: str, time_limit_s: float = TIME_LIMIT_S) -> ExerciseOutcome:
    """What the function of this name in exercise_outcome.py gives, found in a process of its own.

    Raises BankError if that ends without an answer.
    """
    with _copy_of(lab.exercise, lab) as copy:
        try:
            return ExerciseOutcome.from_values(_examine(lab, copy, student, {"do": "run exercise"}, time_limit_s))
        except (Died, NotEnded) as reason:
            raise BankError(str(reason)) from reason


@contextmanager
def _copy_of(file: Path, lab: Lab) -> Iterator[Path]:
    """A copy in a folder of its own, which lasts as long as the block. Raises BankError if there is no such file.

    A copy, so that the file does not learn where it is kept.
    """
    if not file.is_file():
        how = f"`manage.py lab start {lab.number}` makes one to begin with"
        if file != working_file(lab):
            mine = working_file(lab).parent.name
            how = f"give the path of one that is there (without --file, yours in {mine}/ is taken)"
        raise BankError(f"There is no file {file}: {how}.")
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder).resolve() / file.name  # resolved: as Python names the file while it runs there
        # The storm's workers import it as a strategy: by this name, and from this folder, which only they are given.
        for target in (copy, copy.with_name(f"{SUBMISSION}.py")):
            _copy(file, target)
        yield copy


def _examine(
    lab: Lab,
    copy: Path,
    student: str,
    request: dict[str, Any],
    time_limit_s: float,
    database: Mapping[str, str] | None = None,
) -> Any:
    folder = str(copy.parent)
    request |= {"lab": lab.number, "folder": folder, "file": copy.name, "student": student}
    try:
        return _ask(_examiner(folder, database), request, copy.with_name("answer.json"), time_limit_s)
    except (Died, NotEnded):
        if database is None:
            delete_scratch_banks(name=folder)
        raise


def _copy(file: Path, target: Path) -> None:
    try:
        shutil.copyfile(file, target)
    except OSError as error:
        raise BankError(
            f"{file} cannot be copied to {target.parent} ({error.strerror}): "
            "let yourself read the file, and look whether the disk has room."
        ) from error


def _examiner(folder: str, database: Mapping[str, str] | None) -> Subprocess:
    return Subprocess(
        [sys.executable, "-m", "accounts.labs.examiner"],
        environment={
            FOLDER: folder,
            "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "BANK_DATABASE_NAME": str(connection.settings_dict["NAME"]),  # in a test run: the test's
        }
        | dict(database or {}),
    )


def _ask(process: Subprocess, request: dict[str, Any], answer: Path, time_limit_s: float) -> Any:
    """The examiner's answer, which bears a word that only it was told: a file alone is not believed."""
    secret = secrets.token_hex()
    with process:
        process.write(json.dumps(request | {"secret": secret}) + "\n")
        watch = Watch(process, answer.parent, request["file"], time_limit_s=time_limit_s)
        while process.is_running():
            try:
                watch.look()
            except (Died, NotEnded):
                process.patience_s = 1
                raise
            time.sleep(LOOK_EVERY_S)
        last_words = process.last_words()
    if not answer.is_file() and not answer.with_name(BEGUN).exists():
        raise NotEnded(
            f"The check itself could not begin ({last_words}), and that is not the file's doing: tell your teacher."
        )
    if not answer.is_file():
        raise Died("It ended Python itself (exit, a crash, or too much memory) before the check was done.")
    return _read(answer, secret)


def _read(answer: Path, secret: str) -> Any:
    if answer.stat().st_size > MAX_ANSWER_BYTES:
        raise Died("What it did takes more than 20 megabytes to tell.")
    try:
        values = json.loads(answer.read_text(encoding="utf-8"))
        if secrets.compare_digest(values["secret"], secret):
            if "failure" in values:
                raise NotEnded(f"The check itself failed ({values['failure']}), and not the file: tell your teacher.")
            return values["answer"]
    except (ValueError, KeyError, TypeError):
        pass
    raise Died("It wrote a verdict of its own, which does not count.")

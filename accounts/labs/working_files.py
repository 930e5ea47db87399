"""Where a student works: one file for each lab in my_labs/, never overwritten unasked."""

import shutil
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.errors import BankError
from accounts.labs.catalogue import Lab


def working_file(lab: Lab) -> Path:
    return Path(settings.LABS_FOLDER) / f"{lab.name}.py"


def copy_exercise(lab: Lab, *, again: bool) -> str:
    """Put the exercise where the student works on it; say what was done.

    A file that is there stays as it is; with `again`, it is kept as a backup beside the new one. Raises BankError where
    it cannot be written.
    """
    file = working_file(lab)
    try:
        return _copy(lab.exercise, file, again=again)
    except OSError as error:
        raise BankError(
            f"{file} cannot be written ({error.strerror}): work in a copy of this project that is your own."
        ) from error


def _copy(exercise: Path, file: Path, *, again: bool) -> str:
    file.parent.mkdir(exist_ok=True)
    shown = f"{file.parent.name}/{file.name}"
    if not file.exists():
        shutil.copyfile(exercise, file)
        return f"Your file is {shown}."
    if not again:
        return f"Your file is {shown}, as you left it. (With --again you begin anew.)"
    backup = file.with_suffix(f".{timezone.now():%Y%m%d-%H%M%S-%f}.bak")
    file.rename(backup)
    shutil.copyfile(exercise, file)
    return f"Your file is {shown}, new; what you had is in {backup.name} beside it."

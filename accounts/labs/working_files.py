"""Where a student works: one file for each lab in my_labs/, never overwritten unasked."""

import shutil
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.labs.catalogue import Lab


def working_file(lab: Lab) -> Path:
    return Path(settings.LABS_FOLDER) / f"{lab.name}.py"


def copy_exercise(lab: Lab, *, again: bool) -> str:
    """Put the exercise where the student works on it; say what was done.

    A file that is there stays as it is; with `again`, it is kept as a backup beside the new one.
    """
    file = working_file(lab)
    file.parent.mkdir(exist_ok=True)
    shown = f"{file.parent.name}/{file.name}"
    if not file.exists():
        shutil.copyfile(lab.exercise, file)
        return f"Your file is {shown}."
    if not again:
        return f"Your file is {shown}, as you left it. (With --again you begin anew.)"
    backup = file.with_suffix(f".{timezone.now():%Y%m%d-%H%M%S-%f}.bak")
    file.rename(backup)
    shutil.copyfile(lab.exercise, file)
    return f"Your file is {shown}, new; what you had is in {backup.name} beside it."

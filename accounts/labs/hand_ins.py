"""What a class has handed in: one folder for each student, in it files such as lab02.py or lab02_missed_lock.py."""

import re
from dataclasses import dataclass
from pathlib import Path

from accounts.errors import BankError
from accounts.labs.catalogue import Lab, all_labs

FILE = re.compile(r"lab_?0*(?P<number>\d{1,4})(_\w+)?\.py", re.IGNORECASE)
FOLDERS = (".", "my_labs")  # of a student's, which may be a copy of everything that there was


@dataclass(frozen=True)
class HandIn:
    """What one student has handed in for one lab: one file, none, or several, of which none counts."""

    student: str
    lab: Lab
    files: tuple[Path, ...]


def collect(folder: Path) -> tuple[list[HandIn], list[Path]]:
    """For each student each lab that any student has handed in; and the Python files without a lab or a student.

    Raises BankError where there is nothing to grade, or a folder that we may not read.
    """
    labs = {lab.number: lab for lab in all_labs()}
    try:
        students = _students(folder)
        files = {student: _files(folder / student) for student in students}
        others = _python_files(folder)
    except OSError as error:
        raise BankError(
            f"{error.filename} cannot be read ({error.strerror}): let yourself read it, or move it out of {folder}."
        ) from error
    numbers = sorted({number for handed_in in files.values() for _file, number in handed_in if number in labs})
    if not numbers:
        raise BankError(f"In the folders of {folder} is no lab's file: they are to be called lab02.py, for example.")
    hand_ins = [
        HandIn(student, labs[number], tuple(file for file, of in files[student] if of == number))
        for student in students
        for number in numbers
    ]
    unknown = [file for handed_in in files.values() for file, number in handed_in if number not in labs]
    return hand_ins, [*unknown, *others]


def _students(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise BankError(f"There is no folder {folder}: give one that holds a folder for each student.")
    students = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))
    if not students:
        raise BankError(f"{folder} holds no folders: give one that holds a folder for each student.")
    return students


def _python_files(folder: Path) -> list[Path]:
    """Also LAB02.PY, as some systems write it."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".py") if folder.is_dir() else []


def _files(folder: Path) -> list[tuple[Path, int | None]]:
    """A student's Python files, each with the number of its lab."""
    paths = [path for place in FOLDERS for path in _python_files(folder / place)]
    matches = [(path, FILE.fullmatch(path.name)) for path in paths]
    return [(path, int(match["number"]) if match else None) for path, match in matches]

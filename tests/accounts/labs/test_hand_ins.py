"""Which files are whose, and for which lab."""

import errno
from pathlib import Path

import pytest

from accounts.errors import BankError
from accounts.labs.hand_ins import collect


def hand_in(folder: Path, student: str, code: str, name: str = "lab04.py") -> None:
    file = folder / student / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code)


def test_several_files_for_one_lab_and_names_that_are_taken(tmp_path):
    for name in ("lab04.py", "LAB_4.py", "lab04_torn_total.py", "lab4.txt", "lab99.py", "other.py"):
        hand_in(tmp_path, "anna", "", name)
    (tmp_path / "lab05.py").touch()  # whose is it?

    (one,), others = collect(tmp_path)

    assert [file.name for file in one.files] == ["LAB_4.py", "lab04.py", "lab04_torn_total.py"]
    assert [file.name for file in others] == ["lab99.py", "other.py", "lab05.py"]


def test_error_folder_of_a_student_that_cannot_be_read(tmp_path, monkeypatch):
    hand_in(tmp_path, "anna", "")
    closed = tmp_path / "closed"
    closed.mkdir()
    monkeypatch.setattr(Path, "iterdir", refuse(closed, Path.iterdir))

    with pytest.raises(BankError, match=r"/closed cannot be read \(Permission denied\): let yourself read it, or move"):
        collect(tmp_path)


def refuse(closed: Path, iterdir):
    """As the system does it for a user who may not read this folder; root may read everything."""

    def list_unless_closed(folder):
        if folder == closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return iterdir(folder)

    return list_unless_closed

"""A student's own file is made where it can be, and is never lost."""

import pytest

from accounts.errors import BankError
from accounts.labs.catalogue import find_lab
from accounts.labs.working_files import copy_exercise

LAB = find_lab(2)


def test_error_folder_that_is_a_file(tmp_path, settings):
    settings.LABS_FOLDER = tmp_path / "my_labs"
    settings.LABS_FOLDER.touch()

    with pytest.raises(BankError, match=rf"my_labs/{LAB.name}\.py cannot be written \(File exists\): work in a copy"):
        copy_exercise(LAB, again=False)


def test_exercise_anew_keeps_what_was_there(tmp_path, settings):
    settings.LABS_FOLDER = tmp_path / "my_labs"
    copy_exercise(LAB, again=False)
    (settings.LABS_FOLDER / f"{LAB.name}.py").write_text("mine")

    copy_exercise(LAB, again=True)

    (backup,) = settings.LABS_FOLDER.glob("*.bak")
    assert backup.read_text() == "mine"

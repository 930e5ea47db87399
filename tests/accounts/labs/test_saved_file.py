"""A file is looked at again and again; here, what another program does to it happens while the loop sleeps."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.labs import saved_file
from accounts.labs.saved_file import saves


@pytest.fixture
def while_it_sleeps(monkeypatch) -> Callable[..., None]:
    """while_it_sleeps(one, another): what happens during the first sleep, the second ...; then no more is allowed."""

    def plan(*deeds: Callable[[], object]) -> None:
        left = list(deeds)
        monkeypatch.setattr(saved_file.time, "sleep", lambda _seconds: left.pop(0)())

    return plan


def save(file: Path, text: str, *, at: int) -> None:
    file.write_text(text)
    os.utime(file, ns=(at, at))


def test_file_counts_once_as_it_is_and_once_for_each_save(tmp_path, while_it_sleeps):
    file = tmp_path / "lab02.py"
    save(file, "x = 1", at=1)
    while_it_sleeps(lambda: None, lambda: save(file, "x = 2", at=2), lambda: None, lambda: save(file, "x = 2", at=3))

    answers = saves(file)

    assert [next(answers) for _ in range(3)] == [True, True, True]


def test_file_that_is_not_there_is_said_once_and_waited_for(tmp_path, while_it_sleeps):
    file = tmp_path / "lab02.py"
    while_it_sleeps(lambda: None, lambda: save(file, "x = 1", at=1), file.unlink, lambda: save(file, "x = 1", at=1))
    answers = saves(file)

    said = [next(answers) for _ in range(4)]

    assert said == [False, True, False, True]


def test_other_file_that_takes_its_name_is_a_save_whatever_its_time(tmp_path, while_it_sleeps):
    file, other = tmp_path / "lab02.py", tmp_path / "lab02.py~"
    save(file, "x = 1", at=1)
    save(other, "x = 2", at=1)
    while_it_sleeps(lambda: other.replace(file))
    answers = saves(file)

    assert [next(answers), next(answers)] == [True, True]


def test_what_is_saved_during_the_callers_work_is_the_next_answer(tmp_path, while_it_sleeps):
    file = tmp_path / "lab02.py"
    save(file, "x = 1", at=1)
    while_it_sleeps()
    answers = saves(file)
    next(answers)

    save(file, "x = 2", at=2)

    assert next(answers)

"""`manage.py lab watch` as a student meets it: in a terminal beside the editor."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest

from accounts.labs.catalogue import find_lab
from accounts.models import LabRecord
from tests.support.processes import finish, manage
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

LAB = find_lab(4)


@pytest.fixture
def watch() -> Iterator[Callable[[Path], subprocess.Popen]]:
    """watch(file): the command; it is ended with the test."""
    started, limits = [], []

    def watch(file: Path) -> subprocess.Popen:
        started.append(manage("lab", "watch", "4", "--student", "anna", str(file)))
        limits.append(Timer(PATIENCE_S, started[-1].kill))  # a line that never comes ends the reading, too
        limits[-1].start()
        return started[-1]

    yield watch
    for process, limit in zip(started, limits, strict=True):
        limit.cancel()
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen, words: str) -> list[str]:
    """The lines that it prints up to one with these words."""
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if words in line:
            return lines
    raise AssertionError(f"It ended before {words!r}: {lines} {process.stderr.read()}")


def joined(lines: list[str]) -> str:
    """The sentences, which were wrapped at the width of a terminal."""
    return " ".join(" ".join(lines).split())


def save(file: Path, code: str) -> None:
    """As many editors do: another file takes its name."""
    new = file.with_suffix(".new")
    new.write_text(code)
    os.replace(new, file)


@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_file_is_waited_for_and_checked_at_each_save_until_ctrl_c(tmp_path, watch):
    file = tmp_path / "my_fix.py"
    process = watch(file)
    assert f"There is no file {file}: it is waited for." in joined(read_until(process, "waited for."))

    save(file, LAB.exercise.read_text())
    assert read_until(process, "points")[-1].endswith("  Not passed yet: 0 of 8 points, whole failed")
    table = read_until(process, "my_fix.py:11")
    assert joined(table).startswith("In 4 of 15 schedules an audit is torn. The shortest: t t t a t a.")
    assert "SELECT 1 -> 5,000" in table[-1]
    assert LabRecord.objects.get(student="anna", lab=4).passed is False

    save(file, "def audit(bank:\n")
    assert read_until(process, "points")[-1].endswith("  Not passed yet: 0 of 8 points, whole failed")

    save(file, LAB.solution.read_text())
    assert read_until(process, "points")[-1].endswith("  Passed: 8 of 8 points")
    record = LabRecord.objects.get(student="anna", lab=4)
    assert (record.passed, record.verdict["file"]["text"]) == (True, LAB.solution.read_text())

    process.send_signal(signal.SIGINT)
    status, _out, err = finish(process)
    assert (status, err) == (130, "Interrupted.\n")


@pytest.mark.thorough
def test_error_what_is_no_file_is_said_and_the_file_waited_for(tmp_path, watch):
    file = tmp_path / "my_fix.py"
    file.mkdir()
    process = watch(file)
    assert f"There is no file {file}: give the path of one" in joined(read_until(process, "is taken"))

    file.rmdir()
    save(file, LAB.solution.read_text())

    assert read_until(process, "points")[-1].endswith("  Passed: 8 of 8 points")

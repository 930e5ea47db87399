"""A class is marked, whatever is in the files, and comes out the same every time."""

import csv
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from accounts.errors import BankError
from accounts.labs import examiner_watch
from accounts.labs.catalogue import find_lab
from accounts.labs.hand_ins import collect
from accounts.labs.marking import check_that_it_works, mark_class
from accounts.labs.submission_server import SubmissionServer
from accounts.management.marks import write_csv
from accounts.models import LabRecord
from tests.support.processes import finish, manage
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.processes

LAB = find_lab(4)


HEAD = """
import ctypes, json, os, subprocess, sys
from pathlib import Path
from django.db import connection
from accounts.ledger import read
from accounts.models import Bank, LabRecord

"""


AUDIT = "\ndef audit(bank):\n"


RIGHT = "    return [read(account) for account in bank.accounts.order_by('pk')]\n"


ENDED = "It ended Python itself (exit, a crash, or too much memory) before the check was done."


ORPHAN = f"import time; time.sleep(4321.{os.getpid()})"  # of this test run, and no other


# What each hands in, what it gets of 8 points, and why.
SUBMISSIONS = {
    "prints megabytes": (AUDIT + "    print('x' * 10**7)\n    os.write(1, b'y' * 10**7)\n" + RIGHT, 8, ""),
    "no Python": ("def audit(bank:\n", 0, "is not Python (line 8: '(' was never closed): repair it first."),
    "exits": ("sys.exit(0)\n", 0, "it ends the program while it is imported: SystemExit(0); line 8"),
    "exits at once": (AUDIT + "    os._exit(0)\n", 0, ENDED),
    "crashes": (AUDIT + "    ctypes.string_at(0)\n", 0, ENDED),
    "swells": (AUDIT + "    bytearray(4 * 1024**3)\n", 0, "raised MemoryError"),
    "recurses": (AUDIT + "    return audit(bank)\n", 0, "raised RecursionError"),
    "fills the disk": ("Path('big').write_bytes(bytes(10**9))\n", 0, "lab04.py cannot be imported (OSError: "),
    "tells megabytes": (AUDIT + "    raise ValueError('z' * 10**8)\n", 0, "raised ValueError: zzz"),
    "forges": ("Path('answer.json').write_text('{\"answer\": {}}')\nos._exit(0)\n", 0, "It wrote a verdict of its own"),
    "leaves a process": (f"subprocess.Popen([sys.executable, '-c', '{ORPHAN}'])\n" + AUDIT + RIGHT, 8, ""),
    "spoils its database": (AUDIT + "    Bank.objects.all().delete()\n" + RIGHT, 0, "whole"),
    "drops a table": (AUDIT + "    connection.cursor().execute('DROP TABLE accounts_account CASCADE')\n", 0, "42501"),
    "looks for marks": (
        "assert 'test' not in str(connection.settings_dict)\nassert not LabRecord.objects.exists()\n" + AUDIT + RIGHT,
        8,
        "",
    ),
    "right after all that": (AUDIT + RIGHT, 8, ""),
}
THE_WORST = ("exits at once", "forges", "leaves a process")


def hand_in(folder: Path, student: str, code: str, name: str = "lab04.py") -> None:
    file = folder / student / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code)


@pytest.fixture(scope="module")
def server() -> Iterator[SubmissionServer]:
    with SubmissionServer() as server:
        yield server


@pytest.mark.django_db(transaction=True)
def test_files_that_do_all_kinds_of_things(tmp_path, server):
    LabRecord.objects.create(student="right after all that", lab=4)
    submissions = SUBMISSIONS if THOROUGH else {name: SUBMISSIONS[name] for name in THE_WORST}
    for student, (code, _score, _reason) in submissions.items():
        hand_in(tmp_path, student, HEAD + code)

    marks = {mark.student: mark for mark in mark_class(server, collect(tmp_path)[0], time_limit_s=60)}

    assert {name: mark.score for name, mark in marks.items()} == {
        name: score for name, (_code, score, _reason) in submissions.items()
    }
    for name, (_code, _score, reason) in submissions.items():
        assert reason in f"{marks[name].failed}: {marks[name].message}", name
    assert not [process for process in psutil.process_iter(["cmdline"]) if ORPHAN in (process.info["cmdline"] or [])]
    assert LabRecord.objects.count() == 1


@pytest.mark.thorough
def test_files_that_never_end(tmp_path, server, monkeypatch):
    monkeypatch.setattr(examiner_watch, "MAX_LOADING_CPU_S", 1)
    hand_in(tmp_path, "loops", "while True: pass\n")
    hand_in(tmp_path, "never lets go of Python", "sum(range(10**13))\n")

    marks = list(mark_class(server, collect(tmp_path)[0], time_limit_s=60))

    assert [(mark.state, mark.score) for mark in marks] == [("failed", 0)] * 2
    assert all(mark.message.startswith("It runs for ever") for mark in marks)


@pytest.mark.thorough
def test_the_same_marks_every_time(tmp_path, server):
    folder = tmp_path / "class"
    for student, code in (("anna", find_lab(6).solution.read_text()), ("=ben", "x = 1\n")):
        hand_in(folder, student, code, "lab06.py")
    hand_in(folder, "anna", "def withdraw(:\n", "my_labs/lab01_unsafe_bank.py")
    (folder / "anna" / "notes.py").touch()
    (folder / "lab02.py").touch()
    file, again = tmp_path / "marks.csv", tmp_path / "again.csv"

    status, out, err = finish(manage("lab", "grade", str(folder), "--csv", str(file)))
    write_csv(again, list(mark_class(server, collect(folder)[0], time_limit_s=60)))

    assert status == 0
    assert file.read_bytes() == again.read_bytes()
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert [(row["student"], row["lab"], row["file"], row["score"], row["passed"]) for row in rows] == [
        ("'=ben", "1", "", "0", "no"),
        ("'=ben", "6", "lab06.py", "0", "no"),
        ("anna", "1", "lab01_unsafe_bank.py", "0", "no"),
        ("anna", "6", "lab06.py", "8", "yes"),
    ]
    assert rows[1]["message"].startswith("lab06.py has no function transfer")
    assert next(line.split() for line in out.splitlines() if "anna" in line) == ["anna", "0", "8", "8"]
    said = " ".join(out.split())  # lines may break before the path, which may be long
    assert f"Not graded, as their names are no lab's: {folder / 'anna' / 'notes.py'}." in said
    assert f"Not graded, as they are in no student's folder: {folder / 'lab02.py'}." in said
    assert "1 of 4  =ben, lab 1: 0 of 8. No file was handed in." in err


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names of files are text there")
def test_folder_whose_name_is_no_text_is_a_student_as_any_other(tmp_path, server):
    folder = tmp_path / os.fsdecode(b"M\xfcller")
    folder.mkdir()
    shutil.copy(LAB.solution, folder / "lab04.py")

    (mark,) = mark_class(server, collect(tmp_path)[0], time_limit_s=60)

    assert (mark.passed, mark.score) == (True, mark.max_score)


@pytest.mark.thorough
def test_failure_of_the_check_itself_is_no_mark(tmp_path, server):
    """Here, the process that examines the file does not know the lab."""
    hand_in(tmp_path, "anna", LAB.solution.read_text())
    ((handed_in,), _others) = collect(tmp_path)

    (mark,) = mark_class(server, [replace(handed_in, lab=replace(LAB, number=99))], time_limit_s=60)

    assert (mark.state, mark.score) == ("not graded yet", None)
    assert mark.message.startswith("Not graded yet: the check itself failed (")
    assert mark.message.endswith("), and not the file: tell your teacher.")


@pytest.mark.thorough
def test_file_that_cannot_be_read_is_no_mark(tmp_path, server):
    hand_in(tmp_path, "anna", "", "lab05.py")
    (tmp_path / "anna" / "lab04.py").symlink_to(tmp_path / "nowhere")
    (tmp_path / "anna" / "lab06.py").mkdir()
    hand_ins = [each for each in collect(tmp_path)[0] if each.lab.number in (4, 6)]

    marks = list(mark_class(server, hand_ins, time_limit_s=60))

    assert [(mark.state, mark.score) for mark in marks] == [("not graded yet", None)] * 2
    assert marks[0].message.startswith(f"Not graded yet: There is no file {tmp_path}/anna/lab04.py")


@pytest.mark.thorough
def test_lab_of_another_app_is_marked_in_a_database_that_has_its_tables(tmp_path, server):
    """The role of a submission may make neither tables nor a database."""
    for student, file in (("anna", find_lab(13).solution), ("ben", find_lab(13).exercise)):
        hand_in(tmp_path, student, file.read_text(), "lab13.py")

    marks = list(mark_class(server, collect(tmp_path)[0], time_limit_s=60))

    assert [(mark.student, mark.score, mark.failed) for mark in marks] == [("anna", 10, ""), ("ben", 0, "shows")]


def test_error_nothing_is_marked_where_our_own_solution_fails(server):
    with pytest.raises(BankError, match="because our own solution of lab 4 does not pass here: Not graded yet"):
        check_that_it_works(server, LAB, time_limit_s=0.001)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: None, "There is no folder "),
        (lambda folder: folder.mkdir(), "holds no folders: give one that holds a folder for each student."),
        (lambda folder: hand_in(folder, "anna", "", "notes.py"), "is no lab's file: they are to be called lab02.py"),
    ],
)
def test_error_nothing_to_mark(tmp_path, make, sentence):
    make(tmp_path / "class")

    with pytest.raises(CommandError, match=sentence):
        call_command("lab", "grade", str(tmp_path / "class"))


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf"])
def test_error_time_limit(tmp_path, limit):
    with pytest.raises(CommandError, match="--time-limit cannot be .*: choose more than 0 seconds."):
        call_command("lab", "grade", str(tmp_path), "--time-limit", limit)

"""Files that hang, crash, exit, print megabytes or are no Python: named in one sentence, and nothing is left behind."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from accounts.labs import examination, examiner_watch, grading
from accounts.labs.catalogue import find_lab
from accounts.labs.storm_check import (
    SIZE,
    THE_MARK_STANDS,
)
from accounts.labs.verdict import LabVerdict, State
from accounts.models import Bank, Storm

pytestmark = pytest.mark.django_db(transaction=True)


HEAD = "import os, sys, threading, time\n\nfrom accounts.ledger import read\nfrom accounts.models import Account\n\n"


READS = "    return [read(account) for account in bank.accounts.order_by('pk')]\n"


LAB = find_lab(4)


ENDED = "It ended Python itself (exit, a crash, or too much memory) before the check was done."


@pytest.fixture
def write(tmp_path) -> Callable[[str], Path]:
    """write("def audit(bank): ..."): a file with this code."""

    def write(code: str) -> Path:
        file = tmp_path / "my_fix.py"
        file.write_text(HEAD + code)
        return file

    return write


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def audit(bank:\n", "is not Python (line 6: '(' was never closed): repair it first."),
        ("x = 1\n", "has no function audit: a strategy has transfer(order), audit(bank) or both."),
        ("def audit(bank):\n    raise ValueError('no idea')\n", "Session a raised ValueError: no idea."),
        ("def audit(bank):\n    sys.exit('bye')\n", "Session a raised SystemExit: bye."),
        ("def audit(bank):\n    threading.Thread(target=print).start()\n", "Session a: it started a thread of its own"),
        ("def audit(bank):\n    return None\n", "NotReadings: audit(bank) returned None: return [read(account), ...]."),
        ("def audit(bank):\n    return [1, 2]\n", "NotReadings: audit(bank) returned 1 among its readings: return "),
        ("def audit(bank):\n    return 2 * [read(bank.accounts.first())]\n", "returned two readings of one account"),
    ],
)
def test_error_file_that_does_what_it_should_not(write, code, sentence):
    verdict = grading.check(LAB, write(code), student="anna", with_storm=False)

    assert sentence in verdict.checks[0].outcome.message
    assert (verdict.is_passed, verdict.score) == (False, 0)


@pytest.mark.processes
def test_verdict_keeps_the_file_and_its_steps_name_its_lines(write):
    file = write("def audit(bank):\n    first, *others = bank.account_pks\n    one = Account.objects.get(pk=first)\n")
    file.write_text(f"{file.read_text()}    return [read(one), *(read(Account.objects.get(pk=pk)) for pk in others)]\n")

    verdict = examination.check(LAB, file, student="anna", with_storm=False)

    proof = verdict.first_failed.outcome.proof
    lines = [step.line_in(verdict.file.path) for step in proof.steps if step.session == "a"]
    assert lines == [8, 9]
    assert (verdict.file.name, verdict.file.text) == ("my_fix.py", file.read_text())
    assert LabVerdict.from_values(json.loads(json.dumps(verdict.as_values()))) == verdict


@pytest.mark.processes
@pytest.mark.thorough(every=3)
@pytest.mark.parametrize(
    ("code", "sentence", "time_limit_s"),
    [
        ("sys.exit(0)\n", "it ends the program while it is imported: SystemExit(0); line 6", examination.TIME_LIMIT_S),
        ("exit()\n", "it ends the program while it is imported: SystemExit(None); line 6", examination.TIME_LIMIT_S),
        ("def audit(bank):\n    exit()\n", "Session a raised SystemExit: None.", examination.TIME_LIMIT_S),
        ("def audit(bank):\n    os._exit(0)\n", ENDED, examination.TIME_LIMIT_S),
        ("def audit(bank):\n    bytearray(4 * 1024**3)\n", "raised MemoryError.", examination.TIME_LIMIT_S),
    ],
)
def test_error_file_that_would_take_us_with_it(write, code, sentence, time_limit_s):
    processes_before = psutil.Process().children(recursive=True)

    verdict = examination.check(LAB, write(code), student="anna", with_storm=False, time_limit_s=time_limit_s)

    assert sentence in verdict.checks[0].outcome.message
    assert (verdict.is_passed, verdict.score) == (False, 0)
    assert set(psutil.Process().children(recursive=True)) <= set(processes_before)
    assert not Bank.objects.exists()


@pytest.mark.processes
def test_error_file_that_never_ends_loading(write, monkeypatch):
    """Said with the line, though one statement of it never lets go of Python."""
    monkeypatch.setattr(examiner_watch, "MAX_LOADING_CPU_S", 1)

    verdict = examination.check(LAB, write("sum(range(10**13))\n"), student="anna", with_storm=False)

    (message,) = {check.outcome.message for check in verdict.checks}
    assert re.fullmatch(r"It runs for ever, in line 6: \d s of processor time led nowhere\.", message)
    assert (verdict.state, verdict.score) == (State.FAILED, 0)
    assert not Bank.objects.exists()


@pytest.mark.processes
def test_file_that_sleeps_is_not_graded(write, monkeypatch):
    """It may be the machine: a clock cannot tell."""
    monkeypatch.setattr(examiner_watch, "LOADING_LIMIT_S", 2)

    verdict = examination.check(LAB, write("time.sleep(600)\n"), student="anna", with_storm=False)

    assert (verdict.state, verdict.score) == (State.UNDECIDED, None)
    assert verdict.checks[0].outcome.message == (
        "Not graded yet: it could not be loaded within 2 s. What is outside of its functions, in line 6 sleeps, waits "
        "for something that never happens, or the machine is busy with other things."
    )
    assert not Bank.objects.exists()


@pytest.mark.processes
def test_storm_confirms_what_the_explorer_proved(write):
    verdict = examination.check(LAB, write("def audit(bank):\n    print('x' * 10**6)\n" + READS), student="anna")

    storm = verdict.checks[-1]
    assert (storm.name, storm.points) == ("storm", 0)
    assert (
        storm.outcome.message
        == "A storm of four worker processes. 257 accounts, 300 transfers, 60 audits, nothing wrong."
    )
    assert storm.outcome.proof.report.audits.taken == SIZE["audit_count"]
    assert not Storm.objects.exists()
    assert not Bank.objects.exists()


@pytest.mark.thorough
@pytest.mark.processes
def test_storm_changes_no_mark(write):
    """The file fails on workers only. A mark is what is proved, and so the same with a storm and without."""
    code = "def audit(bank):\n    if 'qcluster' in sys.argv:\n        raise ValueError('no')\n" + READS

    with_storm, without = (
        examination.check(LAB, write(code), student="anna", with_storm=is_wanted) for is_wanted in (True, False)
    )

    assert (with_storm.is_passed, with_storm.score) == (without.is_passed, without.score) == (True, 8)
    storm = with_storm.checks[-1].outcome
    assert not storm.is_passed
    assert storm.message.startswith("In a storm of four worker processes: 60 audits failed (ValueError: no).")
    assert storm.message.endswith(THE_MARK_STANDS)

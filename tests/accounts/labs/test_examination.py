"""Files that hang, crash, exit, print megabytes or are no Python: named in one sentence, and nothing is left behind."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from accounts.labs import examination, grading
from accounts.labs.catalogue import find_lab
from accounts.labs.storm_check import SIZE
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
@pytest.mark.parametrize(
    ("code", "sentence", "time_limit_s"),
    [
        ("time.sleep(600)\n", "It did not end within 0.5 s: it runs for ever, sleeps, or waits for nobody.", 0.5),
        ("sys.exit(0)\n", "it ends the program while it is imported: SystemExit(0); line 6", examination.TIME_LIMIT_S),
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
    """Said early, and with the line, though one statement of it never lets go of Python."""
    monkeypatch.setattr(examination, "LOADING_LIMIT_S", 2)

    verdict = examination.check(LAB, write("sum(range(10**13))\n"), student="anna", with_storm=False)

    sentence = "what is outside of its functions, in line 6 runs for ever, sleeps, or waits for nobody."
    assert {check.outcome.message for check in verdict.checks} == {f"It could not be loaded within 2 s: {sentence}"}
    assert not Bank.objects.exists()


@pytest.mark.processes
def test_storm_confirms_what_the_explorer_proved(write):
    verdict = examination.check(LAB, write("def audit(bank):\n    print('x' * 10**6)\n" + READS), student="anna")

    storm = verdict.checks[-1]
    assert (storm.name, storm.points) == ("storm", 0)
    assert storm.outcome.message == "A storm of four worker processes. 300 transfers, 60 audits, nothing wrong."
    assert storm.outcome.proof.report.audits.taken == SIZE["audit_count"]
    assert not Storm.objects.exists()
    assert not Bank.objects.exists()


@pytest.mark.processes
def test_storm_refutes_by_evidence(write):
    """It behaves in the explorer's sessions, and fails on workers."""
    code = "def audit(bank):\n    if bank.accounts.count() > 3:\n        raise ValueError('too many')\n" + READS

    verdict = examination.check(LAB, write(code), student="anna")

    assert (verdict.is_passed, verdict.score, verdict.max_score) == (False, 8, 8)
    assert verdict.checks[-1].outcome.message.startswith("In a storm of four worker processes: 60 audits failed.")

"""What a student is told who has made a mistake: true, with the line, and something to do."""

import pytest

from accounts.labs import grading
from accounts.labs.case_runner import LIMIT
from accounts.labs.catalogue import find_lab
from accounts.labs.exercises.lab05_atomic import checks as lab05
from accounts.labs.submission import Submission

pytestmark = pytest.mark.django_db(transaction=True)

LAB_1 = find_lab(1).solution.read_text()
LAB_2 = find_lab(2).solution.read_text().partition("def audit")[0]


def message(tmp_path, lab: int, code: str | bytes) -> str:
    """Of the first check that fails."""
    file = tmp_path / "my_fix.py"
    file.write_bytes(code if isinstance(code, bytes) else code.encode())
    verdict = grading.check(find_lab(lab), file, student="anna", with_storm=False, until_refuted=True)
    return verdict.checks[-1].outcome.message


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("HALF_SEEN = '2'", "HALF_SEEN is '2': write 1 or 2, the number of the transfer."),
        ("HALF_SEEN = None", "HALF_SEEN is None: write 1 or 2, the number of the transfer."),
        ("HALF_SEEN = True", "HALF_SEEN is True: write 1 or 2, the number of the transfer."),
        ("SCHEDULE = ['t1', 'a']", "SCHEDULE is ['t1', 'a']: write a string such as \"t1 t1 a t1\"."),
    ],
)
def test_error_lab_1_asks_for_something_else(tmp_path, line, sentence):
    assert message(tmp_path, 1, f"{LAB_1}\n{line}\n") == sentence


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "def audit(bank):\n    return bank.amount\n",
            "raised AttributeError: 'Bank' object has no attribute 'amount'. That was in line 2 of my_fix.py.",
        ),
        ("\nno_name\n", "cannot be imported (NameError: name 'no_name' is not defined; line 2): repair it first."),
        ("raise MemoryError\n", "cannot be imported (MemoryError; line 1): repair it first."),
        (b"x = 1\0\n", "is not Python (source code string cannot contain null bytes): repair it first."),
        (
            "def audit(bank):\n    bank.accounts.all().delete()\n    return []\n",
            "Accounts are gone that were there: the file deletes them, and no lab asks for that.",
        ),
    ],
)
def test_error_says_where(tmp_path, code, sentence):
    assert sentence in message(tmp_path, 4, code)


@pytest.mark.thorough
def test_error_python_lock_that_is_asked_for_again_and_again(tmp_path):
    spins = "def audit(bank):\n    while not LOCK.acquire(blocking=False):\n        pass\n    LOCK.release()\n"

    assert "It asks for LOCK without waiting, and others may never let it in: `with LOCK:` waits" in message(
        tmp_path, 2, LAB_2 + spins
    )


def test_audit_that_cannot_be_pruned_is_within_the_limit():
    """At SERIALIZABLE all schedules of the largest case are run; to count them, a snapshot will do."""
    lab = find_lab(5)

    found = Submission(lab.solution, lab.variant("anna")).explore(lab05.THREE)

    assert found.is_exhaustive
    assert len(found.runs) < found.schedule_count <= LIMIT

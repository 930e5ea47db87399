"""Wrong audits and wrong transfers that are common to all labs: each is refuted wherever the lab is about it.

A file is a lab's own solution with one function replaced. No storm is run.

All files in all labs take minutes. So each file is tried in LABS_EACH of the labs, turn by turn, and every lab with a
part of the files; with THOROUGH=1 in the environment, each file in every lab.
"""

from pathlib import Path

import pytest

from accounts.labs.catalogue import Lab, find_lab
from accounts.labs.grading import check
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Path(__file__).parent
WRONG_AUDITS = sorted((HERE / "wrong_audits").glob("*.py"))
WRONG_TRANSFERS = sorted((HERE / "wrong_transfers").glob("*.py"))
LABS_EACH = 1
LABS_OF_AUDITS = (2, 3, 4, 5, 9, 10, 11)
LABS_OF_TRANSFERS = (2, 3, 6, 7, 8, 9, 10, 12)
# These have so many schedules that each takes as long as ten others: they are tried with THOROUGH=1 only.
SLOW = {
    "keeps_an_advisory_lock",
    "lets_go_of_each",
    "locks_the_first_200",
    "locks_the_last_only",
    "one_by_one_in_a_transaction",
    "until_two_sums_agree",
}
# Lab 7 has three functions in the place of transfer().
EVERY_WAY = "\n\nwith_lock = with_expression = with_token = transfer\n"
# Lab 6 is about a process that dies, not about two transfers at once: these leave no half of themselves behind.
NOT_IN_LAB_6 = {
    "a_lock_of_its_own",
    "a_lock_that_is_not_sent",
    "a_python_lock_inside",
    "a_token_whose_count_is_not_looked_at",
    "counts_with_a_lock",
    "half_an_expression",
    "locks_the_source_only",
    "locks_the_target_only",
    "locks_what_it_has_read",
    "reads_and_saves",
}


def with_name(files: list[Path], labs: tuple[int, ...]) -> list:
    return [
        pytest.param(number, file, id=f"lab{number:02}-{file.stem}")
        for turn, file in enumerate(files)
        for number in turns(labs, turn)
        if not (number == 6 and file.stem in NOT_IN_LAB_6) and (THOROUGH or file.stem not in SLOW)
    ]


def turns(labs: tuple[int, ...], turn: int) -> tuple[int, ...]:
    """The labs in which a file is tried: all of them, or the next LABS_EACH of the row."""
    if THOROUGH:
        return labs
    return tuple(labs[(LABS_EACH * turn + place) % len(labs)] for place in range(LABS_EACH))


def refuted_by(lab: Lab, code: str, folder: Path) -> str:
    """The first check that refutes the lab's solution with this code after it; empty if all pass."""
    file = folder / "my_fix.py"
    file.write_text(f"{lab.solution.read_text()}\n\n{code}")
    verdict = check(lab, file, student="anna", with_storm=False, until_refuted=True)
    return "" if verdict.first_failed is None else verdict.first_failed.name


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize(("number", "file"), with_name(WRONG_AUDITS, LABS_OF_AUDITS))
def test_wrong_audit_is_refuted(tmp_path, number, file):
    assert refuted_by(find_lab(number), file.read_text(), tmp_path)


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize(("number", "file"), with_name(WRONG_TRANSFERS, LABS_OF_TRANSFERS))
def test_wrong_transfer_is_refuted(tmp_path, number, file):
    assert refuted_by(find_lab(number), file.read_text() + EVERY_WAY, tmp_path)


def test_there_are_enough_of_them():
    assert min(len(WRONG_AUDITS), len(WRONG_TRANSFERS)) >= 15

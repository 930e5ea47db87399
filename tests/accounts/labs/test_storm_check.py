"""What counts as evidence against a file in a storm."""

import pytest

from accounts.errors import BankError
from accounts.labs.storm_check import SUBMISSION, evidence_against
from accounts.storms.launch import plan_storm
from tests.support.reports import a_report


def test_what_counts_as_evidence():
    report = a_report(audits={"taken": 60, "torn": 2, "incomplete": 1, "wrong_total": 2}, accounts_off=1)

    assert evidence_against(report) == [
        "2 of 60 audits are torn",
        "1 of 60 audits did not read every account",
        "1 accounts end with the wrong balance",
    ]


def test_error_no_other_process_can_load_a_students_file():
    with pytest.raises(BankError, match="There is no strategy 'submission'"):
        plan_storm(transfer_with=SUBMISSION, audit_with=SUBMISSION)

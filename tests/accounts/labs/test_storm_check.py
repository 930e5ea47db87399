"""What counts as evidence against a file in a storm, and what does not."""

import pytest

from accounts.errors import BankError
from accounts.labs import storm_check
from accounts.labs.storm_check import SUBMISSION, FinishedStorm, evidence_against, given_up, survives_storm
from accounts.labs.verdict import CheckResult, LabVerdict, State, passed
from accounts.management.labs import say_verdict
from accounts.storms.launch import plan_storm
from tests.support.reports import a_report


def test_what_counts_as_evidence():
    report = a_report(audits={"taken": 60, "torn": 2, "incomplete": 1, "wrong_total": 2}, accounts_off=1)
    storm = FinishedStorm(report, {"40P01: deadlock detected": 3})

    assert evidence_against(storm) == [
        "2 of 60 audits are torn",
        "1 of 60 audits did not read every account",
        "1 accounts end with the wrong balance",
        "3 transfers failed (40P01: deadlock detected)",
    ]
    assert given_up(storm) == ""


def test_refusal_that_a_repair_announces_is_counted_and_not_held_against_it():
    refused = {"40001: could not serialize access due to concurrent update": 3, "40001: due to read/write": 1}
    storm = FinishedStorm(a_report(), refused, {"40001: due to read/write": 2})

    assert evidence_against(storm) == []
    assert given_up(storm) == (
        "4 transfers and 2 audits gave up after all their attempts (40001), which changed nothing."
    )


def test_transfers_that_are_left_pending_are_evidence():
    left = FinishedStorm(a_report(transfers={"applied": 0, "pending": 300}))

    assert evidence_against(left) == ["300 transfers are still pending"]


def test_storm_that_could_not_be_finished_is_not_passed_and_leaves_the_mark(monkeypatch):
    def could_not(**_choices):
        raise BankError("No worker is there.")

    monkeypatch.setattr(storm_check, "run_storm", could_not)
    outcome = survives_storm(claim="A storm.").examine(None)
    verdict = LabVerdict(4, 2, (CheckResult("whole", 2, passed("")), CheckResult("storm", 0, outcome)))

    assert (outcome.state, outcome.message) == (
        State.UNDECIDED,
        "The storm could not be finished, which proves nothing and is not counted: No worker is there.",
    )
    assert (verdict.state, verdict.score, verdict.first_undecided) == (State.PASSED, 2, None)
    assert say_verdict(verdict) == "Passed: 2 of 2 points"


def test_error_no_other_process_can_load_a_students_file():
    with pytest.raises(BankError, match="There is no strategy 'submission'"):
        plan_storm(transfer_with=SUBMISSION, audit_with=SUBMISSION)

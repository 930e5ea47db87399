"""A storm that runs a student's file on workers of its own. It confirms what the explorer has proved.

A storm finds a race by luck. So it is run after the explorer has found nothing, gives no points, and refutes only by
evidence: torn audits, accounts that are off, transfers that failed. A storm that could not be finished refutes nothing.

Its workers know the file by the name SUBMISSION, because the process that runs this, and the cluster that it starts,
were given a folder with that file in it (examination.py); no other process can load it.
"""

from typing import Any

from accounts.errors import BankError
from accounts.labs.checks import Check, Outcome
from accounts.labs.submission import Submission
from accounts.models import Report, Storm, erase_bank
from accounts.storms.follow import follow
from accounts.storms.launch import check_connections, launch, plan_storm, private_cluster
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on

SUBMISSION = "submission"
PATIENCE_POLLS = 300  # of storms.POLL_S each, at least: 60 s
SIZE = {"transfer_count": 300, "audit_count": 60, "account_count": 6}


def survives_storm(
    *,
    claim: str,
    transfer_with: str = SUBMISSION,
    audit_with: str = SUBMISSION,
    worker_count: int = 4,
    thread_count: int = 1,
) -> Check:
    """No evidence against the file in one storm. Without the folder that names the file, it cannot be run."""

    def examine(_work: Submission) -> Outcome:
        choices = {"transfer_with": transfer_with, "audit_with": audit_with} | SIZE
        try:
            report = run_storm(worker_count=worker_count, thread_count=thread_count, **choices)
        except BankError as refusal:
            return Outcome(True, f"The storm could not be finished, which proves nothing and is not counted: {refusal}")
        wrong = evidence_against(report)
        text = (
            f"In {claim[0].lower()}{claim[1:-1]}: {'; '.join(wrong)}. {report.story}" if wrong else _calm(claim, report)
        )
        return Outcome(not wrong, text.strip(), report.as_values())

    return Check("storm", 0, claim, examine, is_storm=True)


def _calm(claim: str, report: Report) -> str:
    transfers, audits = report.transfers, report.audits
    return f"{claim} {transfers.applied:,} transfers, {audits.taken:,} audits, nothing wrong."


def run_storm(**choices: Any) -> Report:
    """The report of one storm, whose rows are deleted. Raises BankError if it could not be finished."""
    storm = plan_storm(**choices)
    check_connections(storm)
    try:
        with private_cluster(storm) as workers:
            launch(storm, queue=workers.queue)
            for polls, _progress in enumerate(follow(storm, workers)):
                if polls > PATIENCE_POLLS:
                    end_storm(storm, Storm.State.FAILED, "It did not end in time.")
        if storm.state != Storm.State.FINISHED:
            raise BankError(storm.reason)
        return report_on(storm)
    finally:
        if storm.bank_id is not None:
            erase_bank(storm.bank_id)  # nobody is to find a storm whose strategy is a file that is not there any more


def evidence_against(report: Report) -> list[str]:
    """What the report proves to be wrong, in words."""
    transfers, audits = report.transfers, report.audits
    found = [
        (audits.torn, f"{audits.torn:,} of {audits.taken:,} audits are torn"),
        (audits.wrong_total - audits.torn > 0, f"{audits.wrong_total:,} audits have a wrong total"),
        (report.accounts_off, f"{report.accounts_off:,} accounts end with the wrong balance"),
        (transfers.failed, f"{transfers.failed:,} transfers failed"),
        (audits.failed, f"{audits.failed:,} audits failed"),
    ]
    return [text for is_so, text in found if is_so]

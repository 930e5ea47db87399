"""A storm that runs a student's file on workers of its own. It confirms what the explorer has proved.

A storm finds a race by luck. So it is run after the explorer has found nothing, gives no points, decides nothing, and
speaks only of evidence: torn audits, accounts that are off, transfers that failed. A storm that could not be finished
says nothing.

Its workers know the file by the name SUBMISSION, because the process that runs this, and the cluster that it starts,
were given a folder with that file in it (examination.py); no other process can load it.
"""

from typing import Any

from accounts.errors import BankError
from accounts.labs.checks import Check
from accounts.labs.heartbeat import beat
from accounts.labs.large_bank import ACCOUNTS
from accounts.labs.proofs import StormProof
from accounts.labs.submission import Submission
from accounts.labs.verdict import Outcome, failed, passed
from accounts.models import Storm, erase_bank
from accounts.storms.follow import follow
from accounts.storms.launch import check_connections, launch, plan_storm, private_cluster
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on

SUBMISSION = "submission"
PATIENCE_POLLS = 300  # of storms.POLL_S each, at least: 60 s
SIZE = {"transfer_count": 300, "audit_count": 60, "account_count": ACCOUNTS}
THE_MARK_STANDS = "This changes no mark, which counts what is proved; but show it to your teacher."


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
            return passed(f"The storm could not be finished, which proves nothing and is not counted: {refusal}")
        wrong = evidence_against(report)
        if wrong:
            story = f"In {claim[0].lower()}{claim[1:-1]}: {'; '.join(wrong)}."
            return failed(" ".join(filter(None, [story, report["story"], THE_MARK_STANDS])), StormProof(report))
        return passed(_calm(claim, report), StormProof(report))

    return Check("storm", 0, claim, examine, is_storm=True)


def _calm(claim: str, report: dict[str, Any]) -> str:
    counts = f"{report['transfers']['applied']:,} transfers, {report['audits']['taken']:,} audits"
    return f"{claim} {report['accounts']:,} accounts, {counts}, nothing wrong."


def run_storm(**choices: Any) -> dict[str, Any]:
    """The report of one storm, whose rows are deleted. Raises BankError if it could not be finished."""
    storm = plan_storm(**choices)
    check_connections(storm)
    try:
        with private_cluster(storm) as workers:
            launch(storm, queue=workers.queue)
            for polls, _progress in enumerate(follow(storm, workers)):
                beat()
                if polls > PATIENCE_POLLS:
                    end_storm(storm, Storm.State.FAILED, "It did not end in time.")
        if storm.state != Storm.State.FINISHED:
            raise BankError(storm.reason)
        return report_on(storm)
    finally:
        if storm.bank_id is not None:
            erase_bank(storm.bank_id)  # nobody is to find a storm whose strategy is a file that is not there any more


def evidence_against(report: dict[str, Any]) -> list[str]:
    """What the report proves to be wrong, in words."""
    transfers, audits = report["transfers"], report["audits"]
    causes = [
        (audits["torn"], f"{audits['torn']:,} of {audits['taken']:,} audits are torn"),
        (audits["wrong_total"] - audits["torn"] > 0, f"{audits['wrong_total']:,} audits have a wrong total"),
        (report["accounts_off"], f"{report['accounts_off']:,} accounts end with the wrong balance"),
        (transfers["failed"], f"{transfers['failed']:,} transfers failed"),
        (audits["failed"], f"{audits['failed']:,} audits failed"),
    ]
    return [text for is_so, text in causes if is_so]

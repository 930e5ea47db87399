"""A storm that runs a student's file on workers of its own. It confirms what the explorer has proved.

A storm finds a race by luck. So it is run after the explorer has found nothing, gives no points, decides nothing, and
speaks only of evidence: torn audits, accounts that are off, transfers that failed. A storm that could not be finished
says nothing.

Its workers know the file by the name SUBMISSION, because the process that runs this, and the cluster that it starts,
were given a folder with that file in it (examination.py); no other process can load it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from accounts.db.sqlstates import SERIALIZATION_FAILURE
from accounts.errors import BankError
from accounts.labs.checks import Check
from accounts.labs.heartbeat import beat
from accounts.labs.large_bank import ACCOUNTS
from accounts.labs.proofs import StormProof
from accounts.labs.submission import Submission
from accounts.labs.verdict import Outcome, failed, passed, undecided
from accounts.models import Report, Storm, erase_bank
from accounts.storms.follow import follow
from accounts.storms.launch import check_connections, launch, plan_storm, private_cluster
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on

SUBMISSION = "submission"
PATIENCE_POLLS = 300  # of storms.POLL_S each, at least: 60 s
SIZE = {"transfer_count": 300, "audit_count": 60, "account_count": ACCOUNTS}
THE_MARK_STANDS = "This changes no mark, which counts what is proved; but show it to your teacher."


@dataclass(frozen=True)
class FinishedStorm:
    """The result of a storm: its report, and why operations failed in it (a count for each reason)."""

    report: Report
    transfer_failures: Mapping[str, int] = field(default_factory=dict)
    audit_failures: Mapping[str, int] = field(default_factory=dict)


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
            storm = run_storm(worker_count=worker_count, thread_count=thread_count, **choices)
        except BankError as refusal:
            return undecided(f"The storm could not be finished, which proves nothing and is not counted: {refusal}")
        wrong = evidence_against(storm)
        if wrong:
            story = f"In {claim[0].lower()}{claim[1:-1]}: {'; '.join(wrong)}."
            sentences = [story, storm.report.story, THE_MARK_STANDS]
            return failed(" ".join(filter(None, sentences)), StormProof(storm.report))
        return passed(" ".join(filter(None, [_calm(claim, storm), given_up(storm)])), StormProof(storm.report))

    return Check("storm", 0, claim, examine, is_storm=True)


def _calm(claim: str, storm: FinishedStorm) -> str:
    report = storm.report
    counts = f"{report.transfers.applied:,} transfers, {report.audits.taken:,} audits"
    return f"{claim} {report.accounts:,} accounts, {counts}, nothing wrong."


def run_storm(**choices: Any) -> FinishedStorm:
    """The result of one storm, whose rows are deleted. Raises BankError if it could not be finished."""
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
        return FinishedStorm(
            report_on(storm), _count_reasons(storm.transfers.all()), _count_reasons(storm.audits.all())
        )
    finally:
        if storm.bank_id is not None:
            erase_bank(storm.bank_id)  # its strategy is a file that is gone soon: no page could show such a storm


def _count_reasons(operations: QuerySet[Any]) -> dict[str, int]:
    """How many operations failed for each reason, the most frequent first."""
    failed_ones = operations.filter(status="failed").values_list("reason")
    return dict(failed_ones.annotate(count=Count("pk")).order_by("-count", "reason"))


def evidence_against(storm: FinishedStorm) -> list[str]:
    """What the storm proves to be wrong, in words."""
    report, audits = storm.report, storm.report.audits
    causes = [
        (audits.torn, f"{audits.torn:,} of {audits.taken:,} audits are torn"),
        (audits.incomplete, f"{audits.incomplete:,} of {audits.taken:,} audits did not read every account"),
        (audits.wrong_total - audits.torn > 0, f"{audits.wrong_total:,} audits have a wrong total"),
        (report.accounts_off, f"{report.accounts_off:,} accounts end with the wrong balance"),
        (report.transfers.pending, f"{report.transfers.pending:,} transfers are still pending"),
    ]
    return [text for is_so, text in causes if is_so] + [
        f"{count:,} {noun} failed ({reason})"
        for noun, failures in (("transfers", storm.transfer_failures), ("audits", storm.audit_failures))
        for reason, count in failures.items()
        if not _is_given_up(reason)
    ]


def given_up(storm: FinishedStorm) -> str:
    """A sentence on the operations that gave up because PostgreSQL refused them again and again; empty if none did.

    A repair at SERIALIZABLE announces this: it begins again so and so many times, and then lets the refusal out. How
    often that happens is luck, and nothing is wrong by it: what was refused has moved nothing, and read nothing.
    """
    counts = [
        f"{sum(count for reason, count in failures.items() if _is_given_up(reason)):,} {noun}"
        for noun, failures in (("transfers", storm.transfer_failures), ("audits", storm.audit_failures))
        if any(map(_is_given_up, failures))
    ]
    if not counts:
        return ""
    return f"{' and '.join(counts)} gave up after all their attempts ({SERIALIZATION_FAILURE}), which changed nothing."


def _is_given_up(reason: str) -> bool:
    return reason.startswith(SERIALIZATION_FAILURE)

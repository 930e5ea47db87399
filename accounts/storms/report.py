"""Judges a storm: reads its rows once, counts what the evidence says about them, and keeps that as its report."""

from collections import Counter
from dataclasses import replace

from django.db.models import Count, Max, Min, Sum

from accounts import evidence, strategies
from accounts.db.isolation import one_snapshot
from accounts.db.percentiles import Percentile
from accounts.evidence.narrative import Narrator
from accounts.evidence.rows import Finding, as_values, easiest, explain_audits, read_history
from accounts.models import Account, Audit, Report, Storm, Transfer
from accounts.models.contended import Contended
from accounts.models.storm_report import AuditCounts, LostWrite, TransferCounts, Waits
from accounts.storms.active_workers import count_at_work
from accounts.storms.progress import is_complete

MAX_LOST_EXAMPLES = 5


def report_on(storm: Storm) -> Report:
    """The storm's report; this is the function that all readers of reports call.

    1. The report that the storm keeps, if it keeps one. Faults that were noted after that are added to it.
    2. Otherwise the storm is judged now. The report is kept if it is final: the storm has ended, and no worker is at
       work on it any more. One that is not final says how far the storm has come, and is not kept.
    """
    storm.refresh_from_db(fields=["state", "reason", "report"])
    if storm.report is None:
        report = judge(storm)
        if report.is_final:
            _keep(storm, report)
        return report
    faults = count_faults(storm)
    if storm.report.faults != faults:
        _keep(storm, replace(storm.report, faults=faults))
    return storm.report


def _keep(storm: Storm, report: Report) -> None:
    storm.report = report
    storm.save(update_fields=["report"])


def judge(storm: Storm) -> Report:
    """Read the storm's rows, decide which audits are torn, note it on them, and return the report, which is not kept.

    Readers call report_on(). This is for those who end or keep a report: finish_if_complete() and report_on().
    It may be called while workers are at work: all is read in one snapshot. The report `is_final` if the storm (as
    given) has ended and no worker was at work on it any more.
    """
    is_final = storm.has_ended and not count_at_work(storm.pk)  # before the snapshot: what they did is then in it
    with one_snapshot():
        history = read_history(storm.bank)
        findings = explain_audits(history, storm.audits.order_by("number"))
        narrate = narrator(storm, history)
        best = easiest(findings)
        story = best.tell(narrate) if best else ""
        report = _count(storm, history, findings, story=story, is_final=is_final)
    note(storm, findings, narrate)
    return report


def _count(storm: Storm, history: evidence.History, findings: list[Finding], *, story: str, is_final: bool) -> Report:
    transfers, duration_s = _count_transfers(storm), _measure_duration_s(storm)
    lost_updates = history.lost_updates()
    return Report(
        id=storm.pk,
        state=storm.state,
        transfer_with=storm.transfer_with,
        audit_with=storm.audit_with,
        accounts=storm.account_count,
        expected_total=storm.bank.opening_total,
        workers=storm.worker_count,
        threads=storm.thread_count,
        seed=storm.seed,
        transfers=transfers,
        audits=_count_audits(storm, findings),
        drift=storm.bank.drift,
        lost_updates=sum(update.overwritten_by is not None for update in lost_updates),
        lost_examples=_choose_examples(storm, history, lost_updates),
        accounts_off=len(accounts_off(storm)),
        **_count_contention(storm),
        lock_wait_ms=_measure_waits(storm),
        duration_s=round(duration_s, 3),
        transfers_per_second=round(transfers.ended / duration_s, 1) if duration_s else 0.0,
        faults=count_faults(storm),
        story=story,
        is_final=is_final,
    )


def _choose_examples(
    storm: Storm, history: evidence.History, lost_updates: list[evidence.LostUpdate]
) -> list[LostWrite]:
    """The lost updates that the storm's page lists."""
    examples = evidence.easiest_lost(history, lost_updates, at_most=MAX_LOST_EXAMPLES)
    numbers = dict(
        storm.bank.accounts.filter(pk__in=[update.account for update in examples]).values_list("pk", "number")
    )
    return [
        LostWrite(
            transfer=update.transfer,
            account=numbers[update.account],
            amount=update.amount,
            overwritten_by=update.overwritten_by,
        )
        for update in examples
        if update.overwritten_by is not None
    ]


def note(storm: Storm, findings: list[Finding], narrate: Narrator, *, only_new: bool = False) -> None:
    """Save on the storm's audits whether they are torn and why; with only_new, not on those that have been judged."""
    judgements = (
        (
            finding.audit.pk,
            None if finding.explanation is None else finding.is_torn,
            as_values(finding, narrate) if finding.is_wrong else None,
        )
        for finding in findings
    )
    Audit.note_judgements(storm, judgements, only_new=only_new)


def narrator(storm: Storm, history: evidence.History) -> Narrator:
    """What puts the storm's evidence into sentences; it knows the accounts by their numbers."""
    return Narrator(
        movements=history.movements,
        numbers=dict(storm.bank.accounts.values_list("pk", "number")),
        transactional=strategies.is_transactional(storm.transfer_with),
    )


def _count_transfers(storm: Storm) -> TransferCounts:
    planned_transfers = storm.transfers.filter(repeats=None)
    counts = dict(planned_transfers.values_list("status").annotate(Count("pk")).order_by())
    return TransferCounts(
        planned=storm.transfer_count,
        **{status: counts.get(status, 0) for status in ("applied", "refused", "failed", "pending")},
        applied_twice=storm.transfers.filter(status=Transfer.Status.APPLIED).exclude(repeats=None).count(),
    )


def _count_audits(storm: Storm, findings: list[Finding]) -> AuditCounts:
    return AuditCounts(
        planned=storm.audit_count,
        taken=len(findings),
        torn=sum(finding.is_torn for finding in findings),
        incomplete=sum(finding.is_incomplete for finding in findings),
        torn_unknown=sum(finding.explanation is None for finding in findings),
        wrong_total=sum(bool(finding.audit.off_by) for finding in findings),
        unexplained=sum(finding.explanation is not None and not finding.is_explained for finding in findings),
        failed=storm.audits.filter(status=Audit.Status.FAILED).count(),
    )


def accounts_off(storm: Storm) -> dict[int, int]:
    """For each account whose balance is not opening + in - out: by how much, by the account's primary key."""
    should_be = dict(storm.bank.accounts.values_list("pk", "opening_balance"))
    applied_transfers = storm.transfers.filter(repeats=None, status=Transfer.Status.APPLIED).order_by()
    for side, sign in (("source_id", -1), ("target_id", 1)):
        for pk, amount in applied_transfers.values_list(side).annotate(Sum("amount")):
            should_be[pk] += sign * amount
    balances = Account.objects.filter(bank_id=storm.bank_id).values_list("pk", "balance")
    return {pk: balance - should_be[pk] for pk, balance in balances if balance != should_be[pk]}


def _count_contention(storm: Storm) -> dict[str, int]:
    """The sums of the counters of contention over transfers and audits, by their names."""
    names = [name for name in Contended.COUNTERS if name != "waited_us"]
    of_transfers, of_audits = (
        rows.aggregate(**{name: Sum(name, default=0) for name in names}) for rows in (storm.transfers, storm.audits)
    )
    return {name: of_transfers[name] + of_audits[name] for name in names}


def count_faults(storm: Storm) -> dict[str, int]:
    """How many faults of each kind were injected, and how often the watchdog did something, until now."""
    (faults,) = Storm.objects.filter(pk=storm.pk).values_list("faults", flat=True)
    return dict(sorted(Counter(fault["kind"] for fault in faults).items()))


def _measure_waits(storm: Storm) -> Waits:
    """How long its transfers waited for locks. (PostgreSQL documentation: Ordered-Set Aggregate Functions.)"""
    waits_us = storm.transfers.filter(ended_at__isnull=False).aggregate(
        p50=Percentile(0.5, "waited_us"), p99=Percentile(0.99, "waited_us")
    )
    return Waits(**{name: round((wait_us or 0) / 1000, 3) for name, wait_us in waits_us.items()})


def _measure_duration_s(storm: Storm) -> float:
    """From the first transfer's beginning to the last one's end, by the workers' clocks; 0 if none has ended."""
    span = storm.transfers.aggregate(begin=Min("started_at"), end=Max("ended_at"))
    return (span["end"] - span["begin"]).total_seconds() if span["end"] else 0.0


def finish_if_complete(storm: Storm) -> bool:
    """End a running storm as finished if all of its plan has ended; return whether this call ended it.

    1. Every planned transfer and audit has ended, no worker is at work on it, and it is still running: otherwise
       nothing is done. So the last worker to leave judges it, when all have saved what their operations met.
    2. It is judged.
    3. Its state and its report are saved together, if it is still running. Where two workers leave at the same time,
       both judge the same rows alike, and one of them ends it.
    """
    if not is_complete(storm) or count_at_work(storm.pk) or not storm.is_still_running():
        return False
    report = replace(judge(storm), state=Storm.State.FINISHED.value, is_final=True)
    running = Storm.objects.filter(pk=storm.pk, state=Storm.State.RUNNING)
    return bool(running.update(state=Storm.State.FINISHED, report=report))

"""What a storm came to: its rows read once, judged by the evidence, counted, and kept as the storm's report."""

from collections import Counter
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from accounts import evidence, strategies
from accounts.db.isolation import one_snapshot
from accounts.db.percentiles import Percentile
from accounts.evidence.narrative import Narrator
from accounts.evidence.rows import Finding, as_values, easiest, explain_audits, read_history
from accounts.models import Account, Audit, Storm, Transfer
from accounts.models.contended import Contended
from accounts.storms.active_workers import count_at_work

Report = dict[str, Any]


def judge(storm: Storm) -> Report:
    """Read the storm's rows, decide which audits are torn, note it on them, and return the report.

    May be called while workers are at it: all is read in one snapshot, and says how far they had come by then. The
    report `is_final` if the storm (as given) has ended and nobody was at work on it any more.
    """
    is_final = storm.has_ended and not count_at_work(storm.pk)  # before the snapshot: what they did is then in it
    with one_snapshot():
        history = read_history(storm.bank)
        findings = explain_audits(history, storm.audits.order_by("number"))
        narrate = narrator(storm, history)
        report = _report(storm, history, findings)
    note(storm, findings, narrate)
    best = easiest(findings)
    return report | {"story": best.tell(narrate) if best else "", "is_final": is_final}


def _report(storm: Storm, history: evidence.History, findings: list[Finding]) -> Report:
    return {
        "id": storm.pk,
        "state": storm.state,
        "transfer_with": storm.transfer_with,
        "audit_with": storm.audit_with,
        "accounts": storm.account_count,
        "expected_total": storm.bank.opening_total,
        "workers": storm.worker_count,
        "threads": storm.thread_count,
        "seed": storm.seed,
        "transfers": _count_transfers(storm),
        "audits": _count_audits(storm, findings),
        **_count_damage(storm, history),
        **_count_contention(storm),
        **_measure_speed(storm),
        "faults": count_faults(storm),
    }


def note(storm: Storm, findings: list[Finding], narrate: Narrator, *, only_new: bool = False) -> None:
    """Note on the storm's audits what was found; with only_new, only on those that were not judged meanwhile."""
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
    """Who tells this storm's stories: it knows the accounts by their numbers."""
    return Narrator(
        movements=history.movements,
        numbers=dict(storm.bank.accounts.values_list("pk", "number")),
        transactional=strategies.is_transactional(storm.transfer_with),
    )


def _count_transfers(storm: Storm) -> dict[str, int]:
    planned = storm.transfers.filter(repeats=None)
    ended = dict(planned.values_list("status").annotate(Count("pk")).order_by())
    return {
        "planned": storm.transfer_count,
        **{status: ended.get(status, 0) for status in ("applied", "refused", "failed", "pending")},
        "applied_twice": storm.transfers.filter(status="applied").exclude(repeats=None).count(),
    }


def _count_audits(storm: Storm, findings: list[Finding]) -> dict[str, int]:
    return {
        "planned": storm.audit_count,
        "taken": len(findings),
        "torn": sum(finding.is_torn for finding in findings),
        "torn_unknown": sum(finding.explanation is None for finding in findings),
        "wrong_total": sum(bool(finding.audit.error) for finding in findings),
        "unexplained": sum(finding.explanation is not None and not finding.is_explained for finding in findings),
        "failed": storm.audits.filter(status=Audit.Status.FAILED).count(),
    }


def _count_damage(storm: Storm, history: evidence.History) -> dict[str, int]:
    """What is wrong for good: from the final balances, whatever the audits said."""
    return {
        "drift": storm.bank.total - storm.bank.opening_total,
        "lost_updates": sum(lost.overwritten_by is not None for lost in history.lost_updates()),
        "accounts_off": len(accounts_off(storm)),
    }


def accounts_off(storm: Storm) -> dict[int, int]:
    """For each account whose balance is not opening + in - out: by how much, by the account's primary key."""
    should_be = dict(storm.bank.accounts.values_list("pk", "opening_balance"))
    applied = storm.transfers.filter(repeats=None, status=Transfer.Status.APPLIED).order_by()
    for side, sign in (("source_id", -1), ("target_id", 1)):
        for pk, amount in applied.values_list(side).annotate(Sum("amount")):
            should_be[pk] += sign * amount
    balances = Account.objects.filter(bank_id=storm.bank_id).values_list("pk", "balance")
    return {pk: balance - should_be[pk] for pk, balance in balances if balance != should_be[pk]}


def _count_contention(storm: Storm) -> dict[str, Any]:
    """What transfers and audits went through together; how long transfers waited for locks, in milliseconds."""
    names = [name for name in Contended.COUNTERS if name != "waited_us"]
    of_transfers, of_audits = (
        rows.aggregate(**{name: Sum(name, default=0) for name in names}) for rows in (storm.transfers, storm.audits)
    )
    return {
        **{name: of_transfers[name] + of_audits[name] for name in names},
        "lock_wait_ms": _percentiles(storm.transfers.filter(ended_at__isnull=False)),
    }


def count_faults(storm: Storm) -> dict[str, int]:
    """How many faults of each kind were injected, and how often the watchdog did something, until now."""
    (faults,) = Storm.objects.filter(pk=storm.pk).values_list("faults", flat=True)
    return dict(sorted(Counter(fault["kind"] for fault in faults).items()))


def _percentiles(transfers: QuerySet[Transfer]) -> dict[str, float]:
    """The median and the 99th percentile of the waits. (PostgreSQL documentation: Ordered-Set Aggregate Functions.)"""
    waits = transfers.aggregate(
        **{name: Percentile(share, "waited_us") for name, share in (("p50", 0.5), ("p99", 0.99))}
    )
    return {name: round((wait_us or 0) / 1000, 3) for name, wait_us in waits.items()}


def _measure_speed(storm: Storm) -> dict[str, float]:
    """From the first transfer's beginning to the last one's end, by the workers' clocks."""
    span = storm.transfers.aggregate(
        begin=Min("started_at"), end=Max("ended_at"), ended=Count("pk", filter=~Q(status="pending"))
    )
    duration_s = (span["end"] - span["begin"]).total_seconds() if span["end"] else 0.0
    return {
        "duration_s": round(duration_s, 3),
        "transfers_per_second": round(span["ended"] / duration_s, 1) if duration_s else 0.0,
    }


def is_complete(storm: Storm) -> bool:
    """Whether every planned transfer has ended and every planned audit has been taken (or has failed)."""
    # From the end of the plan, which is done last: while the storm runs, the first row that is looked at answers.
    pending = storm.transfers.filter(status=Transfer.Status.PENDING, repeats=None).order_by("-pk")[:1]
    return not pending and storm.audits.count() >= storm.audit_count


def finish_if_complete(storm: Storm) -> bool:
    """Judge a running storm once its last operation has ended and nobody is at work on it; return whether we did.

    So it is the last one to leave that judges, after all have written down what their operations went through. Where
    two leave at once, both judge the same rows alike, and one of them ends the storm.
    """
    if not is_complete(storm) or count_at_work(storm.pk) or not storm.is_still_running():
        return False
    report = judge(storm) | {"state": Storm.State.FINISHED, "is_final": True}
    running = Storm.objects.filter(pk=storm.pk, state=Storm.State.RUNNING)
    return bool(running.update(state=Storm.State.FINISHED, report=report))


def report_on(storm: Storm) -> Report:
    """The storm's report: the one that was kept at its end, else one of how far it came.

    That one is kept as soon as it is final: the storm has ended, and nobody is at work on it any more.
    """
    storm.refresh_from_db(fields=["state", "reason", "report"])
    if storm.report is None:
        made = judge(storm)
        if not made["is_final"]:
            return made
        _keep(storm, made)
    elif storm.report.get("faults") != (faults := count_faults(storm)):  # the last ones came after its end
        _keep(storm, storm.report | {"faults": faults})
    return storm.report


def _keep(storm: Storm, made: Report) -> None:
    storm.report = made
    storm.save(update_fields=["report"])

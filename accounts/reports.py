"""What a storm came to: its rows read once, judged by the evidence, counted, and kept as the storm's report."""

from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from accounts import evidence, stories
from accounts.models import Account, Audit, Storm, Transfer
from accounts.models.bank import Bank

Report = dict[str, Any]


def read_history(bank: Bank) -> evidence.History:
    """The bank's rows as evidence.py wants them: every transfer that has written, or has begun to."""
    accounts = bank.accounts.values_list("pk", "opening_balance", "last_transfer")
    rows = bank.transfers.filter(started_at__isnull=False, status__in=["pending", "applied"]).values_list(
        "pk", "source_id", "target_id", "amount", "source_based_on", "target_based_on", "status"
    )
    return evidence.History(
        opening={pk: opening for pk, opening, _ in accounts},
        movements=(evidence.Movement(*row[:-1], applied=row[-1] == "applied") for row in rows.iterator(5000)),
        final={pk: token for pk, _, token in accounts},
    )


def explain_audits(history: evidence.History, audits: list[Audit]) -> dict[int, evidence.Explanation]:
    """The explanation of each audit that kept its readings, by primary key."""
    return evidence.explain(
        history,
        {
            audit.pk: {account: token for account, _balance, token in audit.readings}
            for audit in audits
            if audit.readings is not None
        },
    )


def judge(storm: Storm) -> Report:
    """Read the storm's rows, decide which audits are torn, note it on them, and return the report.

    May be called while the storm runs: it then says how far the storm has come.
    """
    history = read_history(storm.bank)
    audits = list(storm.audits.order_by("number"))
    explanations = explain_audits(history, audits)
    torn = [pk for pk, explanation in explanations.items() if explanation.torn]
    storm.audits.filter(pk__in=torn).update(torn=True)
    storm.audits.filter(pk__in=explanations.keys() - torn).update(torn=False)
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
        "audits": _count_audits(storm, audits, len(torn)),
        **_count_damage(storm, history),
        **_count_struggles(storm),
        **_measure_speed(storm),
        "story": _best_story(storm, history, audits, explanations),
    }


def _count_transfers(storm: Storm) -> dict[str, int]:
    planned = storm.transfers.filter(repeats=None)
    ended = dict(planned.values_list("status").annotate(Count("pk")).order_by())
    return {
        "planned": storm.transfer_count,
        **{status: ended.get(status, 0) for status in ("applied", "refused", "failed", "pending")},
        "applied_twice": storm.transfers.filter(status="applied").exclude(repeats=None).count(),
    }


def _count_audits(storm: Storm, audits: list[Audit], torn: int) -> dict[str, int]:
    taken = [audit for audit in audits if audit.status == Audit.Status.TAKEN]
    return {
        "planned": storm.audit_count,
        "taken": len(taken),
        "torn": torn,
        "torn_unknown": sum(audit.readings is None for audit in taken),
        "wrong_total": sum(audit.error != 0 for audit in taken),
        "failed": len(audits) - len(taken),
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


def _count_struggles(storm: Storm) -> dict[str, int]:
    sums = [
        rows.aggregate(deadlocks=Sum("deadlocks", default=0), retries=Sum("retries", default=0))
        for rows in (storm.transfers, storm.audits)
    ]
    return {name: sums[0][name] + sums[1][name] for name in ("deadlocks", "retries")}


def _measure_speed(storm: Storm) -> dict[str, float]:
    """From the first transfer's beginning to the last one's end, by the workers' clocks."""
    span = storm.transfers.aggregate(
        begin=Min("started_at"), end=Max("ended_at"), ended=Count("pk", filter=Q(ended_at__isnull=False))
    )
    duration_s = (span["end"] - span["begin"]).total_seconds() if span["end"] else 0.0
    return {
        "duration_s": round(duration_s, 3),
        "transfers_per_second": round(span["ended"] / duration_s, 1) if duration_s else 0.0,
    }


def _best_story(storm: Storm, history: evidence.History, audits: list[Audit], explanations: dict) -> str:
    """The torn audit that is easiest to understand: few half-seen transfers, no lost updates, much money."""
    torn = [audit for audit in audits if audit.pk in explanations and explanations[audit.pk].torn]
    if not torn:
        return ""
    numbers = dict(storm.bank.accounts.values_list("pk", "number"))
    audit = min(torn, key=lambda audit: _difficulty(audit, explanations[audit.pk]))
    story = stories.tell_audit(
        total=audit.total,
        expected_total=audit.expected_total,
        explanation=explanations[audit.pk],
        movements=history.movements,
        numbers=numbers,
    )
    return f"Audit {audit.pk}: {story}"


def _difficulty(audit: Audit, explanation: evidence.Explanation) -> tuple[int, int, int]:
    return explanation.lost_count, len(explanation.half_seen), -abs(audit.error)


def is_complete(storm: Storm) -> bool:
    """Whether every planned transfer has ended and every planned audit has been taken (or has failed)."""
    pending = storm.transfers.filter(status=Transfer.Status.PENDING, repeats=None).exists()
    return not pending and storm.audits.count() >= storm.audit_count


def finish_if_complete(storm: Storm) -> bool:
    """Judge a running storm once its last operation has ended; return whether it has.

    Several workers may come here at once: they judge the same rows alike, and one of them ends the storm.
    """
    if not is_complete(storm):
        return False
    running = Storm.objects.filter(pk=storm.pk, state=Storm.State.RUNNING)
    running.update(state=Storm.State.FINISHED, report=judge(storm) | {"state": Storm.State.FINISHED})
    return True

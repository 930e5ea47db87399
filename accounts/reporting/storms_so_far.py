"""How far storms have come that have no report yet: counted from their rows, of many storms at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from accounts.db.percentiles import Percentile
from accounts.models import Audit, Bank, Storm, Transfer


@dataclass(frozen=True)
class StormSoFar:
    """What the rows of one storm say now. What only the evidence can tell is not among it."""

    storm: Storm
    #: Transfers that have ended, in whatever way.
    done: int
    transfers_per_second: float
    #: How long these transfers waited for locks: the median, and what 99 % of them stayed below.
    wait_p50_ms: float
    wait_p99_ms: float
    #: Of transfers and audits together.
    deadlocks: int
    retries: int
    audits_taken: int
    #: While a storm runs, some of its audits are judged already.
    audits_judged: int
    audits_torn: int
    #: How much money the bank has more than at its opening.
    drift: int


def count_so_far(storms: Sequence[Storm]) -> dict[int, StormSoFar]:
    """For each storm (with its bank), by its primary key. Needs three queries, or none if there is no storm."""
    if not storms:
        return {}
    transfers = {row["storm_id"]: row for row in _count_transfers(storms)}
    audits = {row["storm_id"]: row for row in _count_audits(storms)}
    balances = dict(
        Bank.objects.filter(storm__in=storms).annotate(now=Sum("accounts__balance")).values_list("pk", "now")
    )
    return {
        storm.pk: _so_far(storm, transfers[storm.pk], audits.get(storm.pk, NO_AUDITS), balances[storm.bank_id])
        for storm in storms
    }


def _count_transfers(storms: Sequence[Storm]) -> QuerySet:
    ended = Q(ended_at__isnull=False)
    rows = Transfer.objects.filter(storm__in=storms).values("storm_id").order_by()
    return rows.annotate(
        done=Count("pk", filter=~Q(status=Transfer.Status.PENDING)),
        begin=Min("started_at"),
        end=Max("ended_at"),
        deadlocks=Sum("deadlocks"),
        retries=Sum("retries"),
        p50_us=Percentile(0.5, "waited_us", filter=ended),
        p99_us=Percentile(0.99, "waited_us", filter=ended),
    )


NO_AUDITS = {"taken": 0, "judged": 0, "torn_count": 0, "deadlocks": 0, "retries": 0}


def _count_audits(storms: Sequence[Storm]) -> QuerySet:
    rows = Audit.objects.filter(storm__in=storms).values("storm_id").order_by()
    return rows.annotate(
        taken=Count("pk", filter=Q(status=Audit.Status.TAKEN)),
        judged=Count("pk", filter=Q(torn__isnull=False)),
        torn_count=Count("pk", filter=Q(torn=True)),
        deadlocks=Sum("deadlocks"),
        retries=Sum("retries"),
    )


def _so_far(storm: Storm, transfers: dict[str, Any], audits: dict[str, Any], balance: int) -> StormSoFar:
    span_s = (transfers["end"] - transfers["begin"]).total_seconds() if transfers["end"] else 0
    return StormSoFar(
        storm=storm,
        done=transfers["done"],
        transfers_per_second=round(transfers["done"] / span_s, 1) if span_s else 0.0,
        wait_p50_ms=_ms(transfers["p50_us"]),
        wait_p99_ms=_ms(transfers["p99_us"]),
        deadlocks=transfers["deadlocks"] + audits["deadlocks"],
        retries=transfers["retries"] + audits["retries"],
        audits_taken=audits["taken"],
        audits_judged=audits["judged"],
        audits_torn=audits["torn_count"],
        drift=balance - storm.bank.opening_total,
    )


def _ms(waited_us: float | None) -> float:
    return round((waited_us or 0) / 1000, 3)

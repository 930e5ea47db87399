"""What is known of storms that have no report yet: measured from their rows, of many storms at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min, Q, Sum

from accounts.db.percentiles import Percentile
from accounts.models import Audit, Bank, Storm, Transfer
from accounts.storms.progress import Progress


@dataclass(frozen=True)
class StormSoFar:
    """What the rows of one storm say now. What only the evidence can tell is not among it."""

    storm: Storm
    progress: Progress
    transfers_per_second: float
    #: How long transfers waited for locks: the median, and what 99 % of them stayed below.
    wait_p50_ms: float
    wait_p99_ms: float
    #: Of transfers and audits together.
    deadlocks: int
    retries: int
    #: How much money the bank has more than at its opening.
    drift: int


# Of a storm whose plan is not written yet.
NO_TRANSFERS = {"began_at": None, "last_ended_at": None, "deadlocks": 0, "retries": 0, "p50_us": None, "p99_us": None}


def measure_so_far(storms: Sequence[Storm], progress: Mapping[int, Progress]) -> dict[int, StormSoFar]:
    """For each storm (with its bank), by its primary key. Needs three queries, or none if there is no storm."""
    if not storms:
        return {}
    transfers = {row["storm_id"]: row for row in _measure_transfers(storms)}
    audits = {row["storm_id"]: row for row in _count_contention_of_audits(storms)}
    balances = dict(
        Bank.objects.filter(storm__in=storms).annotate(now=Sum("accounts__balance")).values_list("pk", "now")
    )
    return {
        storm.pk: _so_far(
            storm,
            progress[storm.pk],
            transfers.get(storm.pk, NO_TRANSFERS),
            audits.get(storm.pk, {"deadlocks": 0, "retries": 0}),
            balance=balances[storm.bank_id],
        )
        for storm in storms
    }


def _measure_transfers(storms: Sequence[Storm]) -> Iterable[Mapping[str, Any]]:
    ended = Q(ended_at__isnull=False)
    rows = Transfer.objects.filter(storm__in=storms).values("storm_id").order_by()
    return rows.annotate(
        began_at=Min("started_at"),
        last_ended_at=Max("ended_at"),
        deadlocks=Sum("deadlocks"),
        retries=Sum("retries"),
        p50_us=Percentile(0.5, "waited_us", filter=ended),
        p99_us=Percentile(0.99, "waited_us", filter=ended),
    )


def _count_contention_of_audits(storms: Sequence[Storm]) -> Iterable[Mapping[str, Any]]:
    rows = Audit.objects.filter(storm__in=storms).values("storm_id").order_by()
    return rows.annotate(deadlocks=Sum("deadlocks"), retries=Sum("retries"))


def _so_far(
    storm: Storm, progress: Progress, transfers: Mapping[str, Any], audits: Mapping[str, Any], *, balance: int | None
) -> StormSoFar:
    began_at, last_ended_at = transfers["began_at"], transfers["last_ended_at"]
    span_s = (last_ended_at - began_at).total_seconds() if last_ended_at else 0
    return StormSoFar(
        storm=storm,
        progress=progress,
        transfers_per_second=round(progress.transfers_ended / span_s, 1) if span_s else 0.0,
        wait_p50_ms=_ms(transfers["p50_us"]),
        wait_p99_ms=_ms(transfers["p99_us"]),
        deadlocks=transfers["deadlocks"] + audits["deadlocks"],
        retries=transfers["retries"] + audits["retries"],
        drift=0 if balance is None else balance - storm.bank.opening_total,
    )


def _ms(waited_us: float | None) -> float:
    return round((waited_us or 0) / 1000, 3)

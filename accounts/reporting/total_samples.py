"""The audited totals of storms: as many of each as can be drawn, and always those that matter most."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Mod

from accounts.models import Audit, Storm
from accounts.reporting.charts.sparkline import Total


class Audited(NamedTuple):
    """Of `taken` audits these, in the plan's order: an even choice, both extremes, and all that are right by luck."""

    totals: list[Total]
    taken: int


def audited_totals(storms: Sequence[Storm], *, most: int) -> dict[int, Audited]:
    """For each storm that has audits, by its primary key. Of more than `most`, every second, third ... is chosen.

    Needs two queries, however many storms there are.
    """
    taken = Audit.objects.filter(storm__in=storms, status=Audit.Status.TAKEN)
    counts = taken.values("storm_id").annotate(count=Count("pk")).order_by().values_list("storm_id", "count")
    audited = {storm_id: Audited([], count) for storm_id, count in counts}
    for storm_id, number, total, torn in _drawn(taken, most):
        audited[storm_id].totals.append(Total(number, total, torn))
    return audited


def _drawn(taken: QuerySet[Audit], most: int) -> Iterable[tuple[int, int, int, bool | None]]:
    """Rows of storm, number, total, torn."""
    by_luck = Q(torn=True, total=F("expected_total"))
    extremes = (taken.order_by("storm_id", total, "number").distinct("storm_id") for total in ("total", "-total"))
    lowest, highest = (Q(pk__in=first.values("pk")) for first in extremes)
    chosen = taken.annotate(rest=Mod("number", (F("storm__audit_count") - 1) / most + 1))
    return (
        chosen.filter(Q(rest=0) | by_luck | lowest | highest)
        .order_by("storm_id", "number")
        .values_list("storm_id", "number", "total", "torn")
    )

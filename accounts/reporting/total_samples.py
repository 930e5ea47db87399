"""The audited totals of storms: as many of each as can be drawn, and always those that matter most."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import Audit, Storm
from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.audit_rows import KIND
from accounts.reporting.charts import AuditPoint
from accounts.reporting.even_choice import is_chosen

MAX_LUCKY = 50  # of those that are right by luck


@dataclass(frozen=True)
class TotalSample:
    """The audits of one storm that are drawn, among those that have a total."""

    #: In the order of the plan: an even choice, the lowest, the highest, and the first that are right by luck.
    points: list[AuditPoint]
    #: How many there are.
    taken: int

    @property
    def left_out(self) -> int:
        return self.taken - len(self.points)


def sample_totals(storms: Sequence[Storm], *, room: int) -> dict[int, TotalSample]:
    """The samples of the storms, by primary key. Of more than `room` planned audits, `room` and what matters are drawn.

    Audits are chosen by their numbers in the plan: while a storm runs, none that was chosen evenly goes away again.
    Needs three queries at the most, however many storms there are.
    """
    taken_audits = Audit.objects.filter(storm__in=storms, status=Audit.Status.TAKEN)
    counts = dict(
        taken_audits.values("storm_id").annotate(count=Count("pk")).order_by().values_list("storm_id", "count")
    )
    is_drawn = Q(is_chosen(F("number"), F("storm__audit_count"), room=room))
    matter = _that_matter([storm for storm in storms if storm.audit_count > room])
    sample_rows = taken_audits.filter(is_drawn | Q(pk__in=matter)).annotate(kind=KIND).order_by("storm_id", "number")
    rows: dict[int, list[Any]] = defaultdict(list)
    for storm_id, *row in sample_rows.values_list("storm_id", "pk", "number", "started_at", "total", "kind"):
        rows[storm_id].append(row)
    return {storm.pk: TotalSample(_points(rows[storm.pk]), counts.get(storm.pk, 0)) for storm in storms}


def _points(rows: list[tuple[int, int, datetime | None, int, str]]) -> list[AuditPoint]:
    """Their times are seconds since the first of them."""
    begin = min((started_at for _pk, _number, started_at, *_total in rows if started_at), default=None)
    return [
        AuditPoint(pk, number, _seconds(begin, started_at), total, AuditKind(kind))
        for pk, number, started_at, total, kind in rows
    ]


def _seconds(begin: datetime | None, moment: datetime | None) -> float:
    return round((moment - begin).total_seconds(), 3) if begin and moment else 0.0


def _that_matter(storms: Sequence[Storm]) -> list[int]:
    """The lowest audit of each storm, the highest, and the first right by luck: what an even choice would miss."""
    queries: list[QuerySet[Audit, tuple[int]]] = []
    for storm in storms:
        taken = storm.audits.filter(status=Audit.Status.TAKEN).values_list("pk")
        queries += [
            taken.order_by("total", "number")[:1],
            taken.order_by("-total", "number")[:1],
            taken.filter(torn=True, total=F("expected_total")).order_by("number")[:MAX_LUCKY],
        ]
    return [pk for (pk,) in queries[0].union(*queries[1:], all=True)] if queries else []

"""What befell a storm from outside: the faults that were injected, and what the watchdog did about them."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Storm
from accounts.reporting import charts

MOST_FAULTS = 50


class Fault(NamedTuple):
    """One line of the list, as it was recorded. `number` stands for it in the picture, if it has a place there."""

    number: int
    at_s: float | None
    kind: str
    what: str
    is_repair: bool

    @property
    def mark(self) -> charts.Mark | None:
        if self.at_s is None:
            return None
        return charts.Mark(self.number, self.at_s, f"{self.kind}: {self.what}"[:100], self.is_repair)


def faults_of(storm: Storm, begin: datetime) -> list[Fault]:
    """The first MOST_FAULTS, in the order in which they took place; times are seconds since `begin`."""
    return [_fault(number, noted, begin) for number, noted in enumerate(_in_order(storm.faults)[:MOST_FAULTS], 1)]


def _in_order(noted: list[dict]) -> list[dict]:
    """A fault is noted when it is over, with the time at which it began; those without a time come last."""
    undated = [one for one in noted if _moment(one) is None]
    return [*sorted((one for one in noted if one not in undated), key=_moment), *undated]


def _moment(noted: dict) -> datetime | None:
    """When it was, if that can be read."""
    with suppress(ValueError):  # a month 13
        moment = parse_datetime(str(noted.get("at", "")))
        if moment is not None and timezone.is_aware(moment):
            return moment
    return None


def _fault(number: int, noted: dict, begin: datetime) -> Fault:
    kind, moment = str(noted.get("kind", "unknown")), _moment(noted)
    return Fault(
        number=number,
        at_s=round((moment - begin).total_seconds(), 3) if moment else None,
        kind=kind.removeprefix(Storm.WATCHDOG),
        what=str(noted.get("what", "")),
        is_repair=kind.startswith(Storm.WATCHDOG),
    )

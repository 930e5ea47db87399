"""What happened to a storm from outside: the faults that were injected, and what the watchdog did about them."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Storm
from accounts.reporting import charts

MAX_FAULTS = 50

Noted = dict[str, Any]  # a fault as the storm's row has it; any key may be missing


class Fault(NamedTuple):
    """One line of the list."""

    #: It stands for the fault in the picture of the workers.
    number: int
    #: Seconds of the storm; None if that was not recorded.
    at_s: float | None
    kind: str
    what: str
    #: The watchdog did it.
    is_repair: bool

    @property
    def source(self) -> str:
        return "repair" if self.is_repair else "fault"

    @property
    def when(self) -> str:
        return "-" if self.at_s is None else f"{self.at_s:.3f}"

    @property
    def mark(self) -> charts.Mark | None:
        """Its mark in the picture; None if it has no place there."""
        if self.at_s is None:
            return None
        return charts.Mark(self.number, self.at_s, f"{self.kind}: {self.what}"[:100], self.is_repair)


@dataclass(frozen=True)
class FaultList:
    """The first MAX_FAULTS in the order in which they took place; those without a time come last."""

    faults: list[Fault]
    left_out: int

    @property
    def marks(self) -> list[charts.Mark]:
        return [fault.mark for fault in self.faults if fault.mark]


def faults_of(storm: Storm, begin: datetime) -> FaultList:
    """The faults of a storm, without a query; their times are seconds since `begin`."""
    in_order = _in_order(storm.faults)[:MAX_FAULTS]
    faults = [_fault(number, note, begin) for number, note in enumerate(in_order, start=1)]
    return FaultList(faults, left_out=len(storm.faults) - len(faults))


def _in_order(faults: Iterable[Noted]) -> list[Noted]:
    """A fault is noted when it is over, with the time at which it began."""
    moments = [(_moment(note), note) for note in faults]
    with_time = sorted(((moment, note) for moment, note in moments if moment), key=lambda fault: fault[0])
    return [note for _moment, note in with_time] + [note for moment, note in moments if not moment]


def _moment(note: Noted) -> datetime | None:
    """When it was, if that can be read."""
    with suppress(ValueError):  # a month 13
        moment = parse_datetime(str(note.get("at", "")))
        if moment is not None and timezone.is_aware(moment):
            return moment
    return None


def _fault(number: int, note: Noted, begin: datetime) -> Fault:
    kind, moment = str(note.get("kind", "unknown")), _moment(note)
    return Fault(
        number=number,
        at_s=round((moment - begin).total_seconds(), 3) if moment else None,
        kind=kind.removeprefix(Storm.WATCHDOG),
        what=str(note.get("what", "")),
        is_repair=kind.startswith(Storm.WATCHDOG),
    )

"""Every transfer strategy with every audit strategy, each cell a storm, each held against what it should come to."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from accounts import strategies
from accounts.errors import BankError
from accounts.models import Report, Storm
from accounts.storms.expectations import Outcome, among_workers, expected
from accounts.storms.launch import plan_storm


class Cell(NamedTuple):
    """One pair of strategies: a planned storm and how it must come out."""

    storm: Storm
    expected: Outcome


class Result(NamedTuple):
    """A cell, and the report of its storm."""

    cell: Cell
    report: Report
    relative_speed: float | None  # transfers/s in units of row_lock's under the same audits

    @property
    def came_out(self) -> Outcome:
        return Outcome.of(self.report)

    @property
    def agrees(self) -> bool:
        """Whether it came out as expected, and the evidence explains to the cent what each audit is off by."""
        return self.came_out is self.cell.expected and not self.report.audits.unexplained

    def as_values(self) -> dict[str, Any]:
        """The storm's report, with what was expected, ready for JSON."""
        return self.report.as_values() | {
            "expected": self.cell.expected.value,
            "came_out": self.came_out.value,
            "agrees": self.agrees,
            "relative_speed": self.relative_speed,
        }


def plan_matrix(*, only: list[str] | None = None, transfer_count: int, **choices: Any) -> list[Cell]:
    """Cells for all pairs, or for the pairs of these strategies; row_lock's come first, as the measure of speed.

    Raises BankError for an unknown strategy, or if no pair is left.
    """
    names = only or sorted({*strategies.names("transfer"), *strategies.names("audit")})
    known = {*strategies.names("transfer"), *strategies.names("audit")}
    for name in names:
        if name not in known:
            raise BankError(f"There is no strategy {name!r}: choose from {', '.join(sorted(known))}.")
    transfers = strategies.from_weak_to_strong(name for name in strategies.names("transfer") if name in names)
    transfers.sort(key=lambda name: name != "row_lock")
    audits = [name for name in strategies.names("audit") if name in names]
    cells = [
        plan_cell(transfer_with, audit_with, transfer_count=transfer_count, **choices)
        for transfer_with in transfers
        for audit_with in audits
    ]
    if not cells:
        raise BankError(
            f"There is no pair among {', '.join(names)}: name at least one that transfers and one that audits."
        )
    return cells


def plan_cell(
    transfer_with: str, audit_with: str, *, transfer_count: int, under_kills: bool = False, **choices: int
) -> Cell:
    """One pair of strategies; each cell takes a few seconds, and no transfers end before an audit has met them.

    So a pair that is much faster than row_lock gets more transfers, and one that is much slower fewer. An audit can
    only make the transfers beside it slower.
    """
    of_transfers, of_audits = strategies.pace(transfer_with), strategies.pace(audit_with)
    pace = min(of_transfers, of_audits) if of_audits < 1 else of_transfers
    storm = plan_storm(
        transfer_with=transfer_with,
        audit_with=audit_with,
        transfer_count=max(1, round(transfer_count * pace)),
        **choices,
    )
    among = among_workers(storm.worker_count)
    return Cell(storm, expected(transfer_with, audit_with, among=among, under_kills=under_kills))


def with_results(cells: list[Cell], reports: Iterator[Report]) -> Iterator[Result]:
    """Put each cell beside its report, as they come in."""
    speed_of_row_lock: dict[str, float] = {}
    for cell, report in zip(cells, reports, strict=True):
        speed = report.transfers_per_second
        if cell.storm.transfer_with == "row_lock":
            speed_of_row_lock[cell.storm.audit_with] = speed
        measure = speed_of_row_lock.get(cell.storm.audit_with)
        yield Result(cell, report, round(speed / measure, 2) if measure else None)

"""Storm after storm under faults, all strategies in turn: which one comes next, what it must not lose, the sums."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from accounts import faults, strategies
from accounts.evidence.rows import read_history
from accounts.models import Report, Storm
from accounts.storms.expectations import Outcome
from accounts.storms.matrix import Cell, plan_cell
from accounts.storms.report import accounts_off


def cells(*, seed: int, transfer_count: int, audit_count: int) -> Iterator[Cell]:
    """Planned storms without end: every transfer strategy in turn, each round with the next audit strategy."""
    transfers, audits = strategies.from_weak_to_strong(strategies.names("transfer")), strategies.names("audit")
    for number in count():
        turn, place = divmod(number, len(transfers))
        yield plan_cell(
            transfers[place],
            audits[(place + turn) % len(audits)],
            under_kills=True,
            transfer_count=transfer_count,
            audit_count=audit_count,
            seed=seed + number,
        )


def anomalies(cell: Cell, report: Report) -> list[str]:
    """What this storm has lost although its strategies promise not to, and what the evidence does not explain."""
    transfers, audits = report.transfers, report.audits
    suspects = {
        "is not finished": report.state != Storm.State.FINISHED,
        "pending transfers": transfers.pending,
        "audits missing": audits.missing,
        "audits unexplained": audits.unexplained,
        "accounts whose balance is not explained": _count_unexplained(cell.storm),
    }
    if strategies.is_transactional(report.transfer_with):
        suspects["transfers applied twice"] = transfers.applied_twice
    if cell.expected is not Outcome.BREAKS:
        suspects |= {"drift": report.drift, "lost updates": report.lost_updates, "accounts off": report.accounts_off}
    if cell.expected is Outcome.HOLDS:
        suspects |= {"torn audits": audits.torn, "wrong totals": audits.wrong_total}
    return [name if value is True else f"{value:,} {name}" for name, value in suspects.items() if value]


def _count_unexplained(storm: Storm) -> int:
    """How many accounts are off by another amount than the evidence says."""
    explained_amounts = {
        pk: sum(part.amount for part in parts) for pk, parts in read_history(storm.bank).accounts_off().items()
    }
    off = accounts_off(storm)
    return sum(off.get(pk) != explained_amounts.get(pk) for pk in off.keys() | explained_amounts.keys())


@dataclass
class Tally:
    """The sums over a soak."""

    storms: int = 0
    transfers: int = 0
    damaged: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    anomalies: list[str] = field(default_factory=list)
    peak_memory_mb: float = 0.0

    def add(self, storm: Storm, report: Report, anomalies: list[str]) -> None:
        """Add one storm, its report and what anomalies() says of it."""
        self.storms += 1
        self.transfers += report.transfers.ended
        self.damaged += bool(report.drift or report.accounts_off)
        self.faults.update(report.faults)
        self.anomalies += [f"{storm}, seed {storm.seed}: {anomaly}" for anomaly in anomalies]

    def as_values(self) -> dict[str, Any]:
        return {
            "storms": self.storms,
            "transfers": self.transfers,
            "faults": dict.fromkeys(faults.names(), 0) | dict(self.faults),
            "damaged_without_promise": self.damaged,
            "anomalies": self.anomalies,
            "peak_memory_mb": round(self.peak_memory_mb, 1),
        }

"""What proves the outcome of a check: a schedule, statements, or the report of a storm; into JSON, and back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.explorer.report import ReplayReport, ScheduleReport, StepReport
from accounts.models import Report


@dataclass(frozen=True)
class ScheduleProof:
    """One schedule that proves it, in columns."""

    columns: Mapping[str, str]  #: by session: what stands over its column
    report: ScheduleReport | ReplayReport

    @property
    def steps(self) -> tuple[StepReport, ...]:
        return self.report.steps

    @property
    def schedule(self) -> str:
        """As it is written; empty for one that did not come to its end."""
        ended = self.report.ended if isinstance(self.report, ReplayReport) else self.report
        return "" if ended is None else ended.schedule

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"columns": dict(self.columns), **self.report.as_values()}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "ScheduleProof":
        """What `as_values` gave."""
        kind = ReplayReport if "complete" in values else ScheduleReport
        return cls(values["columns"], kind.from_values(values))


@dataclass(frozen=True)
class StatementProof:
    """The statements that a session has sent."""

    statements: Sequence[str]

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"statements": list(self.statements)}


@dataclass(frozen=True)
class StormProof:
    """The report of a storm."""

    report: Report

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return self.report.as_values()


Proof = ScheduleProof | StatementProof | StormProof


def proof_from_values(values: Mapping[str, Any] | None) -> Proof | None:
    """What a proof's `as_values` gave; None for None."""
    if values is None:
        return None
    if "steps" in values:
        return ScheduleProof.from_values(values)
    if "statements" in values:
        return StatementProof(values["statements"])
    return StormProof(Report.from_values(values))

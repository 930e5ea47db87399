"""One storm in a table of storms: the same few words on the first page, in a row of storms and on the storms' list."""

from dataclasses import dataclass

from accounts.evidence.amounts import signed
from accounts.models import Storm
from accounts.storms.expectations import Outcome

NOTHING = "-"  # of a storm that has no report


@dataclass(frozen=True)
class StormLine:
    """What the report of a storm says, in words; "-" where there is none."""

    storm: Storm
    #: None if there is no report.
    outcome: Outcome | None
    verdict: str
    #: "3 / 200": torn audits, of all that were taken.
    torn: str
    drift: str


def storm_line(storm: Storm) -> StormLine:
    """The line of one storm, without a query."""
    report = storm.report
    if not report:
        return StormLine(storm, outcome=None, verdict=NOTHING, torn=NOTHING, drift=NOTHING)
    outcome = Outcome.of(report)
    torn = f"{report.audits.torn:,} / {report.audits.taken:,}"
    return StormLine(storm, outcome, outcome.value, torn, signed(report.drift))

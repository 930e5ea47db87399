"""What `lab run` shows of a file: how often what is wrong, and the worst schedule; into JSON, and back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.labs.proofs import ScheduleProof


@dataclass(frozen=True)
class CaseCounts:
    """How often what is wrong in a case, over all of its schedules."""

    schedules: int
    exhaustive: bool  #: whether these are all that there are
    counts: Mapping[str, int]  #: schedules by what is wrong with them, the worst first

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON; the counts are a list, as PostgreSQL's JSON keeps no order of names."""
        return {"schedules": self.schedules, "exhaustive": self.exhaustive, "counts": list(self.counts.items())}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "CaseCounts":
        """What `as_values` gave."""
        return cls(values["schedules"], values["exhaustive"], dict(values["counts"]))


@dataclass(frozen=True)
class Observation:
    """What `lab run` shows of a file."""

    case: CaseCounts
    compared: Mapping[str, CaseCounts]  #: other cases beside it, each by a sentence
    detail: str  #: on the worst schedule; empty if none is wrong
    worst: ScheduleProof | None

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            **self.case.as_values(),
            "compared": [(text, counts.as_values()) for text, counts in self.compared.items()],
            "detail": self.detail,
            "evidence": None if self.worst is None else self.worst.as_values(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Observation":
        """What `as_values` gave."""
        return cls(
            case=CaseCounts.from_values(values),
            compared={text: CaseCounts.from_values(counts) for text, counts in values["compared"]},
            detail=values["detail"],
            worst=None if values["evidence"] is None else ScheduleProof.from_values(values["evidence"]),
        )


@dataclass(frozen=True)
class Unexplorable:
    """A file whose schedules cannot be run."""

    reason: str

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"refusal": self.reason}


def observation_from_values(values: Mapping[str, Any]) -> Observation | Unexplorable:
    """What the `as_values` of either gave."""
    return Unexplorable(values["refusal"]) if "refusal" in values else Observation.from_values(values)

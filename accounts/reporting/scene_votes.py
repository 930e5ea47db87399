"""What a class has said of a scene, and what came of it: bars for the projector and for phones."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Storm
from accounts.reporting.charts import AnswerBar, answer_bars
from accounts.storms.expectations import Outcome
from accounts.storms.votes import count_votes, why_closed

# Of an outcome, after "17 of 23 said holds; ".
IT_IS = {
    Outcome.HOLDS: "it holds",
    Outcome.TORN: "it was torn",
    Outcome.BREAKS: "it breaks",
    Outcome.UNFINISHED: "it was not finished",
}


@dataclass(frozen=True)
class SceneVotes:
    """All votes on one storm."""

    storm: Storm
    bars: Sequence[AnswerBar]
    #: None before the storm has a report.
    outcome: Outcome | None
    #: Why no vote is taken; empty if one is.
    closed_because: str

    @property
    def came_true(self) -> str:
        """The choice that the storm has shown to be right; "" before that."""
        return self.outcome.value if self.outcome else ""

    @property
    def is_open(self) -> bool:
        return not self.closed_because

    @property
    def total(self) -> int:
        return sum(bar.number for bar in self.bars)

    @property
    def total_in_words(self) -> str:
        """ "1 person has voted"."""
        people = "1 person has" if self.total == 1 else f"{self.total:,} people have"
        return f"{people} voted"

    @property
    def result(self) -> str:
        """ "17 of 23 said holds; it was torn."; "" before there is a result, or if there was no vote."""
        if not self.total or self.outcome is None:
            return ""
        most = max(bar.number for bar in self.bars)
        first, *others = [bar.answer for bar in self.bars if bar.number == most]
        as_many = "".join(f", {most:,} {other}" for other in others)
        return f"{most:,} of {self.total:,} said {first}{as_many}; {IT_IS[self.outcome]}."

    @property
    def state(self) -> str:
        """Another text whenever anything of it is another."""
        return f"{self.storm.state}-{self.is_open}-{'-'.join(str(bar.number) for bar in self.bars)}"


def observe_votes(storm: Storm) -> SceneVotes:
    """The votes on a storm, and its outcome if it has ended. Needs one query; up to three while it waits."""
    outcome = Outcome.of(storm.report) if storm.has_ended and storm.report else None
    return SceneVotes(storm, answer_bars(count_votes(storm)), outcome, why_closed(storm))

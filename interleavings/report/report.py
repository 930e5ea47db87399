"""The report of an exploration: its verdict with the numbers behind it, and each schedule that went wrong."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from interleavings.engine.raced import raced_places
from interleavings.engine.scenario import count_switches
from interleavings.engine.step import Step
from interleavings.oracle.outcome import Outcome
from interleavings.report.refusals import DEADLOCK
from interleavings.report.text import AGAIN, report_text
from interleavings.report.timeline import WIDTH, timeline
from interleavings.report.values import report_values

Order = tuple[str, ...]


@dataclass(frozen=True)
class Ending:
    """One schedule that was run, and how it ended."""

    schedule: str  #: the calls in the order of their steps, as explore(..., schedule=) takes it
    weight: int  #: how many schedules it stands for: itself, and those that only swap steps that do not meet
    steps: Sequence[Step]
    outcome: Outcome
    hung: tuple[str, ...] = ()  #: the calls that would wait for ever
    broken: str = ""  #: what the invariant said
    names: Sequence[str] = ()  #: what the field calls what went wrong, where that can be told

    @property
    def reading_effort(self) -> tuple[int, int]:
        """Sorts the schedule first that is easiest to read: that with the fewest switches; of equals, the shortest.

        A reader follows one call for many steps more easily than two calls in turn. (Which one is the *shortest* is
        another question: engine/scenario.py, shortness().)
        """
        return count_switches(self.steps), len(self.steps)

    @property
    def is_raced(self) -> bool:
        """Whether calls that waited for one step went on by it, in an order that cannot be seen."""
        return bool(raced_places(self.steps))


@dataclass(frozen=True)
class Report:
    """What was found. Counts are of schedules, those that were pruned included."""

    calls: Mapping[str, str]  #: by name, where each was written
    exhaustive: bool  #: every schedule was run, or one that is equivalent to it
    schedules: int  #: how many schedules that were; if not exhaustive, how many were run
    run: int  #: how many were run
    about: float | None  #: of a sample, about how many there are (Knuth, 1975); None: it is none
    unmet: Sequence[str]  #: choices of the database that it never made, as beginnings of schedules: "A (B) (C) A>C"
    chosen_schedule: str | None  #: the only one that was to be run; None: all were
    endings: Sequence[Ending]
    anomalies: Sequence[Ending]  #: those that ended as no serial order does; the easiest to read first
    ignored_columns: Sequence[str]  #: "table.column" that differ between two equal runs: clocks, random values
    serial: Mapping[Order, Outcome]  #: how the calls end one after another
    duration_s: float
    upkeep_ms: Mapping[str, float]  #: of each schedule, to "set_back" the rows, to "read" and to "judge" them: medians
    explore_again: Callable[[str], "Report"] = field(repr=False)  #: runs one schedule of the same calls
    width: int = WIDTH  #: of the schedule's columns together, in characters; each has room for some words

    @property
    def serializable(self) -> bool:
        """Whether every schedule that was run ended as some serial order of its calls does."""
        return not self.anomalies

    @property
    def anomaly_count(self) -> int:
        """How many schedules ended as no serial order does."""
        return sum(ending.weight for ending in self.anomalies)

    @property
    def shown(self) -> Ending | None:
        """The schedule that is shown: the easiest to read of those that went wrong, or else that have a deadlock."""
        deadlocks = [ending for ending in self.endings if DEADLOCK in ending.outcome.refused.values()]
        return next(iter(self.anomalies), None) or min(deadlocks, key=attrgetter("reading_effort"), default=None)

    @property
    def raced(self) -> int:
        """In how many schedules the database decided on an order that cannot be seen.

        Each was run several times, so that both orders have most likely been met. `exhaustive` says that all schedules
        were run; it does not say that of these orders.
        """
        return sum(ending.weight for ending in self.endings if ending.is_raced)

    @property
    def refused(self) -> dict[str, int]:
        """By SQLSTATE: in how many schedules the database refused a call."""
        counts: Counter[str] = Counter()
        for ending in self.endings:
            for state in set(ending.outcome.refused.values()):
                counts[state] += ending.weight
        return dict(counts)

    def text(self, *, again: str = AGAIN) -> str:
        """The verdict, and the schedule that is shown.

        `again` is how to see that one again; "{schedule}" in it becomes the schedule.
        """
        return report_text(self, again=again)

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON. `witness` is the schedule that is shown; None if none went wrong."""
        return report_values(self)

    def replay(self, schedule: str = "") -> str:
        """Run a schedule again (that which is shown, if none is given); print it, and return it as text."""
        chosen = schedule or (self.shown or self.endings[0]).schedule
        steps = self.explore_again(chosen).endings[0].steps
        text = timeline(steps, self.calls, width=self.width, ignored=self.ignored_columns)
        print(text)
        return text

    def assert_serializable(self, *, allow: Collection[str] = (), sampled: bool = False) -> None:
        """Fail unless every schedule ended as if one call had run after the other, and all were run.

        `allow` names refusals that are no failure, by word or SQLSTATE: "deadlock" (serialization failures and locks
        that were not available are always allowed: a call may be written to be refused). `sampled`: be content with
        what was run, where there are too many schedules, or where the database did not make each of its choices.
        """
        deadlocks = 0 if {"deadlock", DEADLOCK} & set(allow) else self.refused.get(DEADLOCK, 0)
        if self.anomalies or deadlocks or not (self.exhaustive or sampled):
            raise AssertionError(report_text(self))

    def assert_possible(self, predicate: Callable[[Outcome], Any], what: str = "this outcome") -> None:
        """Fail unless some schedule ended so."""
        if not any(predicate(ending.outcome) for ending in self.endings):
            raise AssertionError(f"None of {self.schedules:,} schedules ended with {what}.")

    def assert_never(self, predicate: Callable[[Outcome], Any], what: str = "this outcome") -> None:
        """Fail if some schedule ended so; or if not all were run, as one of the others may."""
        bad = [ending for ending in self.endings if predicate(ending.outcome)]
        if bad:
            count = sum(ending.weight for ending in bad)
            first = min(bad, key=attrgetter("reading_effort"))
            shown = timeline(first.steps, self.calls, width=self.width, ignored=self.ignored_columns)
            raise AssertionError(f"{count:,} of {self.schedules:,} schedules ended with {what}. One of them:\n{shown}")
        if not self.exhaustive:
            raise AssertionError(f"No schedule of {self.run:,} that were run ended with {what}; not all were run.")

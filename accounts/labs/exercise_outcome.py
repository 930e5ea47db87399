"""What came of running a lab's exercise: the true answers, and how it goes wrong; into JSON, and back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.labs.catalogue import Lab
from accounts.labs.checked_file import CheckedFile, read_checked_file
from accounts.labs.grading import observe_work
from accounts.labs.observation import Observation
from accounts.labs.questions import as_answer
from accounts.labs.submission import Submission


@dataclass(frozen=True)
class Shown:
    """How an exercise goes wrong, and its text, whose lines the steps of the worst schedule name."""

    observation: Observation
    file: CheckedFile | None  #: None: it is too long to be shown

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return self.observation.as_values() | {"file": None if self.file is None else self.file.as_values()}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Shown":
        """What `as_values` gave."""
        return cls(Observation.from_values(values), CheckedFile.from_values(values["file"]))


@dataclass(frozen=True)
class ExerciseOutcome:
    """All that a run of an exercise gives."""

    truths: Mapping[str, int | str]  #: by question
    shown: Shown

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"truths": dict(self.truths), "shown": self.shown.as_values()}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "ExerciseOutcome":
        """What `as_values` gave."""
        return cls(values["truths"], Shown.from_values(values["shown"]))


def run_exercise(lab: Lab, student: str) -> ExerciseOutcome:
    """Run every schedule of the exercise as it was given, in this student's numbers. Raises BankError."""
    exercise = Submission(lab.exercise, lab.variant(student))
    truths = {name: as_answer(find(exercise.explore(case))) for name, (case, find) in lab.module.TRUTHS.items()}
    return ExerciseOutcome(truths, Shown(observe_work(lab, exercise), read_checked_file(lab.exercise)))

"""A class's predictions against the truth: who knew what, in which lab. Pure: records' values in, rows out."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.labs.catalogue import Lab
from accounts.labs.questions import Question

RIGHT, WRONG, OPEN, NONE = "right", "wrong", "open", "none"
SIGNS = {RIGHT: "\u2713", WRONG: "\u2717", OPEN: "?", NONE: "\u2212"}

MAX_NUMBERS, OTHERS = 5, "other numbers"


@dataclass(frozen=True)
class Mark:
    """One question: right, wrong, open (predicted, but not seen to run yet) or none (not predicted)."""

    question: str
    judgement: str
    #: What was predicted; None if nothing was.
    answer: int | str | None = None

    @property
    def sign(self) -> str:
        return SIGNS[self.judgement]


@dataclass(frozen=True)
class Progress:
    """One student in one lab. Without a record, nothing has been done."""

    lab: Lab
    marks: Sequence[Mark]
    hint_count: int = 0
    score: int | None = None
    max_score: int | None = None
    passed: bool = False

    def count(self, judgement: str) -> int:
        return sum(mark.judgement == judgement for mark in self.marks)

    @property
    def right(self) -> int:
        return self.count(RIGHT)

    @property
    def wrong(self) -> int:
        return self.count(WRONG)

    @property
    def open(self) -> int:
        return self.count(OPEN)

    @property
    def predicted(self) -> bool:
        return self.count(NONE) < len(self.marks)


@dataclass(frozen=True)
class Row:
    student: str
    cells: Sequence[Progress]


def progress(lab: Lab, record: Mapping[str, Any] | None) -> Progress:
    """How far a record says that its student has come. Its keys are those of `KEPT`."""
    record = record or {}
    prediction, truth = record.get("prediction") or {}, record.get("truth") or {}
    names = [name for name, _kind, _text in lab.readme.questions]
    return Progress(
        lab,
        [Mark(name, _judge(name, prediction, truth), prediction.get(name)) for name in names],
        record.get("hint_count", 0),
        record.get("verdict__score"),
        record.get("verdict__max_score"),
        record.get("passed", False),
    )


# What is to be read of a record. (Not all of its verdict: that holds whole schedules.)
KEPT = ("student", "lab", "prediction", "truth", "hint_count", "passed", "verdict__score", "verdict__max_score")


def board(labs: Sequence[Lab], records: Iterable[Mapping[str, Any]], students: Iterable[str]) -> list[Row]:
    """A row for each student, in this order; records of other students, or of labs that are gone, are left out."""
    by_place = {(record["student"], record["lab"]): record for record in records}
    return [Row(name, [progress(lab, by_place.get((name, lab.number))) for lab in labs]) for name in students]


def touched(labs: Sequence[Lab], records: Iterable[Mapping[str, Any]]) -> list[Lab]:
    """The labs of which there is a record."""
    numbers = {record["lab"] for record in records}
    return [lab for lab in labs if lab.number in numbers]


@dataclass(frozen=True)
class Tally:
    """One question for a whole class: how many said what came true, how many did not, and how many wait to see it."""

    text: str
    counts: Mapping[str, int]  # by judgement, in the order of SIGNS
    answers: Mapping[str, int]  # what was predicted: the choices in their order, or the most frequent numbers


def tallies(lab: Lab, cells: Sequence[Progress]) -> list[Tally]:
    """For each question of the lab, in their order. `cells` are its students' progress in it."""
    marks = [mark for cell in cells for mark in cell.marks]
    counts = Counter((mark.question, mark.judgement) for mark in marks)
    return [
        Tally(
            _with_letters(text),
            {judgement: counts[name, judgement] for judgement in SIGNS},
            _answers(Question(name, kind, text), marks),
        )
        for name, kind, text in lab.readme.questions
    ]


def _answers(question: Question, marks: Iterable[Mark]) -> dict[str, int]:
    """Of numbers, those that most said: where each student has other ones, they are as many as the students."""
    answers = Counter(str(mark.answer) for mark in marks if mark.question == question.name and mark.answer is not None)
    if question.choices:
        return {choice: answers[choice] for choice in question.choices}
    frequent = dict(answers.most_common(MAX_NUMBERS))
    other_count = answers.total() - sum(frequent.values())
    return frequent | ({OTHERS: other_count} if other_count else {})


def _with_letters(text: str) -> str:
    """Each student has other numbers: the letters that stand for them."""
    return re.sub(r"\{(\w+)\}", r"\1", text)


def _judge(name: str, prediction: Mapping[str, Any], truth: Mapping[str, Any]) -> str:
    if name not in prediction:
        return NONE
    if name not in truth:
        return OPEN
    return RIGHT if prediction[name] == truth[name] else WRONG

"""How answers are split: a bar for each, as long as its share of all, with its number."""

from collections.abc import Mapping
from typing import NamedTuple


class AnswerBar(NamedTuple):
    """One answer."""

    answer: str
    number: int
    #: Of all answers.
    percent: float


def answer_bars(counts: Mapping[str, int]) -> list[AnswerBar]:
    """The bars in the order of the counts. What is counted 0 times has one too, without a length."""
    whole = sum(counts.values()) or 1
    return [AnswerBar(answer, count, round(100 * count / whole, 1)) for answer, count in counts.items()]

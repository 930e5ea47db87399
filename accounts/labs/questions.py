"""Questions to be answered before the run: what may be answered, and whether it came true."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.errors import BankError

NUMBER, YES_NO = "number", "yes or no"
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Question:
    """Asked in the README; answered with a number, yes or no, or one of the words that are listed."""

    name: str
    kind: str
    text: str

    def parse(self, given: str) -> int | str:
        """The answer as it is kept. Raises BankError for one that cannot be."""
        word = given.strip().lower()
        if self.kind == NUMBER:
            if not re.fullmatch(r"[-+]?\d{1,9}", word.replace(",", "")):
                raise BankError(f"{given!r} is no answer: give a whole number, such as 4 or -30.")
            return int(word.replace(",", ""))
        for choice in self.choices:
            if word and (word == choice.lower() or (self.kind == YES_NO and choice.startswith(word))):
                return choice
        raise BankError(f"{given!r} is no answer: choose one of {', '.join(self.choices)}.")

    @property
    def words(self) -> str:
        """The text without the marks of code in it, to be quoted in a sentence."""
        return self.text.replace("`", "")

    @property
    def choices(self) -> list[str]:
        """What may be answered; nothing for a number."""
        if self.kind == NUMBER:
            return []
        return [YES, NO] if self.kind == YES_NO else [choice.strip() for choice in self.kind.split(",")]


class AnswersRefused(BankError):
    """Some answers are missing or cannot be: the message is on the first, `reasons` has all by the question's name."""

    def __init__(self, lab_number: int, reasons: Mapping[Question, str]) -> None:
        first, reason = next(iter(reasons.items()))
        super().__init__(f'Lab {lab_number} asks: "{first.words}" {reason}')
        self.reasons = {question.name: reason for question, reason in reasons.items()}


def as_answer(truth: Any) -> int | str:
    """What was found, in the words in which it is answered."""
    return (YES if truth else NO) if isinstance(truth, bool) else truth

"""Questions to be answered before the run: what may be answered, and whether it came true."""

import re
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
                raise BankError(f"{self.name} cannot be {given!r}: give a whole number, such as 4 or -30.")
            return int(word.replace(",", ""))
        for choice in self.choices:
            if word and (word == choice.lower() or (self.kind == YES_NO and choice.startswith(word))):
                return choice
        raise BankError(f"{self.name} cannot be {given!r}: answer {', '.join(self.choices)}.")

    @property
    def choices(self) -> list[str]:
        """What may be answered; nothing for a number."""
        if self.kind == NUMBER:
            return []
        return [YES, NO] if self.kind == YES_NO else [choice.strip() for choice in self.kind.split(",")]


def as_answer(truth: Any) -> int | str:
    """What was found, in the words in which it is answered."""
    return (YES if truth else NO) if isinstance(truth, bool) else truth

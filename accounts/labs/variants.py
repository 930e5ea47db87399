"""Each student's own numbers: which accounts, which way, how much. From the student's name and the lab, and no luck."""

import hashlib
from dataclasses import dataclass
from typing import Any

AMOUNTS = range(10, 100)
ACCOUNTS = 3


@dataclass(frozen=True)
class Variant:
    """What stands for the letters in a lab's text and cases: three different accounts, three different amounts."""

    a: int
    b: int
    c: int
    amount: int
    other: int
    third: int

    def fill(self, text: str) -> str:
        """The text with the letters in braces replaced: "{a}>{b}:{amount}" becomes "3>1:42"."""
        return text.format_map(self.values())

    def values(self) -> dict[str, Any]:
        """The letters, and `first` and `second`: accounts 1 and 2, in this student's direction."""
        first, second = (1, 2) if self.a < self.b else (2, 1)
        return vars(self) | {"first": first, "second": second}


def variant_of(student: str, lab: str) -> Variant:
    """The same student has the same variant of a lab on every machine."""
    name = f"{student}/{lab}".encode(errors="surrogateescape")  # a folder's name may be no text
    digest = hashlib.sha256(name).digest()
    accounts = _choose(range(1, ACCOUNTS + 1), digest[:3])
    return Variant(*accounts, *_choose(AMOUNTS, digest[3:6]))


def _choose(among: range, draws: bytes) -> list[int]:
    """As many different ones as there are draws."""
    left = list(among)
    return [left.pop(draw % len(left)) for draw in draws]

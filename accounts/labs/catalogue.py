"""The labs: every folder exercises/labNN_..., found by itself."""

import importlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

from accounts.errors import BankError
from accounts.labs.checks import Check
from accounts.labs.questions import Question
from accounts.labs.readme import Readme, parse
from accounts.labs.variants import Variant, variant_of

EXERCISES = Path(__file__).parent / "exercises"
FOLDER = re.compile(r"lab(\d\d)_\w+")


@dataclass(frozen=True)
class Lab:
    """One exercise and everything that belongs to it."""

    number: int
    folder: Path

    @property
    def name(self) -> str:
        """ "lab02_missed_lock": the folder's, and the file's that a student works on."""
        return self.folder.name

    @cached_property
    def readme(self) -> Readme:
        return parse((self.folder / "README.md").read_text(encoding="utf-8"))

    @property
    def title(self) -> str:
        return self.readme.title

    @property
    def exercise(self) -> Path:
        return self.folder / "exercise.py"

    @property
    def solution(self) -> Path:
        return self.folder / "solution.py"

    @property
    def wrong_answers(self) -> list[Path]:
        return sorted((self.folder / "wrong").glob("*.py"))

    @property
    def checks(self) -> list[Check]:
        checks: list[Check] = self.module.CHECKS
        return checks

    @property
    def module(self) -> ModuleType:
        """Its checks.py."""
        return importlib.import_module(f"{__package__}.{EXERCISES.name}.{self.name}.checks")

    @property
    def app(self) -> Path | None:
        """The folder of an app whose models its files use beside the bank's; None if there is none."""
        return getattr(self.module, "APP", None)

    def variant(self, student: str) -> Variant:
        return variant_of(student, self.name)

    def questions(self, variant: Variant) -> list[Question]:
        return [Question(name, kind, variant.fill(text)) for name, kind, text in self.readme.questions]


def all_labs() -> list[Lab]:
    """In the order of their numbers."""
    matches = (FOLDER.fullmatch(path.name) for path in EXERCISES.iterdir() if path.is_dir())
    return sorted((Lab(int(match[1]), EXERCISES / match[0]) for match in matches if match), key=lambda lab: lab.number)


def find_lab(number_text: str | int) -> Lab:
    """The lab of this number. Raises BankError naming those that there are."""
    labs = {str(lab.number): lab for lab in all_labs()}
    number = str(number_text).strip().lstrip("0")
    if number not in labs:
        raise BankError(f"There is no lab {str(number_text)!r}: choose one of {', '.join(labs)}.")
    return labs[number]

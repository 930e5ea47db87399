"""A student's file, to be checked: explored, or asked what it assigns to a name."""

from pathlib import Path
from typing import Any, Protocol, TypeVar

from accounts.errors import BankError
from accounts.explorer.strategy_files import look_at
from accounts.labs.variants import Variant

Explored = TypeVar("Explored", covariant=True)


class Explorable(Protocol[Explored]):
    """A case, of a bank (cases.py) or of a race (race_cases.py): it gives Schedules, or RaceSchedules."""

    def explore(self, file: Path, variant: Variant, /) -> Explored: ...


class Submission:
    """One file, with its student's variant."""

    def __init__(self, file: Path, variant: Variant) -> None:
        self.file = file
        self.variant = variant
        self._explored: dict[int, tuple[object, Any]] = {}  # by id(case), which is no other case's while it is kept

    def explore(self, case: Explorable[Explored]) -> Explored:
        """Every schedule of the case with this file; run once, however many checks ask. Raises BankError."""
        if id(case) not in self._explored:
            self._explored[id(case)] = case, case.explore(self.file, self.variant)
        explored: Explored = self._explored[id(case)][1]
        return explored

    def value(self, name: str) -> Any:
        """What the file assigns to a name at its top level. Raises BankError if nothing."""
        _original, module = look_at(str(self.file), self.file)
        if not hasattr(module, name):
            raise BankError(f"{self.file.name} has no {name}: write {name} = ... at its top level.")
        return getattr(module, name)

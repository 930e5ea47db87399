"""A student's file, to be checked: explored, or asked what it assigns to a name."""

from pathlib import Path
from typing import Any, Protocol

from accounts.errors import BankError
from accounts.explorer.strategy_files import look_at
from accounts.labs.schedules import Schedules
from accounts.labs.variants import Variant


class Explorable(Protocol):
    """A case (see cases.py)."""

    def explore(self, file: Path, variant: Variant) -> Schedules: ...


class Submission:
    """One file, with its student's variant."""

    def __init__(self, file: Path, variant: Variant) -> None:
        self.file = file
        self.variant = variant
        self._explored: dict[int, tuple[Explorable, Schedules]] = {}

    def explore(self, case: Explorable) -> Schedules:
        """Every schedule of the case with this file; run once, however many checks ask. Raises BankError."""
        if id(case) not in self._explored:
            self._explored[id(case)] = case, case.explore(self.file, self.variant)
        return self._explored[id(case)][1]

    def value(self, name: str) -> Any:
        """What the file assigns to a name at its top level. Raises BankError if nothing."""
        _original, module = look_at(str(self.file), self.file)
        if not hasattr(module, name):
            raise BankError(f"{self.file.name} has no {name}: write {name} = ... at its top level.")
        return getattr(module, name)

"""A student's file, to be checked: explored, loaded, or read as text, each no more often than is needed."""

from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from accounts.labs.explored import Explored
from accounts.labs.variants import Variant
from accounts.scenarios import find_strategy


class Explorable(Protocol):
    """A case (see cases.py)."""

    def explore(self, file: Path, variant: Variant) -> Explored: ...


class Submission:
    """One file, with its student's variant."""

    def __init__(self, file: Path, variant: Variant) -> None:
        self.file = file
        self.variant = variant
        self._explored: dict[int, tuple[Explorable, Explored]] = {}

    def explore(self, case: Explorable) -> Explored:
        """Every schedule of the case with this file; run once, however many checks ask. Raises BankError."""
        if id(case) not in self._explored:
            self._explored[id(case)] = case, case.explore(self.file, self.variant)
        return self._explored[id(case)][1]

    def load(self, function: str) -> ModuleType:
        """The file as a module of its own. Raises BankError if it cannot be imported or lacks the function."""
        return find_strategy(str(self.file), function).copy("a look at it")

    def value(self, name: str) -> Any:
        """What the file assigns to a name at its top level; None if nothing. Raises BankError as load() does."""
        return getattr(self.load("transfer"), name, None)

"""What an action of `manage.py lab` works with: a student in a lab, and where to print."""

from dataclasses import dataclass
from functools import cached_property

from django.core.management.base import OutputWrapper
from rich.console import Console

from accounts.labs import records
from accounts.labs.catalogue import Lab
from accounts.labs.variants import Variant
from accounts.management.labs import say_prose
from accounts.models import LabRecord


@dataclass
class Context:
    """One call of an action."""

    student: str
    lab: Lab
    console: Console
    stdout: OutputWrapper

    @cached_property
    def record(self) -> LabRecord:
        """The student's record in this lab; a new one if there is none."""
        return records.record_of(self.student, self.lab)

    @property
    def variant(self) -> Variant:
        """The student's own numbers."""
        return self.lab.variant(self.student)

    def say_prose(self, text: str) -> None:
        """Print one of the lab's texts, with the student's own numbers for the letters in braces."""
        say_prose(self.console, self.variant.fill(text))

    def say_task(self) -> None:
        """Print what is to be repaired."""
        self.say_prose(f"Your task: {self.lab.readme.task}")
        self.console.print()

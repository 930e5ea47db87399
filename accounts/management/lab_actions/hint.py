"""`lab hint N`: one hint more."""

from django.core.management.base import CommandParser

from accounts.labs import records
from accounts.management.lab_actions.context import Context

HELP = "unfold one hint more, three in all"
EXAMPLE = "lab hint 2"


def add_arguments(parser: CommandParser) -> None:
    """It has no options of its own."""


def run(context: Context, **_options: object) -> None:
    count = records.unfold_hint(context.record)
    hints = enumerate(context.lab.readme.hints[:count], start=1)
    context.say_prose("\n".join(f"{number}. {_indent(hint)}" for number, hint in hints))


def _indent(hint: str) -> str:
    """The text as Markdown wants what goes on in a list."""
    return hint.replace("\n", "\n   ")

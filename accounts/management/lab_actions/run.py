"""`lab run N`: what happens in every schedule, against what the student has predicted."""

from pathlib import Path

from django.core.management.base import CommandParser

from accounts.errors import BankError
from accounts.labs import examination, records
from accounts.labs.working_files import working_file
from accounts.management.lab_actions.context import Context
from accounts.management.labs import print_observed, print_truth, say

HELP = "see what happens, and whether you knew"
EXAMPLE = "lab run 2"


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--file", type=Path, metavar="F", help="run this file (default: yours in my_labs/)")
    parser.add_argument("--anyway", action="store_true", help="without a prediction; none is taken afterwards")


def run(context: Context, *, file: Path | None, anyway: bool, **_options: object) -> None:
    if not (records.may_see_answers(context.record) or anyway):
        raise BankError(
            f"First say what you expect: `manage.py lab predict {context.lab.number}`. "
            "(To look without a prediction, say --anyway.)"
        )
    observation = examination.observe(context.lab, file or working_file(context.lab), student=context.student)
    truths = records.show(context.record, context.lab)
    say(context.console, "The exercise as it was given:", "bold")
    print_truth(context.console, context.lab, context.record, truths)
    context.console.print()
    print_observed(context.console, observation)
    context.console.print()
    context.say_task()

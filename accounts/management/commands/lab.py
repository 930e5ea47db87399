"""Classroom labs: predict, do, observe, repair, be checked."""

import argparse
import getpass
from types import ModuleType
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from accounts.errors import BankError
from accounts.labs.catalogue import all_labs, find_lab
from accounts.management.command import AnyOrderParser, BankCommand, HelpFormatter
from accounts.management.lab_actions import check, grade, hint, predict, queue, run, solution, start, watch
from accounts.management.lab_actions.context import Context
from accounts.management.labs import WIDTH, print_list, say
from accounts.models import LabRecord

MAX_NAME = LabRecord._meta.get_field("student").max_length or 0
NEXT_EXAMPLE = "\n  manage.py"
# Those of a student in a lab; those of a class have neither.
ACTIONS: dict[str, ModuleType] = {
    "start": start,
    "predict": predict,
    "run": run,
    "check": check,
    "watch": watch,
    "hint": hint,
    "solution": solution,
}
OF_A_CLASS: dict[str, ModuleType] = {"grade": grade, "queue": queue}


class Command(BankCommand):
    help = "Labs: predict, do, observe, repair, be checked. Without anything more, list them with your progress."
    examples = "".join(
        f"\n  manage.py {action.EXAMPLE:<60} {action.HELP}" for action in (ACTIONS | OF_A_CLASS).values()
    )

    def add_arguments(self, parser: CommandParser) -> None:
        _add_student(parser, default=None)
        actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=AnyOrderParser)
        for name, action in ACTIONS.items():
            of_action = _add_parser(actions, name, action, more_help=getattr(action, "MORE_HELP", ""))
            of_action.add_argument("lab", metavar="N", help="the number of the lab")
            _add_student(of_action, default=argparse.SUPPRESS)  # it may have been said before the action
            action.add_arguments(of_action)
        for name, action in OF_A_CLASS.items():
            action.add_arguments(_add_parser(actions, name, action, more_help=f"\n{action.MORE_HELP}"))

    def make_rich_console(self, **options: Any) -> Console:
        console = super().make_rich_console(**options)
        console.width = min(console.width, WIDTH)
        return console

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.needs_database = options["action"] != "grade"  # nothing of ours is within reach while a class is marked
        return super().execute(*args, **options)

    def handle(self, *, action: str | None, student: str | None = None, lab: str | None = None, **options: Any) -> None:
        if action == "grade":
            grade.run(self.console, self.stdout, **options)
            return
        if action == "queue":
            queue.run(self.console, **options)
            return
        student = _name(student or _login())
        if action is None or lab is None:
            self._list(student)
            return
        ACTIONS[action].run(Context(student, find_lab(lab), self.console, self.stdout), **options)

    def _list(self, student: str) -> None:
        records = LabRecord.objects.filter(student=student)
        say(self.console, f"Labs of {student}. Begin with `manage.py lab start N`.")
        print_list(self.console, all_labs(), {record.lab: record for record in records})


def _add_parser(actions: Any, name: str, action: ModuleType, *, more_help: str = "") -> CommandParser:
    """A parser for one action, with its help and its example."""
    parser: CommandParser = actions.add_parser(
        name,
        help=action.HELP,
        description=f"{action.HELP[0].upper()}{action.HELP[1:]}.",
        formatter_class=HelpFormatter,
        epilog=f"example{'s' * more_help.startswith(NEXT_EXAMPLE)}:\n  manage.py {action.EXAMPLE}{more_help}",
    )
    return parser


def _add_student(parser: CommandParser, *, default: Any) -> None:
    whose = "whose numbers and progress (default: the name that this system knows you by)"
    parser.add_argument("--student", metavar="NAME", default=default, help=whose)


def _name(given: str) -> str:
    """The student's name as it is kept. Raises BankError for one that cannot be."""
    name = given.strip()
    if not name.isprintable() or not 1 <= len(name) <= MAX_NAME:
        raise BankError(
            f"A student's name cannot be {name[:40]!r}: say one with --student NAME, up to {MAX_NAME} letters."
        )
    return name


def _login() -> str:
    """The name that this system knows its user by. Raises BankError where it knows only a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # OSError from Python 3.13 on
        raise BankError("This system knows no name of yours: say one with --student NAME.") from error

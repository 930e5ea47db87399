"""`lab solution N`: one repair that holds."""

from django.core.management.base import CommandParser

from accounts.errors import BankError
from accounts.management.lab_actions.context import Context

HELP = "one repair that holds, once yours has passed"
EXAMPLE = "lab solution 2"


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--reveal", action="store_true", help="also before yours has passed")


def run(context: Context, *, reveal: bool, **_options: object) -> None:
    if not context.record.passed and not reveal:
        raise BankError(
            f"Yours has not passed yet: `manage.py lab hint {context.lab.number}` helps. "
            "--reveal prints the solution all the same; your file, hints and marks stay as they are."
        )
    context.stdout.write(context.lab.solution.read_text(encoding="utf-8"))

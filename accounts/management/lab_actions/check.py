"""`lab check N`: the student's file is graded by proof."""

from pathlib import Path

from django.core.management.base import CommandParser

from accounts.labs import examination, records
from accounts.labs.verdict import State
from accounts.labs.working_files import working_file
from accounts.management.arguments import to_json
from accounts.management.lab_actions.context import Context
from accounts.management.labs import print_verdict

HELP = "grade your file; exit status 0 if it passes, 1 if not, 3 if it is not graded yet"
EXAMPLE = "lab check 2 --json"
STATUS = {State.PASSED: 0, State.FAILED: 1, State.UNDECIDED: 3}


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--file", type=Path, metavar="F", help="check this file (default: yours in my_labs/)")
    parser.add_argument("--no-storm", action="store_true", help="only what the explorer proves; takes less time")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")


def run(context: Context, *, file: Path | None, no_storm: bool, json: bool, **_options: object) -> None:
    verdict = examination.check(
        context.lab, file or working_file(context.lab), student=context.student, with_storm=not no_storm
    )
    records.keep(context.record, verdict)
    if json:
        context.stdout.write(to_json(verdict.as_values()))
    else:
        print_verdict(context.console, verdict)
        if verdict.is_passed:
            context.console.print("\nRead next:")
            context.say_prose(context.lab.readme.read_next)
    if STATUS[verdict.state]:
        raise SystemExit(STATUS[verdict.state])

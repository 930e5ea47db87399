"""`lab watch N`: the student's file is checked again whenever it is saved."""

from pathlib import Path

from django.core.management.base import CommandParser
from django.db import close_old_connections
from django.utils import timezone

from accounts.errors import BankError
from accounts.labs import examination, records
from accounts.labs.saved_file import saves
from accounts.labs.verdict import LabVerdict
from accounts.labs.working_files import working_file
from accounts.management.lab_actions.context import Context
from accounts.management.labs import print_proof, say, say_verdict

HELP = "check your file again whenever you save it; Ctrl-C ends it"
EXAMPLE = "lab watch 2"
MORE_HELP = """
  manage.py lab watch 2 my_fix.py
  manage.py lab watch 2 --student anna

Each time it prints the time, the verdict, and the shortest schedule that refutes the file. A file that is not there yet
is waited for. The result is recorded as that of `lab check`, but no storm is run: it confirms only, and takes long.

exit status:
  130  interrupted: it ends in no other way, unless the database is gone (1)
"""


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="this file (default: yours in my_labs/)")


def run(context: Context, *, file: Path | None, **_options: object) -> None:
    watched_file = file or working_file(context.lab)
    say(context.console, f"{watched_file} is checked whenever it is saved. Ctrl-C ends this.")
    for is_there in saves(watched_file):
        if not is_there:
            _say_now(context, f"There is no file {watched_file}: it is waited for.")
            continue
        close_old_connections()  # hours may have passed: is the database still there?
        try:
            verdict = examination.check(context.lab, watched_file, student=context.student, with_storm=False)
        except BankError as refusal:  # it was there a moment ago, or may not be read
            _say_now(context, str(refusal))
            continue
        records.keep(context.record, verdict)
        _print(context, verdict)


def _say_now(context: Context, text: str, style: str = "") -> None:
    say(context.console, f"{timezone.localtime():%H:%M:%S}  {text}", style)


def _print(context: Context, verdict: LabVerdict) -> None:
    """The verdict in one line; what it says of the first check that has not passed, and the schedule."""
    _say_now(context, say_verdict(verdict), "bold")
    check = verdict.first_undecided or verdict.first_failed
    if check is not None:
        say(context.console, check.outcome.message)
        print_proof(context.console, check.outcome.proof)

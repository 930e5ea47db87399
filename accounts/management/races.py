"""`manage.py explore FILE`: a file of races explored, and how what was found is printed."""

import shlex
import sys
from collections.abc import Callable
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from accounts.errors import BankError
from accounts.explorer.races import explore_races
from accounts.management.arguments import to_json
from accounts.management.output import STANDARD_OUTPUT, check_targets, write_whole
from interleavings import Report
from interleavings.report.html import as_html
from interleavings.report.timeline import timeline

IS_WRONG, CANNOT_EXPLORE, NOT_ALL = 1, 2, 3
OF_THE_BANK = (
    "transfer_with",
    "audit_with",
    "transfers",
    "audits",
    "accounts",
    "processes",
    "list",
    "sql",
    "code",
    "jobs",
)
OF_BOTH = ("schedule", "limit", "seed", "prune")
OF_A_FILE = ("app", "allow_deadlocks")
OF_THE_OUTPUT = ("html", "force")


def add_race_arguments(parser: CommandParser) -> None:
    """The file, and the options that only go with one."""
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="a file of your own with session_NAME() functions, two to six, and setup(), if you like: explored on any "
        "model, in a database that is made for it. Exit status 0: each schedule ends as a serial order does; 1: not; "
        "2: it cannot be explored; 3: nothing wrong was found, and not all schedules were run",
    )
    group = parser.add_argument_group("with a FILE")
    group.add_argument(
        "--app",
        action="append",
        default=[],
        metavar="PATH",
        help="the folder of a Django app that the file uses, with its models.py; may be given several times",
    )
    group.add_argument("--allow-deadlocks", action="store_true", help="a deadlock is no failure: sessions begin again")
    parser.add_argument("--html", metavar="NAME", help="write the report into this file, one self-contained page")
    parser.add_argument("--force", action="store_true", help="replace that file if it is there already")


def check_goes_together(options: dict[str, Any], defaults: Callable[[str], Any]) -> None:
    """Raise CommandError for options that mean nothing with what is explored: the matrix, a file, or the bank.

    `defaults` gives the default of an option by its name.
    """
    others: tuple[str, ...]
    if options["matrix"]:
        others, advice = (*OF_THE_BANK, *OF_A_FILE, *OF_BOTH, *OF_THE_OUTPUT, "file"), "with --matrix"
    elif options["file"]:
        others, advice = OF_THE_BANK, "beside a file"
    else:
        others, advice = OF_A_FILE, "without a file of sessions"
    for name in others:
        if options[name] != defaults(name):
            option = {"file": "FILE", "prune": "--no-prune"}.get(name, f"--{name.replace('_', '-')}")
            raise CommandError(f"{option} means nothing {advice}: leave it out.", returncode=2)


def run_races(file: str, *, say: Callable[[str], None], as_json: bool, **options: Any) -> None:
    """Explore the file, print what was found, and end with its exit status if that is not 0.

    `say` prints on the command's own output.
    """
    try:
        check_html(options["html"], force=options["force"])
        report = explore_races(file, apps=options["app"], **{name: options[name] for name in OF_BOTH})
        if options["html"]:
            write_whole(options["html"], as_html(report, title=file))
    except BankError as refusal:
        raise CommandError(str(refusal), returncode=CANNOT_EXPLORE) from refusal
    is_single = options["schedule"] is not None
    if as_json:
        say(to_json(report.as_values()))
    else:
        say(_as_text(report, again=_again(file, options["app"]), is_single=is_single))
    if status := _status(report, allow_deadlocks=options["allow_deadlocks"], is_single=is_single):
        sys.exit(status)


def check_html(name: str | None, *, force: bool) -> None:
    """Raise BankError, before the work is done, for a file that could not be written after it."""
    if name == STANDARD_OUTPUT:
        raise BankError("--html cannot be '-': give the name of a file.")
    if name is not None:
        check_targets({"--html": name}, overwrite=force, overwrite_option="--force")


def _again(file: str, apps: list[str]) -> str:
    """The command that shows a schedule again, with "{schedule}" in its place."""
    words = ["manage.py", "explore", file, *(word for app in apps for word in ("--app", app))]
    return shlex.join(words).replace("{", "{{").replace("}", "}}") + ' --schedule "{schedule}"'


def _as_text(report: Report, *, again: str, is_single: bool) -> str:
    text = report.text(again=again)
    if is_single and report.serializable:
        text += "\n\n" + timeline(report.endings[0].steps, report.calls, ignored=report.ignored_columns)
    return text


def _status(report: Report, *, allow_deadlocks: bool, is_single: bool) -> int:
    try:
        report.assert_serializable(allow=["deadlock"] * allow_deadlocks, sampled=True)
    except AssertionError:
        return IS_WRONG
    return 0 if report.exhaustive or is_single else NOT_ALL

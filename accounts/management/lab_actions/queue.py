"""`lab queue`: what students hand in on the labs' pages is checked, one file at a time."""

import os
import signal
import sys
import threading
from _thread import interrupt_main

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console

from accounts.errors import BankError
from accounts.labs.hand_in_checker import check_what_waits
from accounts.management.labs import say, say_verdict

HELP = "check what students hand in on the labs' pages, one file at a time; Ctrl-C ends it"
EXAMPLE = "lab queue"
MORE_HELP = """
`manage.py classroom --hand-in` starts it by itself: it is for other web servers. It needs LAB_HAND_IN=1. A second one
waits until the first one has ended. Such a file can do what you can: read "Files that are handed in" in
docs/security.md first.

exit status:
  1    files cannot be checked here
  130  interrupted: it ends in no other way
"""


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")


def run(console: Console, *, until_stdin_closes: bool, **_options: object) -> None:
    if not settings.LAB_HAND_IN:
        raise BankError(
            "Students may not hand in files here: set LAB_HAND_IN=1, or start `manage.py classroom --hand-in`, which "
            "checks them as well."
        )
    if until_stdin_closes:
        threading.Thread(target=_interrupt_at_end_of_input, daemon=True).start()
    for checked in check_what_waits():
        if checked is None:
            say(console, "What students hand in is checked here, one file at a time. Ctrl-C ends this.")
        else:
            record, verdict = checked
            say(console, f"{record}: {say_verdict(verdict)}")


def _interrupt_at_end_of_input() -> None:
    """As Ctrl-C does, but also where the shell has Ctrl-C ignored."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    interrupt_main(signal.SIGTERM)

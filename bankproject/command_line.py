"""Runs a command for manage.py: wrong settings, Ctrl-C and output that cannot be written end in one sentence.

exit status: 0 it is done; 1 it is not, or its output was not written; 2 wrong settings or arguments; 130 Ctrl-C
"""

import importlib
import os
import signal
import sys
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from bankproject.streams import CLOSED, Streams

SETTINGS = "DJANGO_SETTINGS_MODULE"
OURS = "bankproject.settings"
APP = "accounts"
WRONG_SETTINGS = 2
INTERRUPTED = 130  # what shells report for a command that Ctrl-C ended
INTERRUPTS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def run(arguments: list[str], *, on_interrupt: Any) -> NoReturn:
    """Run the command of this command line, and end the process with its exit status.

    `on_interrupt` is what Ctrl-C does while the command runs, as signal.signal() takes it.
    """
    streams = Streams()
    if streams.is_closed:
        sys.exit(f"Error: {CLOSED}")
    try:
        signal.signal(signal.SIGINT, on_interrupt)
        status = _execute(arguments, streams)
    except KeyboardInterrupt:  # before a command had begun, which would have said so, or for the second time
        ignore_interrupts()
        print("Interrupted.", file=sys.stderr)
        status = INTERRUPTED
    ignore_interrupts()
    if refusal := streams.refusal():
        sys.exit(f"Error: Standard output cannot be written ({refusal}): not all of it is there.")
    sys.exit(status)


def ignore_interrupts() -> None:
    """From now on this process only cleans up, which takes seconds at most: a second Ctrl-C changes nothing."""
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)


def _execute(arguments: list[str], streams: Streams) -> int | str | None:
    """The status that the command ends with."""
    try:
        _check_settings_module()
        execute_from_command_line(arguments)
    except SystemExit as end:
        return end.code
    except ImproperlyConfigured as error:
        print(f"Error: {error}", file=sys.stderr)
        return WRONG_SETTINGS
    except OSError:
        if not (streams.output and streams.output.refusal):
            raise
        return 1
    return 0


def _check_settings_module() -> None:
    """The environment may name the settings of another project, which may be there or not."""
    module = os.environ[SETTINGS] = os.environ.get(SETTINGS) or OURS
    if module == OURS:
        return
    try:
        is_ours = APP in importlib.import_module(module).INSTALLED_APPS
    except ImproperlyConfigured:
        raise
    except Exception:  # whatever the settings of another project raise where it is not at home
        is_ours = False
    if not is_ours:
        raise ImproperlyConfigured(f"{SETTINGS} is {module!r}, and these are not our settings: unset it.")

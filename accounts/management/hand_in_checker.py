"""The program that checks what students hand in, beside the pages of a classroom: started, and kept running."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.cluster.subprocesses import Subprocess, manage
from accounts.management.beside import working_beside

RESTART_AFTER_S = 5.0  # what ended it may last: another process may have ended it, or the database


def checker() -> Subprocess:
    """The program, on the database of this process. It ends with this process."""
    return Subprocess(
        manage("lab", "queue", "--until-stdin-closes"),
        environment={"LAB_HAND_IN": "1", "BANK_DATABASE_NAME": str(connection.settings_dict["NAME"])},
    )


@contextmanager
def hand_ins_are_checked(*, say: Callable[[str], None]) -> Iterator[None]:
    """In the block, the program runs; where it ends, that is said, and it is started again."""
    with checker() as program, working_beside(lambda over: _keep_running(program, over, say), name="hand-ins"):
        yield


def _keep_running(program: Subprocess, over: threading.Event, say: Callable[[str], None]) -> None:
    while not over.wait(RESTART_AFTER_S):
        if not program.is_running():
            say(f"What students hand in was not checked any more ({program.last_words()}): this is started again.")
            program.replace()

"""Checks what was handed in on the labs' pages, as a class is marked: one file after the other.

To be run in a program of its own, which connects to the class's database; the files get one of their own (see
submission_server.py), in a process of their own (see examination.py).
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from accounts.errors import BankError
from accounts.labs import hand_in_queue, marking
from accounts.labs.catalogue import all_labs, find_lab
from accounts.labs.examination import TIME_LIMIT_S
from accounts.labs.grading import left_undecided
from accounts.labs.hand_ins import HandIn
from accounts.labs.submission_server import SubmissionServer
from accounts.labs.verdict import LabVerdict
from accounts.models import LabRecord

LOOK_EVERY_S = 0.3


def check_what_waits() -> Iterator[tuple[LabRecord, LabVerdict] | None]:
    """Check files as they come, and keep their results; yields each with its result, and None once it is ready.

    Never ends by itself. Raises BankError where files cannot be checked here, or not any more.
    """
    with hand_in_queue.only_checker(), SubmissionServer() as server:
        marking.check_that_it_works(server, all_labs()[0], time_limit_s=TIME_LIMIT_S)
        yield None
        while True:
            record = hand_in_queue.take()
            if record is None:
                time.sleep(LOOK_EVERY_S)
            else:
                yield record, _check(server, record)


def _check(server: SubmissionServer, record: LabRecord) -> LabVerdict:
    try:
        verdict = _examine(server, record)
    except BankError as refusal:  # the server is gone: that is not the file's doing
        hand_in_queue.end(record, str(refusal))
        raise
    hand_in_queue.finish(record, verdict)
    return verdict


def _examine(server: SubmissionServer, record: LabRecord) -> LabVerdict:
    lab = find_lab(record.lab)
    try:
        with tempfile.TemporaryDirectory(prefix="hand-in-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / f"{lab.name}.py"
            file.write_bytes(record.handed_in.encode())
            return marking.examine(server, HandIn(record.student, lab, (file,)), time_limit_s=TIME_LIMIT_S)
    except OSError as error:  # a full disk
        return left_undecided(lab, f"Not graded yet: the file could not be written to be checked ({error.strerror}).")

"""Runs the isolation matrix in a process of its own, in a scratch database, and keeps each cell as it comes."""

import json
import logging
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from django.utils import timezone

from accounts.cluster.subprocesses import manage
from accounts.db.lock_numbers import MATRIX
from accounts.db.sqlstates import describe
from accounts.models import IsolationMatrix

OPTIONS = ["--matrix"]

log = logging.getLogger(__name__)


def launch() -> IsolationMatrix:
    """Begin to run all cells, as soon as this is committed; one run at a time: if one runs, that one.

    Two presses of the button take turns. (No row can be locked for that: at first there is none.)
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", MATRIX)
        last_matrix = IsolationMatrix.objects.first()
        if last_matrix is not None and last_matrix.is_live:
            return last_matrix
        matrix = IsolationMatrix.objects.create()
        thread = threading.Thread(target=_run, args=[matrix.pk], name=str(matrix))
        transaction.on_commit(thread.start)
    return matrix


def _run(pk: int) -> None:
    try:
        keep(pk, written_lines())
    except Exception as error:  # whatever it is: the page that waits must be told
        log.exception("Isolation matrix %s failed", pk)
        connection.close()
        _update(pk, state=IsolationMatrix.State.FAILED, reason=f"It failed: {describe(error)}")
    finally:
        connection.close()


def written_lines() -> Iterator[str]:
    """What `explore --matrix --json` writes, line by line. It ends when its output is no longer read.

    Raises RuntimeError, after its last line, if it does not end well: also if it was killed.
    """
    command = manage("explore", *OPTIONS, "--json")
    with (
        tempfile.TemporaryFile("w+") as errors,  # a pipe that is read only at the end could fill up
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            yield from process.stdout or ()
            status = process.wait()
        finally:
            process.kill()
        if status:
            errors.seek(0)
            raise RuntimeError(errors.read().strip().rpartition("\n")[2] or f"exit status {status}")


def keep(pk: int, lines: Iterable[str]) -> None:
    """Keep each cell as its line comes; finished after the last one. A matrix that was deleted is not run on."""
    cells = []
    for line in lines:
        if not threading.main_thread().is_alive():
            _update(pk, state=IsolationMatrix.State.FAILED, reason="The program that ran it was ended.")
            return
        if line.startswith('{"rows"'):
            values = {"server": json.loads(line.rstrip().removesuffix(', "cells": [') + "}")["server"]}
        elif line.startswith("{"):
            cells.append(json.loads(line.rstrip().removesuffix(",")))
            values = {"cells": cells}
        else:
            continue
        if not _update(pk, alive_at=timezone.now(), **values):
            return
    _update(pk, state=IsolationMatrix.State.FINISHED)


def _update(pk: int, **values: object) -> int:
    return IsolationMatrix.objects.filter(pk=pk).update(**values)

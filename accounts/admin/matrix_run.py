"""Runs the isolation matrix in a process of its own, in a scratch database, and keeps each cell as it comes."""

import json
import logging
import subprocess
import threading
from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from django.utils import timezone

from accounts.cluster.subprocesses import manage
from accounts.db.sqlstates import describe
from accounts.models import IsolationMatrix

WHAT = ["--matrix"]

log = logging.getLogger(__name__)


def launch() -> IsolationMatrix:
    """Begin to run all cells, as soon as this is committed; one run at a time: if one runs, that one."""
    with transaction.atomic():
        last_matrix = IsolationMatrix.objects.select_for_update().first()
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
        _update(pk, state="failed", reason=f"It failed: {describe(error)}")
    finally:
        connection.close()


def written_lines() -> Iterator[str]:
    """What `explore --matrix --json` writes, line by line. It ends when its output is no longer read."""
    command = manage("explore", *WHAT, "--json")
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield from process.stdout or ()
            error_text = process.stderr.read() if process.stderr else ""
        finally:
            process.kill()
    if process.returncode > 0:
        raise RuntimeError(error_text.strip().rpartition("\n")[2] or f"exit status {process.returncode}")


def keep(pk: int, lines: Iterable[str]) -> None:
    """Keep each cell as its line comes; finished after the last one. A matrix that was deleted is not run on."""
    cells = []
    for line in lines:
        if not threading.main_thread().is_alive():
            _update(pk, state="failed", reason="The program that ran it was ended.")
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
    _update(pk, state="finished")


def _update(pk: int, **values: object) -> int:
    return IsolationMatrix.objects.filter(pk=pk).update(**values)

"""The isolation matrix is run in a process of its own, and kept as it comes."""

import json
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.admin import matrix_run
from accounts.models import IsolationMatrix
from tests.support.matrix import CELL
from tests.support.waiting import is_a_lock_waited_for, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

OUTPUT = [
    '{"rows": {}, "anomalies": {}, "server": "PostgreSQL 18.4", "cells": [',
    json.dumps(CELL) + ",",
    json.dumps(CELL),
    "]}",
]


def test_cells_are_kept_one_by_one():
    matrix = IsolationMatrix.objects.create()
    counts = []

    def lines():
        for line in OUTPUT:
            yield f"{line}\n"
            counts.append(len(IsolationMatrix.objects.get().cells))

    matrix_run.keep(matrix.pk, lines())

    matrix.refresh_from_db()
    assert counts == [0, 1, 2, 2]
    assert (matrix.state, matrix.server, matrix.cells) == ("finished", "PostgreSQL 18.4", [CELL, CELL])


def test_matrix_that_was_deleted_is_not_run_on():
    matrix = IsolationMatrix.objects.create()
    matrix.delete()
    lines = iter(OUTPUT)

    matrix_run.keep(1, lines)

    assert len(list(lines)) == len(OUTPUT) - 1


def test_one_runs_at_a_time():
    running = IsolationMatrix.objects.create()

    assert matrix_run.launch() == running
    assert IsolationMatrix.objects.count() == 1


def test_two_presses_at_once_begin_one_run(monkeypatch):
    may_end = threading.Event()
    launches = []

    def lines() -> Iterator[str]:
        may_end.wait(60)  # the run is not over before the second press has looked for it
        yield from OUTPUT

    def press() -> None:
        try:
            launches.append(matrix_run.launch())
        finally:
            connection.close()

    monkeypatch.setattr(matrix_run, "written_lines", lines)
    another = threading.Thread(target=press)
    with transaction.atomic():
        first = matrix_run.launch()
        another.start()
        wait_until(lambda: is_a_lock_waited_for() or launches)
    another.join()
    may_end.set()

    assert launches == [first]
    wait_until(lambda: IsolationMatrix.objects.get().state == "finished")


def program(monkeypatch, text: str) -> None:
    """Instead of `manage.py explore`, this program of Python is run."""
    monkeypatch.setattr(matrix_run, "manage", lambda *_arguments: [sys.executable, "-c", text])


@pytest.mark.processes
@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("os.kill(os.getpid(), 9)", "exit status -9"),
        ("sys.exit('CommandError: no room')", "CommandError: no room"),
        ("sys.stderr.write('x' * 200_000 + '\\nthe last line'); sys.exit(1)", "the last line"),
    ],
)
def test_error_program_that_does_not_end_well_leaves_no_finished_matrix(end, reason, monkeypatch):
    program(monkeypatch, f"import os, sys; print({OUTPUT[0]!r}, flush=True); {end}")

    matrix = matrix_run.launch()

    wait_until(lambda: not IsolationMatrix.objects.get(pk=matrix.pk).is_live)
    matrix.refresh_from_db()
    assert (matrix.state, matrix.reason) == ("failed", f"It failed: RuntimeError: {reason}")


def test_one_whose_program_was_killed_is_lost_and_stops_no_other(monkeypatch):
    monkeypatch.setattr(matrix_run, "written_lines", lambda: iter(OUTPUT))
    lost = IsolationMatrix.objects.create(alive_at=timezone.now() - timedelta(minutes=5))

    another = matrix_run.launch()

    assert lost.is_lost
    wait_until(lambda: IsolationMatrix.objects.filter(pk=another.pk, state="finished").exists())


def test_error_is_told_on_the_page(monkeypatch):
    def fail():
        raise RuntimeError("no room")
        yield

    monkeypatch.setattr(matrix_run, "written_lines", fail)

    matrix = matrix_run.launch()

    wait_until(lambda: IsolationMatrix.objects.filter(pk=matrix.pk, state="failed").exists())
    assert "no room" in IsolationMatrix.objects.get().reason


@pytest.mark.processes
def test_program_writes_what_is_kept(monkeypatch):
    monkeypatch.setattr(matrix_run, "OPTIONS", ["--matrix", "ReadCommitted/dirty_read"])
    matrix = IsolationMatrix.objects.create()

    matrix_run.keep(matrix.pk, matrix_run.written_lines())

    matrix.refresh_from_db()
    assert (matrix.state, len(matrix.cells), matrix.cells[0]["schedules"]) == ("finished", 1, 10)
    assert matrix.server.startswith("PostgreSQL 18")

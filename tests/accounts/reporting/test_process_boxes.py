"""Where a storm's locks are, in words, by what its strategies ask for."""

import inspect
import re

import pytest

from accounts import strategies
from accounts.models import Storm
from accounts.reporting.process_boxes import observe_boxes, process_boxes


@pytest.mark.parametrize(
    ("pair", "size", "words"),
    [
        (("no_lock", "no_lock"), (1, 8), "One process with 8 threads. Transfers and audits ask for no lock."),
        (
            ("python_lock", "no_lock"),
            (1, 8),
            "One process with 8 threads. Transfers ask for the Python lock, in the process: one place for all threads. "
            "Audits ask for no lock.",
        ),
        (
            ("python_lock", "python_lock"),
            (4, 1),
            "4 processes. Transfers and audits ask for the Python lock, in the process: each process has its own.",
        ),
        (
            ("row_lock", "single_statement"),
            (4, 1),
            "4 processes. Transfers ask for the row locks, in the database: one place for all processes. "
            "Audits ask for no lock.",
        ),
        (
            ("file_lock", "advisory_lock"),
            (16, 9),
            "16 processes with 9 threads each (drawn: 4 of 16 processes, 8 of 9 threads). Transfers ask for the lock "
            "file, on the machine: one place for all its processes. Audits ask for the advisory lock, in the database: "
            "one place for all processes.",
        ),
    ],
)
def test_picture_in_words(pair, size, words):
    assert process_boxes(*pair, *size).in_words == words


def test_storm_whose_strategy_is_gone_has_no_picture():
    assert observe_boxes(Storm(transfer_with="gone", audit_with="no_lock", worker_count=1, thread_count=1)) is None


ASKING = r"held\(|select_for_update\(\)|FOR UPDATE|pg_advisory"


@pytest.mark.parametrize("name", sorted({*strategies.names("transfer"), *strategies.names("audit")}))
def test_strategy_that_asks_for_a_lock_says_for_which(name):
    module = strategies.load(name, "transfer" if name in strategies.names("transfer") else "audit")
    code = inspect.getsource(module).replace(module.__doc__, "")

    assert bool(re.search(ASKING, code)) == (strategies.asks_for(name) is not None)

"""Python locks are gates: what they promise within one process, and that they promise nothing beyond it."""

import pytest
from django.conf import settings

from tests.support.explorations import CROSSING, TWO_TRANSFERS

TAKES_TWICE = settings.BASE_DIR / "tests" / "accounts" / "explorer" / "strategies" / "takes_twice.py"

DOES_NOT_WAIT = """
import threading
from filelock import FileLock, Timeout
from accounts.ledger import post, read
from accounts.models import Account

LOCK = threading.Lock()

def transfer(order):
    with LOCK, FileLock("a.lock"):
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))

def audit(bank):
    LOCK.acquire(timeout=0) and LOCK.release()
    try:
        with FileLock("a.lock", timeout=0):
            pass
    except Timeout:
        pass
    return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
"""


@pytest.mark.parametrize("strategy", ["python_lock", "my/account_locks"])
def test_python_lock_holds_within_one_process(explore, strategy):
    torn = explore(strategy, strategy)
    lost = explore(strategy, **TWO_TRANSFERS)

    assert torn["torn"] == lost["lost_updates"] == 0
    assert torn["blocked"] > 0
    assert lost["blocked"] > 0


@pytest.mark.parametrize("strategy", ["python_lock", "my/account_locks"])
def test_python_lock_is_worth_nothing_across_processes(explore, strategy):
    torn = explore(strategy, strategy, processes="separate")
    lost = explore(strategy, processes="separate", **TWO_TRANSFERS)

    assert torn["torn"] > 0
    assert lost["lost_updates"] > 0


def test_python_lock_inside_the_transaction_protects_nothing(explore):
    """It is released before the COMMIT, so the next one reads what was there before."""
    assert explore("my/lock_inside", "my/lock_inside")["torn"] > 0
    assert explore("my/lock_inside", **TWO_TRANSFERS)["lost_updates"] > 0


def test_python_locks_in_a_circle_are_reported_and_do_not_hang(explore):
    found = explore("my/opposite_account_locks", prune=False, **CROSSING)

    assert 0 < found["hung"] < found["schedules"]
    assert found["deadlocks"] == 0  # the database has seen nothing
    assert found["witness"]["schedule"] == "t1 t2 (t2) (t1)"
    assert found["witness"]["hung"] == ["t1", "t2"]


def test_circle_through_a_python_lock_and_a_row_is_found(explore):
    found = explore("my/mixed_locks", "my/mixed_locks")

    assert 0 < found["hung"] < found["schedules"]
    assert found["witness"]["schedule"] == "t a (t) (a)"


def test_lock_that_is_not_reentrant_waits_for_itself(explore):
    found = explore("my/takes_twice", audits=0)

    assert (found["schedules"], found["hung"]) == (1, 1)
    assert found["witness"]["steps"][1] == {
        "session": "t",
        "step": "take LOCK: waits for t",
        "sql": "acquire LOCK",
        "waited_for": ["t"],
        "went_on": {},
        "error": "",
        "code": [{"file": str(TAKES_TWICE), "line": 9, "function": "transfer"}],
        "committed": {},
        "sessions": {"t": {"python_locks": ["LOCK"]}},
    }


def test_locks_go_by_the_names_that_their_module_gave_them(explore):
    names = {step["sql"] for step in explore("my/opposite_account_locks", **CROSSING)["witness"]["steps"]}

    assert len(names) == 2
    assert all(name.startswith("acquire LOCKS[") for name in names)


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize(
    ("transfer_with", "audit_with"),
    [
        ("my/imported_lock", "my/imported_lock"),
        ("python_lock", "my/imported_lock"),
        ("python_lock", "my/imported_module"),
        ("file_lock", "my/imported_file_lock"),
        ("my/imported_file_lock", "my/imported_file_lock"),
    ],
)
def test_lock_that_is_imported_from_a_strategy_is_a_gate_too(explore, transfer_with, audit_with):
    found = explore(transfer_with, audit_with)

    assert found["exhaustive"]
    assert found["torn"] == 0
    assert found["blocked"] > 0


def test_imported_lock_is_not_the_lock_of_another_file(explore):
    """The transfer holds a lock that the audit does not ask for."""
    assert explore("python_account_locks", "my/imported_lock")["torn"] > 0


def test_each_separate_process_imports_a_lock_of_its_own(explore):
    assert explore("my/imported_lock", "my/imported_lock", processes="separate")["torn"] > 0
    assert explore("my/imported_file_lock", "my/imported_file_lock", processes="separate")["torn"] == 0


@pytest.mark.parametrize("processes", ["shared", "separate"])
def test_lock_file_is_used_as_filelock_is(explore, processes):
    found = explore("my/file_lock_by_hand", "my/file_lock_by_hand", processes=processes)

    assert found["exhaustive"]
    assert (found["torn"], found["errors"], found["hung"]) == (0, 0, 0)
    assert found["blocked"] > 0


def test_timeout_of_0_does_not_wait(explore, tmp_path):
    """As filelock's and threading's: who is refused does without the lock here."""
    file = tmp_path / "my_fix.py"
    file.write_text(DOES_NOT_WAIT)

    found = explore(str(file), str(file))

    assert found["exhaustive"]
    assert (found["errors"], found["blocked"]) == (0, 0)
    assert found["torn"] > 0

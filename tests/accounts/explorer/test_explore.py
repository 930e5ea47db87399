"""Strategies that do what cannot be explored: named in one sentence, cleaned up, and the next one is unaffected."""

import threading
from pathlib import Path

import pytest
from django.db import connection

from accounts.errors import BankError
from accounts.explorer import explore as exploration
from accounts.explorer import prepared
from accounts.management.explorations import verdict
from accounts.models import Bank
from interleavings.engine import tree
from tests.support.explorations import plan
from tests.support.waiting import wait_until

FIRST_READ = "    account = Account.objects.get(pk=order.source_id)\n"
READ = "SELECT ... FROM accounts_account WHERE id = %s LIMIT 21"
PAST_THE_CURSOR = "it went past Django's cursor to the database (connection.connection, copy() or callproc())"
HERE = "(my_fix.py:7 in transfer)"
AFTER = f"after its step 1 ({READ})"


@pytest.fixture
def write(tmp_path) -> object:
    """write(body): the path of a strategy whose transfer does this after its first read."""

    def write(body: str, *, before: str = FIRST_READ) -> Path:
        lines = (
            "import threading, time, psycopg\n"
            "from django.db import connection, connections, transaction\n"
            "from accounts.models import Account\n\n"
            f"def transfer(order):\n{before}    {body}\n\n"
            "def audit(bank):\n    return []\n"
        )
        file = tmp_path / "my_fix.py"
        file.write_text(lines)
        return file

    return write


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "threading.Thread(target=print).start()",
            f"Session t: it started a thread of its own {HERE}, {AFTER}.",
        ),
        (
            "psycopg.connect('dbname=bank')",
            f"Session t: it opened a database connection of its own {HERE}, {AFTER}.",
        ),
        (
            "connections.create_connection('default').ensure_connection()",
            f"Session t: it opened a database connection of its own {HERE}, {AFTER}.",
        ),
        *(
            (body, f"Session t: {PAST_THE_CURSOR} {HERE}, {AFTER}.")
            for body in (
                "connection.connection.execute('SELECT 1')",
                "connection.cursor().copy('COPY accounts_account TO STDOUT').__enter__()",
                "connection.cursor().callproc('now')",
                "connection.connection.cursor('mine').execute('SELECT 1')",
                "connection.connection.commit()",
            )
        ),
        (
            "transaction.set_autocommit(False); account.save()",
            f"Session t: it ended and left a transaction open {HERE}, "
            "after its step 2 (UPDATE accounts_account SET bank_id = %s, number = %s, openi ...).",
        ),
        (
            "[Account.objects.get(pk=order.source_id) for _ in iter(int, 1)]",
            "Session t: it has taken 200 steps, which is the most that are explored, and does not end; the last was "
            f"{READ} (my_fix.py:7 in <listcomp>).",
        ),
        (
            "[None for _ in iter(int, 1)]",
            f"Session t: it did not arrive at its next step within 2 s, {AFTER}: my_fix.py, line 7. "
            "It runs for ever, sleeps, or waits for something that no session holds.",
        ),
        (
            "time.sleep(60)",
            f"Session t: it did not arrive at its next step within 2 s, {AFTER}: my_fix.py, line 7. "
            "It sleeps (time.sleep); no time passes in a schedule: take it out.",
        ),
        (
            "import fcntl; files = open(__file__), open(__file__); [fcntl.flock(file, 2) for file in files]",
            f"Session t: it did not arrive at its next step within 2 s, {AFTER}: my_fix.py, line 7. "
            "It waits for a lock of a kind that cannot be stepped (fcntl.flock): take a threading.Lock or RLock made "
            "in the file itself, a filelock.FileLock, or a lock of the database.",
        ),
        *(
            (
                f"import fcntl, os, struct; file = open(__file__, 'a'); {lock}",
                "Session t: it locked a file with lockf, which holds back other processes only, and sessions are "
                f"threads of one process: take filelock.FileLock {HERE}, {AFTER}.",
            )
            for lock in (
                "fcntl.lockf(file, fcntl.LOCK_EX)",
                "fcntl.fcntl(file, fcntl.F_SETLKW, struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 0, 0))",
                "os.lockf(file.fileno(), os.F_LOCK, 0)",
            )
        ),
        (
            "import queue; queue.Queue().get()",
            f"Session t: it did not arrive at its next step within 2 s, {AFTER}: my_fix.py, line 7. "
            "It waits in queue.Queue.get, for something that no session holds.",
        ),
    ],
)
def test_error_strategy_that_cannot_be_explored(transactional_db, monkeypatch, write, body, sentence):
    if "within 2 s" in sentence:
        monkeypatch.setattr(prepared, "PATIENCE_S", 2)
    sessions_before = connection_count()

    with pytest.raises(BankError) as refusal:
        exploration.explore(plan(str(write(body)), "single_statement"))

    assert str(refusal.value) == sentence
    assert not Bank.objects.exists()
    wait_until(lambda: connection_count() <= sessions_before)  # the server takes a moment to see that one has gone
    monkeypatch.undo()
    assert exploration.explore(plan("row_lock", "no_transaction")).report().counts["torn"] == 4


def connection_count() -> int:
    """Those of clients: the server's own helpers come and go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def test_guards_are_gone_after_an_exploration(explore):
    explore("row_lock", "row_lock")

    started = threading.Thread(target=lambda: None)
    started.start()
    started.join()
    assert threading.Thread.start.__qualname__ == "Thread.start"


def test_exception_is_an_outcome_and_named_with_its_step(transactional_db, write):
    found = exploration.explore(plan(str(write("raise ValueError('no idea')")), "no_transaction")).report()

    assert found.counts["errors"] == found.schedules == 3
    assert found.error == (f"Session t raised ValueError: no idea, at its step 1 ({READ}), in the schedule t a a.")


def test_session_lock_that_was_never_released_does_not_outlive_its_schedule(transactional_db, write):
    """The session that wants it after that waits for ever; the next schedule begins without it."""
    take = "    connection.cursor().execute('SELECT pg_advisory_lock(1)')\n"

    found = exploration.explore(
        plan(str(write("pass", before=take)), "single_statement", transfers="1>2:1,1>2:1", audits=0)
    ).report()

    assert (found.schedules, found.counts["hung"]) == (2, 2)
    assert [step.waited_for for step in found.worst.steps] == [(), ("t1",)]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def transfer(order:\n", "{} is not Python (line 1: '(' was never closed): repair it first."),
        ("x = 1\n", "{} has no function transfer: a strategy has transfer(order), audit(bank) or both."),
        (
            "x = 1\nraise SystemExit\n",
            "{} cannot be imported (ImportError: it ends the program while it is imported: SystemExit(); line 2)",
        ),
        (
            "import nothing_like_it\n",
            "{} cannot be imported (ModuleNotFoundError: No module named 'nothing_like_it'; line 1)",
        ),
    ],
)
def test_error_file_that_is_no_strategy(tmp_path, code, sentence):
    file = tmp_path / "my_fix.py"
    file.write_text(code)

    with pytest.raises(BankError) as refusal:
        plan(str(file), "no_lock")

    assert sentence.format(file) in str(refusal.value)


def test_what_a_transfer_returns_is_no_reading(write, transactional_db):
    found = exploration.explore(plan(str(write("return 7")), "single_statement"))

    assert found.report().counts["wrong_total"] == 0
    assert found.report().counts["errors"] == 0


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        ("None", "audit(bank) returned None: return [read(account), ...], "),
        ("{1: 5000, 2: 10000}", "audit(bank) returned {1: 5000, 2: 10000}: return [read(account), ...], "),
        ("'x' * 99", f"audit(bank) returned '{'x' * 59}...: return [read(account), ...], "),
        ("['x' * 99]", f"audit(bank) returned '{'x' * 59}... among its readings: return [read(account), ...], "),
        ("True", "audit(bank) returned True: return [read(account), ...], "),
        ("[1, 2]", "audit(bank) returned 1 among its readings: return [read(account), ...], "),
        ("[(0, 1, None)]", "audit(bank) returned (0, 1, None) among its readings: return [read(account), ...], "),
    ],
)
def test_error_audit_that_returns_no_readings(tmp_path, transactional_db, returned, sentence):
    file = tmp_path / "my_fix.py"
    file.write_text(f"def audit(bank):\n    return {returned}\n")

    found = exploration.explore(plan("row_lock", str(file)))

    assert sentence in found.report().error
    assert found.report().counts["errors"] == found.report().schedules


def test_session_that_asks_again_and_again_is_not_proved_and_that_is_said_in_time(transactional_db, monkeypatch):
    """Its schedules are so long that counting them alone would not bound the time."""
    monkeypatch.setattr(exploration, "MAX_STEPS_IN_ALL", 1_000)

    found = exploration.explore(plan("my/asks_again", "row_lock"))

    assert not found.is_exhaustive
    assert found.tally.run_count < exploration.LIMIT


@pytest.mark.thorough  # the engine's tests have a smaller one
def test_choice_of_the_database_that_was_not_met_is_said_and_nothing_is_proved(transactional_db, monkeypatch):
    monkeypatch.setattr(tree.Choice, "unmet", lambda choice: ["a"] if choice.rivals else [])

    found = exploration.explore(plan("row_lock", "my/one_row_at_a_time", transfers="1>2:30,2>1:30"))

    assert not found.is_exhaustive
    assert found.unmet[0].endswith(">a")
    assert verdict(found)[2].startswith("Not exhaustive: 402 schedules were counted")

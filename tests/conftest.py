"""Small banks, orders between their accounts, and two sessions stepped by hand."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck, settings

from accounts import strategies
from accounts.admin import storms as storm_pages
from accounts.explorer import explore as exploration
from accounts.models import Account, Bank, Transfer
from interleavings.engine.scheduler import Scheduler
from tests.support import bytecode, process_guard, processes, thorough
from tests.support.explorations import plan, wait_for_explorations
from tests.support.lab_runs import wait_for_lab_runs
from tests.support.labs import log_in
from tests.support.pages import log_in_with
from tests.support.storms import wait_for_plans

# A project by itself: .ci/run copies it out of the repository, and runs its tests with the wheel.
collect_ignore = ["outside_project"]

# Properties hold or not, however busy the machine is. By default, hypothesis draws 100 examples of each.
settings.register_profile(
    "ours",
    max_examples=1000 if thorough.THOROUGH else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")


def pytest_configure(config: pytest.Config) -> None:
    """Registered as a plugin, and not as hooks of this file: these would not be called for session fixtures."""
    config.pluginmanager.register(process_guard)
    config.pluginmanager.register(processes)
    config.pluginmanager.register(thorough)
    config.pluginmanager.register(bytecode)


def pytest_collection_finish() -> None:
    """What was collected stays until the end: Python need not look through thousands of tests for garbage.

    For the garbage of tests it looks less often than by default: there is memory enough.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """pytest-django's; and no COMMIT in the tests' database waits for the disk, in any session."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        connection.close()  # a setting of the database is for those that connect from now on


@pytest.fixture
def open_bank(db) -> Callable[..., Bank]:
    """open_bank(100, 200): a bank with two accounts that hold so much."""

    def open_bank(*balances: int) -> Bank:
        bank = Bank.objects.create(name="Test bank", opening_total=sum(balances))
        for number, balance in enumerate(balances, start=1):
            Account.objects.create(bank=bank, number=number, opening_balance=balance, balance=balance)
        return bank

    return open_bank


@pytest.fixture
def order(db) -> Callable[..., Transfer]:
    """order(bank, 1, 2, 30): a pending transfer of 30 from account 1 to account 2."""

    def order(bank: Bank, source: int, target: int, amount: int) -> Transfer:
        accounts = {account.number: account for account in bank.accounts.all()}
        return Transfer.objects.create(bank=bank, source=accounts[source], target=accounts[target], amount=amount)

    return order


@pytest.fixture
def scheduler(transactional_db) -> Iterator[Scheduler]:
    """Two sessions, "t" and "a"; a step is a statement that touches accounts, COMMIT or ROLLBACK."""
    with Scheduler(["t", "a"], is_step=lambda sql: f'"{Account._meta.db_table}"' in sql) as scheduler:
        yield scheduler


@pytest.fixture
def play(scheduler: Scheduler) -> Callable[..., Scheduler]:
    """play("t t a", t=work, a=work): begin both works, and let the sessions step in this order.

    A step of a session that is blocked is not taken; `play` says so by failing, unless it is written in brackets:
    "t (a) t" expects a's step to block.
    """

    def play(schedule: str, **works: Callable) -> Scheduler:
        scheduler.begin(works)
        for word in schedule.split():
            name = word.strip("()")
            assert scheduler.step(name) == (name == word), f"step {word} of {schedule!r}: {scheduler.trace}"
        return scheduler

    return play


@pytest.fixture
def transfer_with() -> Callable[..., None]:
    return lambda name, order: strategies.load(name, "transfer").transfer(order)


@pytest.fixture
def audit_with() -> Callable[..., list]:
    return lambda name, bank: strategies.load(name, "audit").audit(bank)


@pytest.fixture
def viewer(db) -> Client:
    """The browser of someone who may look at storms, and not launch them."""
    return log_in_with("view_storm")


@pytest.fixture
def anna(db) -> Client:
    """The browser of a student."""
    return log_in("anna", "student")


@pytest.fixture
def teacher(db) -> Client:
    return log_in("teacher", "teacher")


@pytest.fixture
def pretend_workers(monkeypatch) -> Callable[[int], None]:
    """pretend_workers(4): the pages that launch storms believe that so many workers run."""
    return lambda count: monkeypatch.setattr(storm_pages, "running_worker_count", lambda: count)


@pytest.fixture
def four_workers(pretend_workers) -> None:
    """The pages that launch storms believe that four workers run."""
    pretend_workers(4)


@pytest.fixture(autouse=True)
def _fast_passwords(settings) -> None:
    """Logging in is not what is tested: hash passwords in no time."""
    fast = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [fast, *settings.PASSWORD_HASHERS]


# What `migrate` wrote, and tests only read.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def _delete_all_rows(_case: TransactionTestCase) -> None:
    """Leave only the rows of KEPT."""
    wait_for_explorations()
    wait_for_lab_runs()
    wait_for_plans()
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    deletes = "; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)
    with connection.cursor() as cursor:
        # Without foreign keys looked at: all rows go, in any order.
        cursor.execute(f"SET session_replication_role = replica; {deletes}; SET session_replication_role = DEFAULT")


@pytest.fixture(scope="session", autouse=True)
def _rows_are_deleted_after_a_test() -> Iterator[None]:
    """After a test with transaction=True, delete rows instead of truncating tables.

    Django's own `flush` truncates every table and writes KEPT anew, which takes fifty times as long. It has no setting
    for this, and pytest-django makes the test case itself: so its method is replaced, as long as tests run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _delete_all_rows)
        yield


@pytest.fixture
def explore(transactional_db) -> Callable[..., dict[str, Any]]:
    """explore("row_lock", "no_lock", prune=False): its result, as a report."""

    def explore(transfer_with: str, audit_with: str = "single_statement", **options: Any) -> dict[str, Any]:
        search = {name: options.pop(name) for name in ("prune", "limit", "seed", "jobs") if name in options}
        return exploration.explore(plan(transfer_with, audit_with, **options), **search).report().as_values()

    return explore

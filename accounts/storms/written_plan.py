"""Writes a storm's plan: its bank, its accounts, and its transfers as pending rows."""

from collections.abc import Callable, Iterator
from itertools import islice

from accounts.db.bulk import insert_many
from accounts.models import Account, Bank, Storm, Transfer, opening
from accounts.storms import workload

BATCH = 5000  # transfers in one statement
ACCOUNT_COLUMNS = ("bank_id", "number", "opening_balance", "balance")
TRANSFER_COLUMNS = ("bank_id", "storm_id", "source_id", "target_id", "amount")


def enter(storm: Storm, queue: str) -> None:
    """Save the storm, with a bank that has no accounts yet."""
    total = sum(opening.opening_balances(storm.account_count))
    storm.bank = Bank.objects.create(name="Bank", opening_total=total)
    storm.queue = queue
    storm.save()
    storm.bank.name = f"Bank of storm {storm.pk}"
    storm.bank.save(update_fields=["name"])


def write_plan(storm: Storm, *, on_progress: Callable[[int], None] = lambda written: None) -> None:
    """Save its accounts, and the plan as pending transfers; their primary keys are in the order of the plan.

    `on_progress` is told before each batch, and after the last one, how many transfers the database has been given.
    """
    insert_many(Account, ACCOUNT_COLUMNS, _accounts(storm))
    on_progress(0)
    transfers = _transfers(storm, storm.bank.account_pks)
    for start in range(0, storm.transfer_count, BATCH):
        insert_many(Transfer, TRANSFER_COLUMNS, islice(transfers, BATCH))
        on_progress(min(start + BATCH, storm.transfer_count))


def _accounts(storm: Storm) -> Iterator[tuple[int, ...]]:
    """A row of ACCOUNT_COLUMNS for each account."""
    for number, balance in enumerate(opening.opening_balances(storm.account_count), start=1):
        yield storm.bank_id, number, balance, balance


def _transfers(storm: Storm, pks: list[int]) -> Iterator[tuple[int, ...]]:
    """A row of TRANSFER_COLUMNS for each transfer, between accounts with these primary keys."""
    orders = workload.plan_orders(
        seed=storm.seed,
        account_count=storm.account_count,
        transfer_count=storm.transfer_count,
        max_amount=storm.max_amount,
    )
    for order in orders:
        yield storm.bank_id, storm.pk, pks[order.source - 1], pks[order.target - 1], order.amount

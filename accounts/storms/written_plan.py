"""Writes a storm's plan: its bank, its accounts, and its transfers as pending rows."""

from collections.abc import Callable, Iterator

from accounts.models import Account, Bank, Storm, Transfer, opening
from accounts.storms import workload

BATCH = 5000  # rows in one statement


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

    `on_progress` is told before each batch how many transfers have been given to the database.
    """
    Account.objects.bulk_create(_accounts(storm), batch_size=BATCH)
    on_progress(0)
    transfers: list[Transfer] = []
    for number, transfer in enumerate(_transfers(storm), start=1):
        transfers.append(transfer)
        if number % BATCH == 0 or number == storm.transfer_count:
            Transfer.objects.bulk_create(transfers)
            transfers.clear()
            on_progress(number)


def _accounts(storm: Storm) -> Iterator[Account]:
    for number, balance in enumerate(opening.opening_balances(storm.account_count), start=1):
        yield Account(bank_id=storm.bank_id, number=number, opening_balance=balance, balance=balance)


def _transfers(storm: Storm) -> Iterator[Transfer]:
    pks = storm.bank.account_pks
    orders = workload.plan_orders(
        seed=storm.seed,
        account_count=storm.account_count,
        transfer_count=storm.transfer_count,
        max_amount=storm.max_amount,
    )
    for order in orders:
        yield Transfer(
            bank_id=storm.bank_id,
            storm_id=storm.pk,
            source_id=pks[order.source - 1],
            target_id=pks[order.target - 1],
            amount=order.amount,
        )

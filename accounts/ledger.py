"""What all strategies share: how money is moved between two rows that were read, and how a row is read."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import NamedTuple

from accounts.db.bulk import update_many
from accounts.db.sql import execute
from accounts.models import Account, AlreadyEnded, Transfer

SAVE_ACCOUNT = 'UPDATE "accounts_account" SET balance = %s, last_transfer = %s WHERE id = %s'
APPLY_REPLACING = """
UPDATE accounts_transfer AS transfer SET status = 'applied', worker = %s, started_at = %s,
    source_based_on = source.replaced_transfer, target_based_on = target.replaced_transfer
FROM accounts_account AS source, accounts_account AS target
WHERE transfer.id = %s AND transfer.status = 'pending' AND source.id = source_id AND target.id = target_id
"""

Writer = Callable[[Transfer, Account], None]


class Reading(NamedTuple):
    """What an audit saw of one account: the balance, and the transfer that had written it (None: the opening)."""

    account: int
    balance: int
    token: int | None


def read(account: Account) -> Reading:
    """The reading of a row that was just fetched."""
    return Reading(account.pk, account.balance, account.last_transfer)


def post(order: Transfer, source: Account, target: Account, *, write: Writer | None = None) -> None:
    """Move the order's money between its two accounts, as they were read, and end it as applied or refused.

    To be called inside a database transaction, which makes the three writes one: the status is part of it, so a job
    that is delivered twice applies its transfer once (AlreadyEnded rolls the second one back). The accounts are
    written in primary-key order, so that two transfers that cross each other cannot deadlock here.
    """
    if source.balance < order.amount:
        refuse(order, source)
        return
    order.end(
        Transfer.Status.APPLIED,
        source_based_on=source.last_transfer,
        target_based_on=target.last_transfer,
    )
    source.balance -= order.amount
    target.balance += order.amount
    for account in sorted((source, target), key=attrgetter("pk")):
        (write or save)(order, account)


def save(order: Transfer, account: Account) -> None:
    """Save the account's new balance, signed with the transfer that made it.

    Written as SQL, and so prepared once for each connection: Model.save() takes ten times as long to build the same.
    """
    account.last_transfer = order.pk
    execute(SAVE_ACCOUNT, account.balance, account.last_transfer, account.pk)


def refuse(order: Transfer, source: Account) -> None:
    """End the order as refused: not enough money is an answer, not an accident."""
    order.end(Transfer.Status.REFUSED, reason=order.not_enough(source))


def apply_replacing(order: Transfer) -> None:
    """End the order as applied, based on the tokens that our UPDATEs of its accounts have just replaced."""
    if not execute(APPLY_REPLACING, order.worker, order.started_or_now(), order.pk):
        raise AlreadyEnded(f"Transfer {order.pk} was ended by another worker.")


def save_many(accounts: Iterable[Account]) -> None:
    """Save the balances and tokens of many accounts, whose rows we hold, in one statement."""
    rows = [(account.pk, account.balance, account.last_transfer) for account in accounts]
    update_many(Account, {"id": "bigint", "balance": "bigint", "last_transfer": "bigint"}, rows)


def end_many(orders: Iterable[Transfer]) -> None:
    """End many transfers, whose rows we hold, as they say, in one statement."""
    types = {"id": "bigint", "status": "text", "reason": "text", "source_based_on": "bigint"}
    types |= {"target_based_on": "bigint", "worker": "text", "started_at": "timestamptz"}
    rows = [tuple(getattr(order, name) for name in types) for order in orders]
    update_many(Transfer, types, rows)

"""Optimistic: read without a lock, write only what is unchanged since, or begin again. Right everywhere.

The token says whether a balance is still the one that was read: the UPDATE has `last_transfer=seen` in its WHERE, and
changes no row if another transfer was faster. The audit reads everything, then looks whether all tokens are still the
same: as no token ever comes back, all balances were there together at the moment in between.
Cost: no lock is held for long; but where many transfers want one account, most of the work is thrown away.
(Kung and Robinson, 1981; PostgreSQL documentation: 13.2.1 Read Committed Isolation Level.)
"""

from django.db import transaction

from accounts.db.contention import retry, waiting
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside

TRANSFERS_HOLD = Among.EVERYONE
AUDITS_HOLD = Beside.ALL_TRANSFERS
TEACHING_ORDER = 100


class Conflict(RuntimeError):
    """Somebody has changed what was read; begin again."""


def is_conflict(error: Exception) -> bool:
    return isinstance(error, Conflict)


def transfer(order: Transfer) -> None:
    retry(lambda: transfer_once(order), when=is_conflict)


def transfer_once(order: Transfer) -> None:
    with transaction.atomic(durable=True):
        rows = {row.pk: row for row in order.accounts}
        post(order, rows[order.source_id], rows[order.target_id], write=write_if_unchanged)


def write_if_unchanged(order: Transfer, account: Account) -> None:
    unchanged = Account.objects.filter(pk=account.pk, last_transfer=account.last_transfer)
    with waiting():
        if not unchanged.update(balance=account.balance, last_transfer=order.pk):
            raise Conflict


def audit(bank: Bank) -> list[Reading]:
    return retry(lambda: audit_once(bank), when=is_conflict)


def audit_once(bank: Bank) -> list[Reading]:
    readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
    tokens = dict(bank.accounts.values_list("pk", "last_transfer"))
    if any(tokens[reading.account] != reading.token for reading in readings):
        raise Conflict
    return readings

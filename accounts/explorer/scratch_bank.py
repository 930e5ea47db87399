"""A scratch bank: rows of its own, set back before every schedule, read after it, and deleted at the end.

Not by the library's snapshot (interleavings/database/snapshot.py): that one sets back every table and sequence of a
database, and in this one storms may be running. One statement on a few rows also takes .2 ms; with 100,000 transfers
beside them, the snapshot takes 20 ms a schedule.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

from accounts.evidence import History, Movement
from accounts.evidence.rows import as_history
from accounts.explorer.commit_log import CommitLog
from accounts.models import Account, Bank, Transfer, erase_bank, opening

_name = ContextVar("name of scratch banks", default="Scratch bank of an exploration")

RESET = """
WITH begun AS (UPDATE accounts_transfer SET status = 'pending', reason = '', source_based_on = NULL,
                      target_based_on = NULL, started_at = NULL, retries = 0, deadlocks = 0
               WHERE bank_id = %(bank)s AND id = ANY(%(orders)s) AND (started_at IS NOT NULL OR status <> 'pending')),
     again AS (DELETE FROM accounts_transfer WHERE bank_id = %(bank)s AND NOT id = ANY(%(orders)s)),
     opened AS (DELETE FROM accounts_account WHERE bank_id = %(bank)s AND NOT id = ANY(%(accounts)s))
UPDATE accounts_account SET balance = opening_balance, last_transfer = NULL, replaced_transfer = NULL
WHERE bank_id = %(bank)s AND id = ANY(%(accounts)s) AND (last_transfer IS NOT NULL OR balance <> opening_balance)
"""
READ_ACCOUNTS = """
SELECT id, number, opening_balance, balance, last_transfer FROM accounts_account WHERE bank_id = %s ORDER BY number
"""
READ_TRANSFERS = """
SELECT id, source_id, target_id, amount, source_based_on, target_based_on, status, repeats,
    (started_at IS NOT NULL OR status = 'applied') AND status <> 'refused' AS may_have_written
FROM accounts_transfer WHERE bank_id = %s ORDER BY id
"""


@dataclass(frozen=True)
class State:
    """What a bank's rows say after a schedule. Accounts go by their numbers, transfers by 1, 2, 3 ..."""

    balances: dict[int, int]
    history: History
    pending: frozenset[int]  #: the transfers that nothing has ended


class ScratchBank(AbstractContextManager["ScratchBank"]):
    """A bank with pending transfers. Only its own rows are ever touched; they are deleted when the block ends."""

    def __init__(
        self, account_count: int, orders: Sequence[opening.Order], *, places: Mapping[str, int] | None = None
    ) -> None:
        """`places`: for each session that is to make one of the transfers, which one: 1, 2, 3 ..."""
        balances = opening.opening_balances(account_count)
        self.total = sum(balances)
        self._bank = Bank.objects.create(name=_name.get(), opening_total=self.total)
        accounts = Account.objects.bulk_create(
            Account(bank=self._bank, number=number, opening_balance=balance, balance=balance)
            for number, balance in enumerate(balances, start=1)
        )
        self.account_pks = [account.pk for account in accounts]
        self._numbers = {account.pk: account.number for account in accounts}
        self._orders = Transfer.objects.bulk_create(
            Transfer(
                bank=self._bank,
                source_id=self.account_pks[order.source - 1],
                target_id=self.account_pks[order.target - 1],
                amount=order.amount,
            )
            for order in orders
        )
        self._order_pks = [order.pk for order in self._orders]
        self._tokens = {pk: place for place, pk in enumerate(self._order_pks, start=1)}
        self._planned = {
            place: Movement(place, order.source, order.target, order.amount, None, None)
            for place, order in enumerate(orders, start=1)
        }
        self.places = places or {}
        self.log = CommitLog(self._bank.pk, opening=dict(zip(self.account_pks, balances, strict=True)))

    def planned(self) -> dict[str, Movement]:
        """The transfers that were asked for, by the session that makes each."""
        return {session: self._planned[place] for session, place in self.places.items()}

    def __exit__(self, *exception: object) -> None:
        raw = connection.connection
        if raw is not None and raw.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            connection.close()  # Ctrl-C came between a statement and its answer: this connection can do nothing more
        self.reset()
        erase_bank(self._bank.pk)

    def reset(self) -> None:
        """Set everything back to the opening."""
        _execute(RESET, {"bank": self._bank.pk, "orders": self._order_pks, "accounts": self.account_pks})

    def bank(self) -> Bank:
        """The bank as a worker hands it to an audit: loaded anew. Its `account_pks` are known: those of the opening."""
        bank = copy.copy(self._bank)
        bank.account_pks = list(self.account_pks)  # a list of its own: an audit may change it
        return bank

    def order(self, place: int) -> Transfer:
        """One of the transfers, as a worker hands it to a strategy: loaded anew, and with the time that it began."""
        order = copy.copy(self._orders[place])
        order.started_at = self._bank.created_at
        return order

    def number(self, account_pk: int) -> int:
        """An account's number; of one that was opened since the bank was, once the rows have been read."""
        return self._numbers.get(account_pk, account_pk)

    def token(self, transfer_pk: int | None) -> int | None:
        """A transfer's place, from 1 on; one that was not planned comes after them, once the rows have been read."""
        return None if transfer_pk is None else self._place(transfer_pk)

    def _place(self, transfer_pk: int) -> int:
        return self._tokens.get(transfer_pk, transfer_pk)

    def read(self) -> State:
        """What the rows say now."""
        accounts = _execute(READ_ACCOUNTS, [self._bank.pk]).fetchall()
        transfers = _execute(READ_TRANSFERS, [self._bank.pk]).fetchall()
        self._numbers = {pk: number for pk, number, *_ in accounts}
        writers = [row[:-1] for row in transfers if row[-1]]
        unplanned = [pk for pk, *_ in writers if pk not in self._order_pks]
        self._tokens = {pk: place for place, pk in enumerate([*self._order_pks, *unplanned], start=1)}
        return State(
            balances={number: balance for _pk, number, _opening, balance, _token in accounts},
            history=as_history(
                [(number, opening, self.token(token)) for _pk, number, opening, _balance, token in accounts],
                [self._named(row) for row in writers],
            ),
            pending=frozenset(
                self._place(pk) for pk, *_, status, _repeats, _may in transfers if status == Transfer.Status.PENDING
            ),
        )

    def _named(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """A transfer's row with accounts by their numbers and transfers by their places."""
        pk, source, target, amount, source_base, target_base, status, repeats = row
        return (
            *(self.token(pk), self._numbers[source], self._numbers[target], amount),
            *(self.token(source_base), self.token(target_base), status, self.token(repeats)),
        )


@contextmanager
def scratch_banks_named(name: str) -> Iterator[None]:
    """Scratch banks that are opened in the block have this name: for a process that may be killed."""
    token = _name.set(name)
    try:
        yield
    finally:
        _name.reset(token)


def delete_scratch_banks(name: str) -> None:
    """Delete those of this name, which a process that was killed left behind."""
    for pk in Bank.objects.filter(name=name).values_list("pk", flat=True):
        erase_bank(pk)


def _execute(sql: str, params: Any) -> psycopg.Cursor:
    """On Django's connection, but prepared: parsing these takes longer than running them."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection).execute(sql, params, prepare=True)

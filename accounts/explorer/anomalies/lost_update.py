"""Lost update: two sessions read one balance, and both write what they computed from it. One write is gone."""

from collections.abc import Mapping
from functools import partial

from accounts.explorer.anomalies.protections import Protection
from accounts.models import Account

TITLE = "lost update (P4)"
ORDER = 50
ONLY_READ: set[str] = set()


def deposit(protected: Protection, *, amount: int) -> int:
    with protected.transaction():
        account = protected.rows().get(number=1)
        account.balance += amount
        account.save(update_fields=["balance"])
    return amount


SESSIONS = {"anna": partial(deposit, amount=30), "ben": partial(deposit, amount=5)}


def happened(results: Mapping[str, int]) -> bool:
    """Whether the account does not hold what both say that they have paid in."""
    account = Account.objects.get(number=1)
    return account.balance != account.opening_balance + sum(results.values())

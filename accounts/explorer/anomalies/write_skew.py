"""Write skew: two sessions check a rule on the same rows, and each writes another row. Together they break the rule."""

from collections.abc import Mapping
from functools import partial

from accounts.explorer.anomalies.protections import Protection
from accounts.models import Account

TITLE = "write skew (A5B, G2-item)"
ORDER = 60
ONLY_READ: set[str] = set()
LIMIT = 100  # two accounts of one owner may not hold less than this together


def withdraw(protected: Protection, *, number: int) -> bool:
    with protected.transaction():
        accounts = {account.number: account for account in protected.rows().filter(number__in=[1, 2])}
        if sum(account.balance for account in accounts.values()) - 80 < LIMIT:
            return False
        accounts[number].balance -= 80
        accounts[number].save(update_fields=["balance"])
        return True


SESSIONS = {"anna": partial(withdraw, number=1), "ben": partial(withdraw, number=2)}


def happened(results: Mapping[str, bool]) -> bool:
    return sum(account.balance for account in Account.objects.filter(number__in=[1, 2])) < LIMIT

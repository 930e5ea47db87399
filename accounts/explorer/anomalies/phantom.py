"""Phantom: a transaction asks twice for the rows that meet a condition, and the second time there is one more."""

from collections.abc import Mapping

from accounts.explorer.anomalies.protections import BANK, Protection
from accounts.models import Account

TITLE = "phantom (P3)"
ORDER = 40
ONLY_READ = {"reader"}


def writer(protected: Protection) -> None:
    with protected.transaction():
        Account.objects.create(bank_id=BANK, number=3, opening_balance=100, balance=100)


def reader(protected: Protection) -> list[int]:
    with protected.transaction():
        return [len(protected.rows().filter(balance__gte=100)) for _ in range(2)]


SESSIONS = {"writer": writer, "reader": reader}


def happened(results: Mapping[str, list[int]]) -> bool:
    return len(set(results.get("reader", []))) > 1

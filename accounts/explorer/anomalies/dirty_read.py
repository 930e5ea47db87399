"""Dirty read: a session reads what another one wrote and never committed."""

from collections.abc import Mapping

from django.db import transaction

from accounts.explorer.anomalies.protections import Protection

TITLE = "dirty read (P1, G1a)"
ORDER = 10
ONLY_READ = {"reader"}


def writer(protected: Protection) -> None:
    with protected.transaction():
        account = protected.rows().get(number=1)
        account.balance = 0
        account.save(update_fields=["balance"])
        transaction.set_rollback(True)  # it did not mean it


def reader(protected: Protection) -> int:
    with protected.transaction():
        return protected.rows().get(number=1).balance


SESSIONS = {"writer": writer, "reader": reader}


def happened(results: Mapping[str, int]) -> bool:
    return results.get("reader") == 0

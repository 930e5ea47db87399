"""Non-repeatable read: a transaction reads one row twice, and does not find the same."""

from collections.abc import Mapping

from accounts.explorer.anomalies.protections import Protection

TITLE = "non-repeatable read (P2)"
ORDER = 20
ONLY_READ = {"reader"}


def writer(protected: Protection) -> None:
    with protected.transaction():
        account = protected.rows().get(number=1)
        account.balance += 30
        account.save(update_fields=["balance"])


def reader(protected: Protection) -> list[int]:
    with protected.transaction():
        return [protected.rows().get(number=1).balance for _ in range(2)]


SESSIONS = {"writer": writer, "reader": reader}


def happened(results: Mapping[str, list[int]]) -> bool:
    return len(set(results.get("reader", []))) > 1

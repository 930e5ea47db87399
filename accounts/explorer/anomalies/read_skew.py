"""Read skew: a transaction reads two rows at two moments, and their sum was never there. This is the torn audit."""

from collections.abc import Mapping

from accounts.explorer.anomalies.protections import Protection

TITLE = "read skew (A5A, G-single)"
ORDER = 30
ONLY_READ = {"audit"}
TOTAL = 200


def transfer(protected: Protection) -> None:
    with protected.transaction():
        source, target = protected.pair(1, 2)
        source.balance -= 30
        target.balance += 30
        source.save(update_fields=["balance"])
        target.save(update_fields=["balance"])


def audit(protected: Protection) -> int:
    with protected.transaction():
        return sum(protected.rows().get(number=number).balance for number in (1, 2))


SESSIONS = {"transfer": transfer, "audit": audit}


def happened(results: Mapping[str, int]) -> bool:
    return results.get("audit", TOTAL) != TOTAL

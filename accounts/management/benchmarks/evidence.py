"""How long the evidence takes: synthetic histories, so that only the evidence is measured."""

import random
import time
import tracemalloc
from typing import Any, NamedTuple

from accounts.evidence import History, Movement, Token, explain
from accounts.management.benchmarks import goals

ACCOUNTS = 6
SIZES = [(10_000, 1_000), (100_000, 10_000)]
MEGABYTES = 80  # what the last of these is to need at most


class SyntheticHistory(NamedTuple):
    """What a history is made of, and what audits read of it: for each audit, each account's token."""

    opening: dict[int, int]
    movements: list[Movement]
    final: dict[int, Token]
    read: dict[int, dict[int, Token]]

    def history(self) -> History:
        """Made anew: it keeps what it was once asked."""
        return History(self.opening, self.movements, self.final)


def measure_evidence(*, sizes: list[tuple[int, int]] = SIZES) -> list[dict[str, Any]]:
    """A row for each size (transfers, audits) and share of lost updates: seconds, and megabytes at most."""
    rows = []
    for transfers, audits in sizes:
        for lost_share in (0.0, 0.1):
            synthetic = make_history(transfers, audits, lost_share=lost_share)
            start = time.monotonic()
            history = synthetic.history()
            explained = explain(history, synthetic.read)
            lost = history.lost_updates()
            seconds = time.monotonic() - start
            megabytes = round(_peak_mb(synthetic))
            rows.append(
                {
                    "transfers": transfers,
                    "audits": audits,
                    "lost_updates": len(lost),
                    "torn": sum(explanation.torn for explanation in explained.values()),
                    "seconds": round(seconds, 2),
                    "megabytes": megabytes,
                    "goal": goals.at_most(MEGABYTES, megabytes) if (transfers, audits) == SIZES[-1] else None,
                }
            )
    return rows


def _peak_mb(synthetic: SyntheticHistory) -> float:
    tracemalloc.start()
    explain(synthetic.history(), synthetic.read)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1_000_000


def make_history(transfers: int, audits: int, *, lost_share: float) -> SyntheticHistory:
    """A bank's history of which a share of the transfers overwrote an update, and audits that read a little late."""
    draw = random.Random(1)
    versions: dict[int, list[Token]] = {account: [None] for account in range(ACCOUNTS)}
    movements: list[Movement] = []
    read: dict[int, dict[int, Token]] = {}
    for pk in range(1, transfers + 1):
        source, target = draw.sample(range(ACCOUNTS), 2)
        stale = -2 if draw.random() < lost_share and len(versions[source]) > 1 else -1
        movements.append(Movement(pk, source, target, 1 + pk % 100, versions[source][stale], versions[target][-1]))
        versions[source].append(pk)
        versions[target].append(pk)
        if pk % (transfers // audits) == 0:
            read[pk] = {account: seen[-min(draw.randint(1, 3), len(seen))] for account, seen in versions.items()}
    final = {account: seen[-1] for account, seen in versions.items()}
    return SyntheticHistory(dict.fromkeys(range(ACCOUNTS), 1_000_000), movements, final, read)

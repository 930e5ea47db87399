"""How long an exploration takes for what is not the calls': setting back, reading and judging each schedule."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median


class Upkeep:
    """Times each kind of work, each time that it is done."""

    def __init__(self) -> None:
        self._taken_s: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def of(self, kind: str) -> Iterator[None]:
        """What is inside is work of this kind."""
        began = time.perf_counter()
        yield
        self._taken_s[kind].append(time.perf_counter() - began)

    def medians_ms(self) -> dict[str, float]:
        """By kind, the median of how long it took."""
        return {kind: 1_000 * median(taken_s) for kind, taken_s in self._taken_s.items()}

"""Medians and ratios of what was measured in turns."""

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

Rounds = dict[str, list[float]]


def in_turns(measures: Mapping[str, Callable[[], float]], *, rounds: int) -> Rounds:
    """Take every measure once in each round: what disturbs the machine for a while disturbs all of them."""
    figures: Rounds = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            figures[name].append(measure())
    return figures


def against(rounds: Rounds, name: str) -> list[dict[str, Any]]:
    """A row for each measure: its median, and its ratio to another one's median, with the least and the greatest."""
    unit = median(rounds[name])
    return [
        {
            "name": measure,
            "median": round(median(values), 1),
            "ratio": round(median(values) / unit, 3),
            "least": round(min(values) / unit, 3),
            "greatest": round(max(values) / unit, 3),
        }
        for measure, values in rounds.items()
    ]

"""What stands at the opening of a bank, before any row is written: its balances, and the transfers asked for. Pure."""

from itertools import cycle, islice
from typing import NamedTuple

# The six accounts of the lecture: 44,500 in all. A larger bank goes round them again.
LECTURE_BALANCES = (5000, 10000, 7500, 7000, 6000, 9000)


class Order(NamedTuple):
    """A planned transfer between two accounts, by their numbers."""

    source: int
    target: int
    amount: int


def opening_balances(account_count: int) -> list[int]:
    """What each account holds at the opening, from account 1 on."""
    return list(islice(cycle(LECTURE_BALANCES), account_count))

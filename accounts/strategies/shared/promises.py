"""The words in which a strategy's file says what it promises. Two lines near its top:

    TRANSFERS_HOLD = Among.EVERYONE
    AUDITS_HOLD = Beside.ALL_TRANSFERS

A strategy that only transfers, or only audits, has one of them. `accounts/strategies/__init__.py` reads them, and lists
what else a file may say of itself.
"""

from enum import Enum, IntEnum


class Among(IntEnum):
    """Who may transfer at the same time, so that no money is made or lost."""

    NO_ONE = 0
    THREADS = 1  # of one process
    PROCESSES = 2  # of one machine
    EVERYONE = 3  # on this database


class Beside(Enum):
    """Beside which transfers every audit is whole. (Each transfer is one transaction, and keeps the money right.)"""

    NO_TRANSFERS = "no transfers"
    OWN_TRANSFERS = "own transfers"  # of the same strategy: both take the same lock
    ALL_TRANSFERS = "all transfers"

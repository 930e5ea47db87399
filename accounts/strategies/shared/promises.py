"""The words in which a strategy's file says what it promises, and which lock it asks for. Some lines near its top:

    TRANSFERS_HOLD = Among.EVERYONE
    AUDITS_HOLD = Beside.ALL_TRANSFERS
    ASKS_FOR = Lock.ROWS

A strategy that only transfers, or only audits, has one of the first two. `accounts/strategies/__init__.py` reads
them, and lists what else a file may say of itself.
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


class Place(Enum):
    """Where a lock is: sessions that are not there have another one, or none."""

    PROCESS = "process"
    MACHINE = "machine"
    DATABASE = "database"


class Lock(Enum):
    """A lock that a strategy asks for, by its name; two strategies with the same one wait for each other."""

    PYTHON = "Python lock"
    PYTHON_FOR_EACH_ACCOUNT = "Python locks of the accounts"
    FILE = "lock file"
    ADVISORY = "advisory lock"
    ROWS = "row locks"

    @property
    def place(self) -> Place:
        return {Lock.ADVISORY: Place.DATABASE, Lock.ROWS: Place.DATABASE, Lock.FILE: Place.MACHINE}.get(
            self, Place.PROCESS
        )

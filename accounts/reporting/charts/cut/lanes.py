"""What a picture of a cut is made of: accounts with their versions, and the transfers that wrote them."""

from typing import NamedTuple

Account = int
Leg = tuple[Account, int]  # a transfer's write to an account


class Lane(NamedTuple):
    """One account: its versions up to the one that the audit read (the last of `seen`), and those after it."""

    account: Account
    number: int
    #: What the audit read; None: it did not read this account.
    balance: int | None
    #: The transfers that wrote these versions, in their order.
    seen: tuple[int, ...]
    unseen: tuple[int, ...]


class Move(NamedTuple):
    """A transfer that is drawn, whether the audit saw it or not: what it moved between which accounts."""

    transfer: int
    source: Account
    target: Account
    amount: int
    #: The accounts again, as people name them.
    source_number: int
    target_number: int

    @property
    def in_words(self) -> str:
        return f"Transfer {self.transfer}: {self.source_number} to {self.target_number}, {self.amount:,}"

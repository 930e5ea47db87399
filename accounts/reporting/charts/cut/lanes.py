"""What a picture of a cut is made of: accounts with their versions, and the transfers that wrote them."""

from typing import NamedTuple

Account = int
Leg = tuple[Account, int]  # a transfer's write to an account


class Lane(NamedTuple):
    """One account: its versions up to the one that the audit read (the last of `seen`), and those after it."""

    account: Account
    number: int
    balance: int | None  # what the audit read; None: it did not read this account
    seen: tuple[int, ...]
    unseen: tuple[int, ...]


class Move(NamedTuple):
    """A transfer: what it moved between which accounts, by their keys and by their numbers."""

    transfer: int
    source: Account
    target: Account
    amount: int
    source_number: int
    target_number: int

"""Pure: of a lost update, the two writes that were based on the same version of one account."""

from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from accounts.evidence.history import Account, History, LostUpdate, Token


class Overwritten(NamedTuple):
    """Two transfers read the same version of an account, and each wrote its own result: one of them counts."""

    account: Account
    #: The version that both replaced (None: the opening).
    base: Token
    #: What was lost: the transfer that read the base, those that wrote after it, and the lost transfer as the last.
    branch: tuple[int, ...]
    #: The transfer that read the base too, and from whose balance the account goes on.
    overwriter: int

    @property
    def first(self) -> int:
        """The lost transfer that read the same version as the overwriter."""
        return self.branch[0]


def overwritten(history: History, account: Account, lost: int) -> Overwritten | None:
    """How this write was lost; None if it is in the account's final balance, or was never written."""
    if not history.wrote(account, lost) or history.is_final(account, lost):
        return None
    overwriter = history.overwriter(account, lost)
    if overwriter is None:
        return None
    newest_first = takewhile(lambda version: not history.is_final(account, version), history.path(account, lost))
    branch = tuple(newest_first)[::-1]
    return Overwritten(account, history.base(account, overwriter), branch, overwriter)


def easiest_lost(history: History, updates: Iterable[LostUpdate], *, at_most: int) -> list[LostUpdate]:
    """Of lost updates, those that are easiest to understand: first those which read what their overwriter read."""

    def how_hard(lost: LostUpdate) -> tuple[bool, int, Account]:
        account, overwriter = lost.account, lost.overwritten_by
        same = overwriter is not None and (history.base(account, lost.transfer) == history.base(account, overwriter))
        return not same, lost.transfer, account

    return sorted((lost for lost in updates if lost.overwritten_by is not None), key=how_hard)[:at_most]

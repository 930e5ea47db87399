"""Pure: of lost updates, those that are easiest to understand."""

from collections.abc import Iterable

from accounts.evidence.history import Account, History, LostUpdate


def easiest_lost(history: History, updates: Iterable[LostUpdate], *, at_most: int) -> list[LostUpdate]:
    """Of lost updates, those that are easiest to understand: first those which read what their overwriter read."""

    def how_hard(lost: LostUpdate) -> tuple[bool, int, Account]:
        account, overwriter = lost.account, lost.overwritten_by
        same = overwriter is not None and history.base(account, lost.transfer) == history.base(account, overwriter)
        return not same, lost.transfer, account

    return sorted((lost for lost in updates if lost.overwritten_by is not None), key=how_hard)[:at_most]

"""Everything that is shown of a transfer whose writes were lost: for each lost one, who read and who wrote what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accounts import evidence
from accounts.db.isolation import one_snapshot
from accounts.evidence.amounts import signed
from accounts.evidence.rows import read_versions
from accounts.models import Transfer

MAX_NAMED = 5  # of the transfers that were lost together


class Writer(NamedTuple):
    """One of the two transfers that read the same balance."""

    transfer: int
    #: Its part in the account's balance, with its sign.
    adds: str
    wrote: int


@dataclass(frozen=True)
class LostSide:
    """One account on which the transfer's write was lost: two transfers read the same balance of it."""

    #: The account's number.
    account: int
    read: int
    #: The transfer that wrote what both read; None: the opening.
    read_from: int | None
    lost: Writer
    overwriter: Writer
    #: What the account would have held if both counted.
    should_be: int
    #: Transfers that wrote on top of the lost balance, and were lost with it: the oldest first, with their parts.
    also_lost: Sequence[tuple[int, str]]
    #: More of these, which are not named.
    more_lost: int

    @property
    def headline(self) -> str:
        """In one sentence, what is gone."""
        return f"Lost update on account {self.account}: {self.lost.adds} of transfer {self.lost.transfer} is gone"

    @property
    def in_words(self) -> str:
        """The picture in sentences."""
        lost, other = self.lost, self.overwriter
        return (
            f"Transfers {lost.transfer} and {other.transfer} both read {self.read:,} on account {self.account}. "
            f"Transfer {lost.transfer} wrote {lost.wrote:,}; transfer {other.transfer} wrote {other.wrote:,}, without "
            f"the {lost.adds}. The account goes on from {other.wrote:,}; {self.should_be:,} would be right."
        )


@dataclass(frozen=True)
class LostUpdatePage:
    """One transfer, and what was lost of it."""

    transfer: Transfer
    sides: Sequence[LostSide]
    #: Accounts (by number) on which it counts as applied, and has never written.
    never_written: Sequence[int]

    @property
    def nothing_lost(self) -> str:
        """Why there is nothing to show; "" if something was lost."""
        if self.sides or self.never_written:
            return ""
        if self.transfer.status != Transfer.Status.APPLIED:
            return f"{self.transfer} is {self.transfer.status}: no update of it can have been lost.".capitalize()
        return f"No update of {self.transfer} was lost: both of its accounts hold what it wrote."


def lost_update_page(transfer: Transfer) -> LostUpdatePage:
    """What the rows say about the transfer's two writes, in three queries. While its storm runs, this may change."""
    with one_snapshot():
        accounts = list(transfer.accounts)
        versions_of = {account.number: read_versions(account) for account in accounts}
    final = {number for number, versions in versions_of.items() if versions.is_final(transfer.pk)}
    took_effect = final or transfer.status == Transfer.Status.APPLIED
    missing = {number: versions for number, versions in versions_of.items() if took_effect and number not in final}
    overwrites = {number: versions.overwritten(transfer.pk) for number, versions in missing.items()}
    sides = [side for number, lost in overwrites.items() if lost and (side := _side(versions_of[number], lost, number))]
    return LostUpdatePage(
        transfer, sides, never_written=[number for number, lost in overwrites.items() if lost is None]
    )


def _side(versions: evidence.Versions, lost: evidence.Overwritten, number: int) -> LostSide | None:
    """None if rows are damaged, so that the balances are not known."""
    read = versions.balance(lost.base)
    if read is None:
        return None
    also = lost.branch[1:]
    named = also if len(also) <= MAX_NAMED else (*also[: MAX_NAMED - 1], also[-1])
    adds = versions.adds(lost.first)
    overwriter = _writer(versions, lost.overwriter, read)
    return LostSide(
        account=number,
        read=read,
        read_from=lost.base,
        lost=_writer(versions, lost.first, read),
        overwriter=overwriter,
        should_be=overwriter.wrote + adds,
        also_lost=[(pk, signed(versions.adds(pk))) for pk in named],
        more_lost=len(also) - len(named),
    )


def _writer(versions: evidence.Versions, transfer: int, read: int) -> Writer:
    adds = versions.adds(transfer)
    return Writer(transfer, signed(adds), read + adds)

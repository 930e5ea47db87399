"""What was committed, in order, as every other session could see it: evidence that no strategy can leave out. Pure.

The commits give all versions of each account. An audit's reading of an account is one of the versions that were current
between the audit's first step and its last one. A token tells two versions with the same balance apart, if it is known
to have been read together with the balance.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from accounts.evidence.history import Account, Token

Writer = str  # a session that writes: it makes a transfer, or does something else


class Version(NamedTuple):
    """A balance that was committed, and the token beside it."""

    number: int  #: of the commit; 0: the opening
    balance: int
    token: Token
    writers: tuple[Writer, ...] = ()  #: who wrote it; if several did in one step, in the order in which they went on


class Read(NamedTuple):
    """What an audit returned of one account."""

    balance: int
    token: Token
    is_one_row: bool = True  #: balance and token were read in one row; if not, the token says nothing


@dataclass(frozen=True)
class Window:
    """While an audit took place: how many commits had been made before its first step, and by its end."""

    first: int
    last: int


@dataclass(frozen=True)
class Placement:
    """Where an audit's readings may belong: for each account, the committed versions that they can be."""

    versions: Mapping[Account, Sequence[Version]]

    @property
    def impossible(self) -> list[Account]:
        """The accounts that did not hold what was returned, at any moment of the audit."""
        return [account for account, versions in self.versions.items() if not versions]

    def choices(self) -> Iterator[dict[Account, Version]]:
        """Every way to choose one version for each account; impossible accounts are left out."""
        accounts = [account for account, versions in self.versions.items() if versions]
        for chosen in product(*(self.versions[account] for account in accounts)):
            yield dict(zip(accounts, chosen, strict=True))


class Commits:
    """The versions of each account, from the oldest on. `opening` are the balances before the first commit."""

    def __init__(self, opening: Mapping[Account, int]) -> None:
        self.count = 0
        self.opening = opening
        self.versions: dict[Account, list[Version]] = {
            account: [Version(0, balance, None)] for account, balance in opening.items()
        }

    def add(self, balances: Mapping[Account, Read], writers: Sequence[Writer]) -> None:
        """Note what is committed now, if something has changed; `writers` are those who may have written it.

        An account that is not in `balances` stays as it was; one that was not there before held nothing.
        """
        changes = {account: read for account, read in balances.items() if read[:2] != self._current(account)}
        if not changes:
            return
        self.count += 1
        for account, read in changes.items():
            versions = self.versions.setdefault(account, [Version(0, 0, None)])
            versions.append(Version(self.count, read.balance, read.token, tuple(writers)))

    def named(self, number: Callable[[Account], Account], token: Callable[[Token], Token]) -> "Commits":
        """The same with other names for accounts and tokens."""
        renamed_commits = Commits({number(account): balance for account, balance in self.opening.items()})
        renamed_commits.count = self.count
        renamed_commits.versions = {
            number(account): [version._replace(token=token(version.token)) for version in versions]
            for account, versions in self.versions.items()
        }
        return renamed_commits

    def _current(self, account: Account) -> tuple[int, Token] | None:
        versions = self.versions.get(account)
        return (versions[-1].balance, versions[-1].token) if versions else None

    def place(self, readings: Mapping[Account, Read], window: Window) -> Placement:
        """Where the readings of an audit, which took place in this window, may belong."""
        return Placement(
            {
                account: [version for version in self._current_in(window, account) if _may_be(version, read)]
                for account, read in readings.items()
            }
        )

    def _current_in(self, window: Window, account: Account) -> list[Version]:
        """The versions of the window; of an account that was opened, also that it was not there.

        An audit that has left such an account out has read it as not being there, however long it has been there.
        """
        versions = self.versions.get(account, [])
        if account not in self.opening:
            return [version for version in versions if version.number <= window.last]
        earlier = [version for version in versions if version.number <= window.first]
        return earlier[-1:] + [version for version in versions if window.first < version.number <= window.last]


def _may_be(version: Version, read: Read) -> bool:
    return version.balance == read.balance and (version.token == read.token or not read.is_one_row)

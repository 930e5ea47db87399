"""The history of a bank, as its rows recorded it: which transfer wrote over what, and which writes are final."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import NamedTuple

Account = int
Token = int | None
Leg = tuple[Account, int]  # a transfer's write to an account; the transfer's id names the version that it made


class Movement(NamedTuple):
    """A transfer that has written, or has begun to: what it moved and which versions it meant to replace."""

    id: int
    source: Account
    target: Account
    amount: int
    source_based_on: Token
    target_based_on: Token
    applied: bool = True  # reported as done
    repeats: int | None = None  # the planned transfer that this one did once more

    def change(self, account: Account) -> int:
        """What it adds to the balance of one of its two accounts."""
        return -self.amount if account == self.source else self.amount

    @property
    def should_count(self) -> bool:
        """Whether it was planned and reported as done: then its amount should be in both balances, once."""
        return self.applied and self.repeats is None


class LostUpdate(NamedTuple):
    """A write that is missing from its account's final balance: what it would have added, and who wrote over it."""

    transfer: int
    account: Account
    amount: int
    overwritten_by: int | None  # None: it was never written (its worker died, and there was no transaction)


class Cause(str, Enum):
    """Why an account does not hold its opening, plus what came in, minus what went out."""

    LOST = "lost update"  # applied, and overwritten
    NEVER_WRITTEN = "never written"  # reported as applied, without this half
    HALF_APPLIED = "half applied"  # not reported as applied, and this half is there
    APPLIED_AGAIN = "applied again"


class Damage(NamedTuple):
    """One transfer's share in an account being off."""

    transfer: int
    amount: int
    cause: Cause


class History:
    """What a bank's rows recorded about their own making: openings, transfers, and each account's last token.

    Kept for each account by itself, by tokens alone: 100,000 transfers write 200,000 versions, and a key of two values
    for each of them, in each of these tables, would take more memory than all the rest.
    """

    def __init__(
        self, opening: Mapping[Account, int], movements: Iterable[Movement], final: Mapping[Account, Token]
    ) -> None:
        self.opening = opening
        self.final = final
        self.movements = {movement.id: movement for movement in movements}
        self._bases: dict[Account, dict[int, Token]] = defaultdict(dict)  # by version: the one that it replaced
        #: the same, the other way round: what replaced a version is almost always one write, kept without a list
        self._built_on: dict[Account, dict[Token, int | list[int]]] = defaultdict(dict)
        for movement in self.movements.values():
            self._add(movement.source, movement.id, movement.source_based_on)
            self._add(movement.target, movement.id, movement.target_based_on)
        self._final = {account: set(self.path(account, final[account])) for account in opening}
        self._lost_from: dict[Leg, Token] = {}
        self._balances: dict[Leg, int] = {}

    def _add(self, account: Account, token: int, base: Token) -> None:
        self._bases[account][token] = base
        built_on = self._built_on[account]
        others = built_on.setdefault(base, token)
        if isinstance(others, list):
            others.append(token)
        elif others != token:
            built_on[base] = [others, token]

    def wrote(self, account: Account, token: Token) -> bool:
        """Whether a known transfer wrote this version of the account, or was to write it."""
        return token in self._bases.get(account, ())

    def base(self, account: Account, token: int) -> Token:
        """The version that this one replaced (None: the opening); None also if no known transfer wrote this one."""
        return self._bases.get(account, {}).get(token)

    def built_on(self, account: Account, base: Token) -> Sequence[int]:
        """The versions that replaced this one; more than one where updates were lost."""
        versions = self._built_on.get(account, {}).get(base, ())
        return (versions,) if isinstance(versions, int) else versions

    def is_final(self, account: Account, token: Token) -> bool:
        """Whether the account's last balance contains this version."""
        return token in self._final.get(account, ())

    def path(self, account: Account, token: Token) -> Iterator[int]:
        """The transfers contained in a version of the account, newest first."""

        bases = self._bases.get(account, {})

        def walk() -> Iterator[int]:
            version = token
            while version is not None:
                yield version
                version = bases.get(version)

        # Bounded, should the rows be damaged and refer to each other in a circle.
        return islice(walk(), len(self.movements) + 1)

    def balance(self, account: Account, token: Token) -> int | None:
        """What the account held in the version with this token, as the transfers say: its opening, and each of them.

        None if one of them is not known, or has no part in this account.
        """
        branch: list[int] = []
        for version in self.path(account, token):
            if (account, version) in self._balances:
                break
            if not self.wrote(account, version):
                return None
            branch.append(version)
        base = self.base(account, branch[-1]) if branch else token
        balance = self.opening[account] if base is None else self._balances.get((account, base))
        if balance is None:  # damaged rows that refer to each other in a circle
            return None
        for version in reversed(branch):
            balance += self.movements[version].change(account)
            self._balances[account, version] = balance
        return balance

    def legs(self) -> Iterator[tuple[Movement, Account, int]]:
        """Every write that was made or meant: the transfer, the account and the signed amount."""
        for movement in self.movements.values():
            yield movement, movement.source, -movement.amount
            yield movement, movement.target, movement.amount

    def took_effect(self, movement: Movement) -> bool:
        """Whether it was reported as applied, or left its mark on a final balance all the same."""
        both = (movement.source, movement.target)
        return movement.applied or any(self.is_final(account, movement.id) for account in both)

    def drift(self) -> int:
        """How much money was made (or, below 0, lost) for good."""
        return sum(amount for movement, account, amount in self.legs() if self.is_final(account, movement.id))

    def lost_updates(self) -> list[LostUpdate]:
        """The writes that are missing from the final balances; what they add up to is the drift, with its sign turned.

        (A transfer that was reported as applied adds up to 0, so what is missing of it is what drifted.)
        """
        return [lost for movement in self.movements.values() for lost in self.lost_updates_of(movement)]

    def lost_updates_of(self, movement: Movement) -> list[LostUpdate]:
        """The lost updates of one transfer: none, one or both of its writes."""
        return [
            LostUpdate(movement.id, account, movement.change(account), self.overwriter(account, movement.id))
            for account in (movement.source, movement.target)
            if not self.is_final(account, movement.id) and self.took_effect(movement)
        ]

    def should_be(self) -> dict[Account, int]:
        """What each account should hold: its opening, plus and minus every planned transfer reported as applied."""
        balances = dict(self.opening)
        for movement, account, amount in self.legs():
            if movement.should_count:
                balances[account] += amount
        return balances

    def accounts_off(self) -> dict[Account, list[Damage]]:
        """The accounts that do not hold what they should, and the transfers that add up to by how much."""
        off: dict[Account, list[Damage]] = defaultdict(list)
        for movement, account, amount in self.legs():
            is_there = self.is_final(account, movement.id)
            if is_there and movement.repeats is not None:
                off[account].append(Damage(movement.id, amount, Cause.APPLIED_AGAIN))
            elif is_there and not movement.should_count:
                off[account].append(Damage(movement.id, amount, Cause.HALF_APPLIED))
            elif movement.should_count and not is_there:
                lost = self.overwriter(account, movement.id) is not None
                off[account].append(Damage(movement.id, -amount, Cause.LOST if lost else Cause.NEVER_WRITTEN))
        return {account: damage for account, damage in sorted(off.items()) if sum(part.amount for part in damage)}

    def overwriter(self, account: Account, lost: int) -> int | None:
        """The transfer on the final chain that wrote over a lost version, or over what that one was built on."""
        base = self._where_it_left_the_chain(account, lost)
        return next((token for token in self.built_on(account, base) if self.is_final(account, token)), None)

    def _where_it_left_the_chain(self, account: Account, lost: int) -> Token:
        """The last version on the final chain that a lost version contains (None: the opening)."""
        branch: dict[Leg, None] = {}
        version: Token = lost
        while version is not None and not self.is_final(account, version):
            if (account, version) in self._lost_from:
                version = self._lost_from[account, version]
                break
            if (account, version) in branch:  # damaged rows that refer to each other in a circle
                version = None
                break
            branch[account, version] = None
            version = self.base(account, version)
        self._lost_from.update(dict.fromkeys(branch, version))
        return version

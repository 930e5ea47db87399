"""Pure: a history in, the explanation of every torn or wrong audit out. No clocks, no luck, no database.

Every balance carries a token, the id of the transfer that wrote it, and every transfer says which tokens its two
writes were based on. So the versions of one account form a tree with the opening at its root, and the path from a
version back to the root is the set of transfers that this balance *contains*. The path of the account's last token is
its *final chain*; a write that is not on it was lost: somebody who had not seen it wrote over it.

An audit's total is wrong by exactly the transfers that it saw on one of their two accounts only:

- *half seen*: the other side had not been written yet when the audit read it (read skew: Berenson et al. 1995, A5A;
  Adya 1999, G-single). One of these makes the audit torn, whatever its total.
- *lost*: the other side had been written, and overwritten (lost update, P4). The audit cannot be blamed for these.

Making every version traceable is the idea of Elle (Kingsbury and Alvaro, 2020), carried to balances of a bank.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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
    applied: bool = True


class HalfSeen(NamedTuple):
    """A transfer that an audit saw on one account only, and what that adds to the audit's error."""

    transfer: int
    seen_on: Account
    not_seen_on: Account
    amount: int


class LostUpdate(NamedTuple):
    """A write that is missing from its account's final balance: what it would have added, and who wrote over it."""

    transfer: int
    account: Account
    amount: int
    overwritten_by: int | None  # None: it was never written (its worker died, and there was no transaction)


@dataclass(frozen=True)
class Explanation:
    """Why an audit's total is what it is: `explained` equals its error, to the cent, for every strategy."""

    half_seen: list[HalfSeen] = field(default_factory=list)
    lost_count: int = 0
    lost_amount: int = 0
    unread: list[Account] = field(default_factory=list)
    unread_amount: int = 0

    @property
    def torn(self) -> bool:
        """Whether the readings are not a consistent cut. A total that is right by luck does not change that."""
        return bool(self.half_seen or self.unread)

    @property
    def explained(self) -> int:
        return sum(seen.amount for seen in self.half_seen) + self.lost_amount + self.unread_amount


class History:
    """What a bank's rows recorded about their own making: openings, transfers, and each account's last token."""

    def __init__(
        self, opening: Mapping[Account, int], movements: Iterable[Movement], final: Mapping[Account, Token]
    ) -> None:
        self.opening = opening
        self.final = final
        self.movements = {movement.id: movement for movement in movements}
        self.based_on: dict[Leg, Token] = {}
        self.built_on: dict[tuple[Account, Token], list[int]] = defaultdict(list)  # the same, the other way round
        for movement in self.movements.values():
            self._add(movement.source, movement.id, movement.source_based_on)
            self._add(movement.target, movement.id, movement.target_based_on)
        self.final_legs = {(account, token) for account in opening for token in self.path(account, final[account])}
        self._lost_from: dict[Leg, Token] = {}

    def _add(self, account: Account, token: int, base: Token) -> None:
        self.based_on[account, token] = base
        self.built_on[account, base].append(token)

    def path(self, account: Account, token: Token) -> Iterator[int]:
        """The transfers contained in a version of the account, newest first."""

        def walk() -> Iterator[int]:
            version = token
            while version is not None:
                yield version
                version = self.based_on.get((account, version))

        # Bounded, should the rows be damaged and refer to each other in a circle.
        return islice(walk(), len(self.movements) + 1)

    def legs(self) -> Iterator[tuple[Movement, Account, int]]:
        """Every write that was made or meant: the transfer, the account and the signed amount."""
        for movement in self.movements.values():
            yield movement, movement.source, -movement.amount
            yield movement, movement.target, movement.amount

    def took_effect(self, movement: Movement) -> bool:
        """Whether it was reported as applied, or left its mark on a final balance all the same."""
        sides = (movement.source, movement.id), (movement.target, movement.id)
        return movement.applied or not self.final_legs.isdisjoint(sides)

    def drift(self) -> int:
        """How much money was made (or, below 0, lost) for good."""
        return sum(amount for movement, account, amount in self.legs() if (account, movement.id) in self.final_legs)

    def lost_updates(self) -> list[LostUpdate]:
        """The writes that are missing from the final balances; what they add up to is the drift, with its sign turned.

        (A transfer that was reported as applied adds up to 0, so what is missing of it is what drifted.)
        """
        return [
            LostUpdate(movement.id, account, amount, self.overwriter(account, movement.id))
            for movement, account, amount in self.legs()
            if (account, movement.id) not in self.final_legs and self.took_effect(movement)
        ]

    def overwriter(self, account: Account, lost: int) -> int | None:
        """The transfer on the final chain that wrote over a lost version, or over what that one was built on."""
        base = self._where_it_left_the_chain(account, lost)
        return next((token for token in self.built_on[account, base] if (account, token) in self.final_legs), None)

    def _where_it_left_the_chain(self, account: Account, lost: int) -> Token:
        """The last version on the final chain that a lost version contains (None: the opening)."""
        branch = []
        version: Token = lost
        while version is not None and (account, version) not in self.final_legs:
            if (account, version) in self._lost_from:
                version = self._lost_from[account, version]
                break
            branch.append((account, version))
            version = self.based_on.get((account, version))
        self._lost_from.update(dict.fromkeys(branch, version))
        return version


def explain(history: History, audits: Mapping[int, Mapping[Account, Token]]) -> dict[int, Explanation]:
    """The explanation of each audit, given the token that it read on each account.

    Linear in transfers and audits: one cut is moved through the history, from audit to audit in the order of how much
    they contain, and only what a move passes is looked at again.
    """
    depths = _depths(history)
    in_order = sorted(audits, key=lambda audit: sum(depths.get(leg, 0) for leg in audits[audit].items()))
    cut = _Cut(history)
    explanations = {}
    for audit in in_order:
        cut.move_to(audits[audit])
        explanations[audit] = cut.explanation(audits[audit])
    return explanations


def _depths(history: History) -> dict[Leg, int]:
    """How many transfers each version contains."""
    depths: dict[Leg, int] = {}
    for account, token in history.based_on:
        branch = []
        for version in history.path(account, token):
            if (account, version) in depths:
                break
            branch.append((account, version))
        depth = depths.get((account, history.based_on.get(branch[-1])), 0) if branch else 0
        for leg in reversed(branch):
            depth += 1
            depths[leg] = depth
    return depths


class _Cut:
    """One version of every account, and the transfers that it contains on one side only."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.at: dict[Account, Token] = dict.fromkeys(history.opening)
        self.contained: set[Leg] = set()
        # For a lost version: how many versions that the cut contains were written instead of it.
        self.written_over: dict[Leg, int] = defaultdict(int)
        self.half_seen: dict[int, HalfSeen] = {}
        self.lost: dict[int, int] = {}
        self.lost_amount = 0

    def move_to(self, readings: Mapping[Account, Token]) -> None:
        for account in self.at:
            token = readings.get(account)
            if token != self.at[account]:
                self._move(account, token)

    def _move(self, account: Account, token: Token) -> None:
        """Along the account's tree: down from where both paths meet come the versions to add, up the ones to drop."""
        added = []
        meeting = None
        for version in self.history.path(account, token):
            if (account, version) in self.contained:
                meeting = version
                break
            added.append(version)
        for version in self.history.path(account, self.at[account]):
            if version == meeting:
                break
            self._set(account, version, contained=False)
        for version in added:
            self._set(account, version, contained=True)
        self.at[account] = token

    def _set(self, account: Account, version: int, *, contained: bool) -> None:
        leg = account, version
        if contained:
            self.contained.add(leg)
        else:
            self.contained.discard(leg)
        self._judge(version)
        if leg not in self.history.based_on:
            return
        for sibling in self.history.built_on[account, self.history.based_on[leg]]:
            if sibling != version and (account, sibling) not in self.history.final_legs:
                self._write_over(account, sibling, 1 if contained else -1)

    def _write_over(self, account: Account, version: int, change: int) -> None:
        """Count it for the lost version and all that was built on it."""
        branch = [version]
        while branch:
            version = branch.pop()
            self.written_over[account, version] += change
            self._judge(version)
            branch.extend(self.history.built_on.get((account, version), ()))

    def _judge(self, transfer: int) -> None:
        """Is it seen on both sides or neither (fine), on one with the other still to come, or with the other lost?"""
        self.half_seen.pop(transfer, None)
        self.lost_amount -= self.lost.pop(transfer, 0)
        movement = self.history.movements.get(transfer)
        if movement is None:
            return
        on_source = (movement.source, transfer) in self.contained
        on_target = (movement.target, transfer) in self.contained
        if on_source == on_target:
            return
        seen, unseen = (movement.source, movement.target) if on_source else (movement.target, movement.source)
        amount = -movement.amount if on_source else movement.amount
        if self.written_over.get((unseen, transfer)):
            self.lost[transfer] = amount
            self.lost_amount += amount
        else:
            self.half_seen[transfer] = HalfSeen(transfer, seen, unseen, amount)

    def explanation(self, readings: Mapping[Account, Token]) -> Explanation:
        unread = [account for account in self.at if account not in readings]
        return Explanation(
            half_seen=sorted(self.half_seen.values()),
            lost_count=len(self.lost),
            lost_amount=self.lost_amount,
            unread=unread,
            unread_amount=-sum(self.history.opening[account] for account in unread),
        )

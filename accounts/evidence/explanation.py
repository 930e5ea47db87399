"""Explains audits: what each of them read is a cut through the history, and a cut may be torn, or incomplete."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from accounts.evidence.history import Account, History, Leg, Token


class HalfSeen(NamedTuple):
    """A transfer that an audit saw on one of two accounts that it read, and what that adds to what the audit is off by.

    Accounts are named by their primary keys; on pages, by their numbers in the bank (see `rows.half_seen_of`).
    """

    transfer: int
    seen_on: Account
    not_seen_on: Account
    #: Below 0: the audit saw the money leave, and not arrive.
    amount: int

    @property
    def source(self) -> Account:
        return self.seen_on if self.amount < 0 else self.not_seen_on

    @property
    def target(self) -> Account:
        return self.not_seen_on if self.amount < 0 else self.seen_on

    @property
    def moved(self) -> int:
        """How much money the transfer moved."""
        return abs(self.amount)


@dataclass(frozen=True)
class Explanation:
    """Why an audit's total is what it is: `explained` equals what it is off by, to the cent, for every strategy.

    An audit may be torn and incomplete, one of both, or neither. Amounts are signed like what it is off by.
    """

    half_seen: list[HalfSeen] = field(default_factory=list)
    lost_count: int = 0
    lost_amount: int = 0
    unread: list[Account] = field(default_factory=list)  # the accounts that were left out
    unread_amount: int = 0  # minus what they would have held

    @property
    def torn(self) -> bool:
        """Whether two readings contradict each other. A total that is right by luck does not change that."""
        return bool(self.half_seen)

    @property
    def is_incomplete(self) -> bool:
        """Whether an account was left out. One that held nothing counts too: the total is then right by luck."""
        return bool(self.unread)

    @property
    def explained(self) -> int:
        """What the half-seen transfers, the lost ones and the unread accounts add up to."""
        return sum(seen.amount for seen in self.half_seen) + self.lost_amount + self.unread_amount


def explain(history: History, audits: Mapping[int, Mapping[Account, Token]]) -> dict[int, Explanation]:
    """The explanation of each audit, given the token that it read on each account.

    Linear in transfers and audits: one cut is moved through the history, from audit to audit in the order of how much
    they contain, and only what a move passes is looked at again.
    """
    cut = _Cut(history)
    explanations = {}
    for audit in _in_order(history, audits):
        cut.move_to(audits[audit])
        explanations[audit] = cut.explanation(audits[audit])
    return explanations


def _in_order(history: History, audits: Mapping[int, Mapping[Account, Token]]) -> list[int]:
    """The audits in the order of how many transfers they contain, each as often as on how many accounts it was seen."""
    depths = _depths(history)

    def size(audit: int) -> int:
        return sum(depths[account].get(token, 0) for account, token in audits[audit].items() if account in depths)

    return sorted(audits, key=size)


def _depths(history: History) -> dict[Account, dict[Token, int]]:
    """How many transfers each version of each account contains. The opening, which contains none, is left out."""
    depths: dict[Account, dict[Token, int]] = defaultdict(dict)
    for movement, account, _amount in history.legs():
        of_account, branch = depths[account], []
        for version in history.path(account, movement.id):
            if version in of_account:
                break
            branch.append(version)
        depth = of_account.get(history.base(account, branch[-1]), 0) if branch else 0
        for version in reversed(branch):
            depth += 1
            of_account[version] = depth
    return depths


class _Cut:
    """One version of every account, and the transfers that it contains on one of their two accounts only.

    A cut is moved from one audit's readings to the next one's. What a move does not pass stays as it was judged.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        #: the version at which each account is; None: the opening
        self.at: dict[Account, Token] = dict.fromkeys(history.opening)
        #: for each account, the writes in the past of this version
        self.contained: dict[Account, set[int]] = defaultdict(set)
        #: for each lost write: how many contained writes took its place, or that of one it was based on
        self.written_over: dict[Leg, int] = defaultdict(int)
        #: the transfers that are contained on one account, and not yet written on the other one
        self.half_seen: dict[int, HalfSeen] = {}
        #: the transfers that are contained on one account, and overwritten on the other one; with their amounts
        self.lost: dict[int, int] = {}
        self.lost_amount = 0

    def move_to(self, readings: Mapping[Account, Token]) -> None:
        """Put each account at the version that was read; one that was not read, at its opening."""
        for account in self.at:
            token = readings.get(account)
            if token != self.at[account]:
                self._move(account, token)

    def _move(self, account: Account, token: Token) -> None:
        """Put one account at the version with this token.

        The versions of an account form a tree with the opening at its root. Its present version and the new one have
        a newest common ancestor, which the cut contains before and after the move.

        1. Walk from the new version towards the root, up to that ancestor: these versions are to be added.
        2. Walk from the present version to the same ancestor, and remove each version that you pass from the cut.
        3. Add those of step 1, from the newest on. (The order makes no difference: each is judged by what is contained
           when all are there.)
        """
        added = []
        meeting = None
        contained = self.contained[account]
        for version in self.history.path(account, token):
            if version in contained:
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
        """Add one write to the cut, or take it out, and judge all transfers for which that makes a difference.

        These are the write's own transfer, and those that were lost because this write was made instead of theirs:
        its siblings, which were based on the same version, unless they are on the final chain.
        """
        if contained:
            self.contained[account].add(version)
        else:
            self.contained[account].discard(version)
        self._judge(version)
        if not self.history.wrote(account, version):
            return
        for sibling in self.history.built_on(account, self.history.base(account, version)):
            if sibling != version and not self.history.is_final(account, sibling):
                self._write_over(account, sibling, 1 if contained else -1)

    def _write_over(self, account: Account, version: int, change: int) -> None:
        """A write that took the place of this version came into the cut (+1), or left it (-1).

        Counts for the version and for all that were based on it, directly or through others: they were lost with it.
        """
        branch = [version]
        while branch:
            version = branch.pop()
            self.written_over[account, version] += change
            self._judge(version)
            branch.extend(self.history.built_on(account, version))

    def _judge(self, transfer: int) -> None:
        """Note what one transfer adds to what the audit is off by, in place of what was noted of it before.

        1. Contained on both accounts, or on neither: nothing.
        2. Contained on one, and overwritten on the other by then: a lost update, in `lost`.
        3. Contained on one, and not yet written on the other: half seen, in `half_seen`.

        A token of no known transfer is left out.
        """
        self.half_seen.pop(transfer, None)
        self.lost_amount -= self.lost.pop(transfer, 0)
        movement = self.history.movements.get(transfer)
        if movement is None:
            return
        on_source = transfer in self.contained[movement.source]
        on_target = transfer in self.contained[movement.target]
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
        """The explanation of the audit with these readings, to which the cut was moved.

        In the cut, an account that was not read is at its opening. A transfer that was seen on the other account is
        no contradiction there: it belongs to what the unread account would have held.
        """
        unread = [account for account in self.at if account not in readings]
        half_seen = [seen for seen in self.half_seen.values() if seen.not_seen_on in readings]
        moved = sum(seen.amount for seen in self.half_seen.values() if seen.not_seen_on not in readings)
        return Explanation(
            half_seen=sorted(half_seen),
            lost_count=len(self.lost),
            lost_amount=self.lost_amount,
            unread=unread,
            unread_amount=moved - sum(self.history.opening[account] for account in unread),
        )

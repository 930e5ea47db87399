"""A history inferred from commits alone, for transfers that kept no tokens or do not say what they replaced. Pure.

Who wrote a version, and by how much that transfer changes a balance, tells which version the write was based on: the
one before it, if the balances fit; else an older one, which was read before it was replaced: a lost update.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from accounts.evidence.commits import Commits, Version, Writer
from accounts.evidence.history import Account, History, Movement, Token


class StaleWrite(NamedTuple):
    """A write that was computed from a balance which another write had replaced before it."""

    transfer: int
    account: Account
    balance: int  #: what it wrote
    base: int  #: the balance from which it was computed
    replaced_by: int  #: the balance that was there when it was written


@dataclass(frozen=True)
class Inferred:
    """The history, and the tokens that its versions have in it."""

    history: History
    tokens: Mapping[tuple[Account, int], Token]  #: by account and the number of the version's commit
    stale: Sequence[StaleWrite]


def infer(commits: Commits, planned: Mapping[Writer, Movement]) -> Inferred:
    """The history as the commits tell it. `planned` are the transfers, by the session that makes each.

    A session that writes and makes no transfer is left out: what it wrote counts as the version before it.
    """
    inference = _Inference(planned)
    for account, versions in commits.versions.items():
        inference.follow(account, versions)
    final = {account: inference.tokens[account, versions[-1].number] for account, versions in commits.versions.items()}
    opening = {account: versions[0].balance for account, versions in commits.versions.items()}
    return Inferred(History(opening, inference.movements(), final), inference.tokens, inference.stale)


@dataclass
class _Inference:
    planned: Mapping[Writer, Movement]
    tokens: dict[tuple[Account, int], Token] = field(default_factory=dict)
    based_on: dict[tuple[Account, int], Token] = field(default_factory=dict)  # by account and movement
    repeats: dict[int, Movement] = field(default_factory=dict)  # of transfers that wrote an account again
    stale: list[StaleWrite] = field(default_factory=list)

    def follow(self, account: Account, versions: Sequence[Version]) -> None:
        """Find for each version of an account what it was based on. (What was there at first is based on nothing.)"""
        self.tokens[account, versions[0].number] = None
        for place in range(1, len(versions)):
            self._link(account, versions[:place], versions[place])

    def _link(self, account: Account, earlier: Sequence[Version], version: Version) -> None:
        """Find what one version was based on.

        1. If its writers' changes add up from the version before it, each was based on the one before.
        2. Else, if one writer's change alone leads here from another balance, that is its base: it has overwritten all
           that came after that, also what the other writers of this version wrote.
        3. Else nothing explains the balance, and it counts as in 1.
        """
        previous, writers = earlier[-1], self._writers(account, version)
        winner = None
        if previous.balance + sum(movement.change(account) for movement in writers) != version.balance:
            winner, base = self._stale_base(account, earlier, version, writers)
        if winner is None:
            token = self._chain(account, self.tokens[account, previous.number], writers)
        else:
            self._chain(
                account, self.tokens[account, previous.number], [each for each in writers if each is not winner]
            )
            token = self._chain(account, self.tokens[account, base.number], [winner])
            self.stale.append(StaleWrite(winner.id, account, version.balance, base.balance, previous.balance))
        self.tokens[account, version.number] = token

    def _writers(self, account: Account, version: Version) -> list[Movement]:
        """The transfers that may have written this version: those that have to do with the account."""
        movements = [self.planned[writer] for writer in version.writers if writer in self.planned]
        return [movement for movement in movements if account in (movement.source, movement.target)]

    def _stale_base(
        self, account: Account, earlier: Sequence[Version], version: Version, writers: Sequence[Movement]
    ) -> tuple[Movement | None, Version]:
        """The writer, the last of them first, and the newest version that its change leads here from."""
        for movement in reversed(writers):
            for base in reversed(earlier):
                if base.balance + movement.change(account) == version.balance:
                    return movement, base
        return None, version

    def _chain(self, account: Account, token: Token, movements: Sequence[Movement]) -> Token:
        """Let each of these writes be based on the one before, the first on this token; return the last one's."""
        for movement in movements:
            write = self._own_id(account, movement)
            self.based_on[account, write] = token
            token = write
        return token

    def _own_id(self, account: Account, movement: Movement) -> int:
        """The id for a write of this transfer; one that has written the account before has been made once more."""
        if (account, movement.id) not in self.based_on:
            return movement.id
        ids = {each.id for each in self.planned.values()} | self.repeats.keys()
        for repeat in self.repeats.values():
            if repeat.repeats == movement.id and (account, repeat.id) not in self.based_on:
                return repeat.id
        again = max(ids) + 1
        self.repeats[again] = movement._replace(id=again, repeats=movement.id)
        return again

    def movements(self) -> list[Movement]:
        """The transfers, and what they were based on. What one never wrote is based on nothing that was there."""
        return [
            movement._replace(
                source_based_on=self.based_on.get((movement.source, movement.id), -movement.id),
                target_based_on=self.based_on.get((movement.target, movement.id), -movement.id),
            )
            for movement in [*self.planned.values(), *self.repeats.values()]
        ]

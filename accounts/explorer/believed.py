"""Which history explains a schedule: the one that its transfers recorded, or one that is inferred from the commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.evidence import History, Token
from accounts.evidence.commits import Commits, Version
from accounts.evidence.inferred import StaleWrite, infer
from accounts.evidence.narrative import Narrator
from accounts.explorer.scratch_bank import ScratchBank, State

UNSIGNED = "A transfer did not sign the accounts that it wrote (last_transfer)."
UNRECORDED = "A transfer does not say what its writes replaced (source_based_on, target_based_on)."
WRITTEN_OTHERWISE = "Accounts were written by a session that makes no transfer."


@dataclass(frozen=True)
class Believed:
    """The history of a schedule, and the versions that were committed in it."""

    commits: Commits
    history: History
    tokens: Mapping[tuple[int, int], Token]  #: in this history; by account and the number of the version's commit
    stale: Sequence[StaleWrite] | None = None  #: None: the history is the recorded one, and says itself what was lost
    notes: tuple[str, ...] = ()  #: why the recorded one is not believed

    def count_lost_updates(self) -> int:
        """How many writes were overwritten by a transfer that had not seen them."""
        if self.stale is not None:
            return len(self.stale)
        return sum(update.overwritten_by is not None for update in self.history.lost_updates())

    def never_written(self) -> set[tuple[int, int]]:
        """The transfers that were made by half, each with the account on which it was never written."""
        updates = self.history.lost_updates()
        return {(update.transfer, update.account) for update in updates if update.overwritten_by is None}

    def tell_lost_updates(self, narrate: Narrator) -> list[str]:
        """A sentence on each write that is missing at the end, or that was computed from an old balance."""
        if self.stale is None:
            return [narrate.lost(update) for update in self.history.lost_updates()]
        return [
            f"Transfer {write.transfer} wrote {write.balance:,} on account {write.account}, which it computed from "
            f"{write.base:,}: that had been replaced by {write.replaced_by:,}."
            for write in self.stale
        ]


def believe(scratch: ScratchBank, state: State) -> Believed:
    """The recorded history, if each committed balance is what it says; else an inferred one.

    Accounts go by their numbers in it, and transfers by their places. The rows must have been read: `state`.
    """
    commits = scratch.log.commits.named(scratch.number, scratch.token)
    versions = [(account, version) for account, versions in commits.versions.items() for version in versions]
    doubtful = [
        version
        for account, version in versions
        if version.number and state.history.balance(account, version.token) != version.balance
    ]
    if not doubtful:
        tokens = {(account, version.number): version.token for account, version in versions}
        return Believed(commits, state.history, tokens)
    inferred = infer(commits, scratch.planned())
    notes = tuple(sorted({_say_why(version, scratch.places) for version in doubtful}))
    return Believed(commits, inferred.history, inferred.tokens, inferred.stale, notes)


def _say_why(version: Version, places: Mapping[str, int]) -> str:
    transfers = [places[writer] for writer in version.writers if writer in places]
    if not transfers:
        return WRITTEN_OTHERWISE
    return UNRECORDED if version.token in transfers else UNSIGNED

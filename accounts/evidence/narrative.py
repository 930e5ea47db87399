"""Sentences about evidence, for people. Pure: explanations and names in, text out."""

from collections.abc import Collection, Mapping, Sequence

from accounts.evidence import Account, Explanation, HalfSeen, LostUpdate, Movement

READ_SKEW = "read skew (A5A, G-single)"
INTERMEDIATE_STATE = "dirty intermediate state (the transfer has no transaction)"
LOST_UPDATE = "lost update (P4)"
NOT_READ = "accounts not read"
# What the literature calls what happens to audits, and what that means.
ANOMALIES = {
    READ_SKEW: "one reader saw some writes of a transaction, and not its others",
    INTERMEDIATE_STATE: "between its two writes, the database itself was wrong, for every reader",
    LOST_UPDATE: "a write was based on a balance that another write had already replaced",
    NOT_READ: "the audit is incomplete: rows that were skipped, or that were new, are missing from the sum",
}


class Narrator:
    """Tells what happened in one bank, naming accounts by their numbers."""

    def __init__(
        self,
        *,
        movements: Mapping[int, Movement],
        numbers: Mapping[Account, int],
        transactional: bool = True,
        never_written: Collection[tuple[int, Account]] = (),
    ) -> None:
        """`never_written`: transfers, each with an account on which it is not to be found, not even at the end."""
        self.numbers = numbers
        self._movements = movements
        self._transactional = transactional
        self._never_written = never_written

    def audit(
        self,
        number: int,
        *,
        total: int,
        expected_total: int,
        explanation: Explanation | None,
        mismatched: Sequence[Account] = (),
        at_most: int = 3,
    ) -> str:
        """One sentence on why an audit's total is what it is.

        Without an explanation, the audit kept no readings, or some whose tokens are not those of their balances
        (`mismatched`). Of many half-seen transfers, the first `at_most` are told.
        """
        start = f"Audit {number} read {total:,}, expected {expected_total:,}: "
        if mismatched:
            accounts = name_accounts([self.numbers[account] for account in mismatched])
            return f"{start}balance and token of {accounts} do not belong together, so that nothing can be explained."
        if explanation is None:
            return f"{start}it kept no readings, so nothing is known but its total."
        is_right = total == expected_total
        whole = "every transfer was seen whole" if is_right else "no transfer was seen half"
        luck = " The total is right by luck." if is_right and (explanation.torn or explanation.is_incomplete) else ""
        return f"{start}{'; '.join(self._causes(explanation, at_most)) or whole}.{luck}"

    def _causes(self, explanation: Explanation, at_most: int) -> list[str]:
        """What the audit is off by: the half-seen transfers, the lost ones, the accounts that were left out."""
        parts = [self.half_seen(seen) for seen in explanation.half_seen[:at_most]]
        if more := explanation.half_seen[at_most:]:
            parts.append(f"and so with {len(more)} more: {_off_in_words(sum(seen.amount for seen in more))}")
        if explanation.lost_count:
            parts.append(
                f"{count(explanation.lost_count, 'update')} lost by then: {_off_in_words(explanation.lost_amount)}"
            )
        if explanation.unread:
            accounts = name_accounts([self.numbers[account] for account in explanation.unread])
            held = _off_in_words(explanation.unread_amount) if explanation.unread_amount else "which held nothing"
            parts.append(f"incomplete: did not read {accounts} ({held})")
        return parts

    def half_seen(self, seen: HalfSeen) -> str:
        """One half-seen transfer: what was read before, what after, and what that did to the total."""
        movement = self._movements[seen.transfer]
        source, target = self.numbers[movement.source], self.numbers[movement.target]
        what = self.transfer(movement.id)
        if (seen.transfer, seen.not_seen_on) in self._never_written:
            on, not_on = self.numbers[seen.seen_on], self.numbers[seen.not_seen_on]
            return f"{what} is on account {on}, and was never written on account {not_on}: {_off_in_words(seen.amount)}"
        if seen.seen_on == movement.source:
            return (
                f"read account {target} before {what} arrived, and account {source} "
                f"after the {movement.amount:,} had left: {movement.amount:,} short"
            )
        return (
            f"read account {source} before {what} left, and account {target} "
            f"after the {movement.amount:,} had arrived: {movement.amount:,} too much"
        )

    def lost(self, lost: LostUpdate) -> str:
        """One lost update: whose write is missing, and who wrote over it."""
        start = f"{self.transfer(lost.transfer)} is missing on account {self.numbers[lost.account]}"
        if lost.overwritten_by is None:
            return f"{start}: it was never written."
        return f"{start}: {self.transfer(lost.overwritten_by)} wrote over it without having seen it."

    def transfer(self, pk: int) -> str:
        """ "transfer 812 (40 from 5 to 3)": its id, its amount and its accounts' numbers."""
        movement = self._movements[pk]
        source, target = self.numbers[movement.source], self.numbers[movement.target]
        return f"transfer {pk} ({movement.amount:,} from {source} to {target})"

    def anomalies(self, explanation: Explanation) -> list[str]:
        """What the field calls what happened to this audit."""
        names = []
        if explanation.half_seen:
            names.append(READ_SKEW if self._transactional else INTERMEDIATE_STATE)
        if explanation.lost_count:
            names.append(LOST_UPDATE)
        if explanation.unread:
            names.append(NOT_READ)
        return names


def name_accounts(numbers: Sequence[int], *, at_most: int = 5) -> str:
    """ "account 3", "accounts 3, 5", "accounts 1, 2, 3, 4, 5 and 95 more": these, by their numbers."""
    if len(numbers) == 1:
        return f"account {numbers[0]}"
    more = f" and {len(numbers) - at_most:,} more" if len(numbers) > at_most else ""
    return f"accounts {', '.join(str(number) for number in numbers[:at_most])}{more}"


def _off_in_words(amount: int) -> str:
    return f"{-amount:,} short" if amount < 0 else f"{amount:,} too much" if amount else "which cancel out"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

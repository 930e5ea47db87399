"""What was committed decides as the tokens do where they are kept; and where they are not, it still decides."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.evidence import Explanation, HalfSeen, History, Movement, explain
from accounts.evidence.commits import Commits, Read, Window
from accounts.evidence.inferred import StaleWrite, infer
from accounts.evidence.placed import explain_placed

ACCOUNTS = (1, 2, 3)
OPENING = dict.fromkeys(ACCOUNTS, 1000)
ALL_OF_IT = Window(0, 100)


@dataclass
class Observed:
    """An audit of the model: what it read, and how many commits there were before and after it."""

    readings: dict[int, Read] = field(default_factory=dict)
    first: int = 0
    last: int = 0


class Model:
    """A bank in memory. Its operations are generators: each `next` is one read, or one commit."""

    def __init__(self, orders: list[tuple[int, int, int]]) -> None:
        self.orders = dict(enumerate(orders, start=1))
        self.balances = {account: Read(balance, None) for account, balance in OPENING.items()}
        self.commits = Commits(OPENING)
        self.movements: dict[int, Movement] = {}
        self.audits: list[Observed] = []

    def transfer(self, pk: int, *, atomic: bool):
        source, target, amount = self.orders[pk]
        left = self.balances[source]
        yield
        right = self.balances[target]
        yield
        self.movements[pk] = Movement(pk, source, target, amount, left.token, right.token)
        self.balances[source] = Read(left.balance - amount, pk)
        if not atomic:
            self.commits.add(self.balances, [str(pk)])
            yield
        self.balances[target] = Read(right.balance + amount, pk)
        self.commits.add(self.balances, [str(pk)])

    def audit(self):
        observed = Observed(first=self.commits.count)
        for account in ACCOUNTS:
            observed.readings[account] = self.balances[account]
            yield
        observed.last = self.commits.count
        self.audits.append(observed)

    def planned(self) -> dict[str, Movement]:
        return {str(pk): Movement(pk, *order, None, None) for pk, order in self.orders.items()}

    def history(self) -> History:
        final = {account: read.token for account, read in self.balances.items()}
        return History(OPENING, self.movements.values(), final)


@st.composite
def banks(draw, *, distinct: bool = False) -> Model:
    """Transfers and audits whose reads and commits were interleaved in any way at all.

    `distinct`: no two sums of amounts are equal; else, equal ones are likely.
    """
    count = draw(st.integers(1, 6))
    amount = draw(st.permutations([1, 2, 4, 8, 16, 32]) if distinct else st.lists(st.integers(1, 3), min_size=6))
    model = Model([(*draw(st.permutations(ACCOUNTS))[:2], amount[place]) for place in range(count)])
    running = [model.transfer(pk, atomic=draw(st.booleans())) for pk in model.orders]
    running += [model.audit() for _ in range(draw(st.integers(1, 3)))]
    while running:
        operation = draw(st.sampled_from(running))
        if next(operation, "ended") == "ended":
            running.remove(operation)
    return model


def explain_recorded(bank: Model, observed: Observed) -> Explanation:
    """By the tokens that the transfers recorded."""
    tokens = {
        (account, version.number): version.token
        for account, versions in bank.commits.versions.items()
        for version in versions
    }
    placement = bank.commits.place(observed.readings, Window(observed.first, observed.last))
    return explain_placed(placement, bank.history(), tokens)


@given(banks())
def test_each_committed_balance_is_what_the_transfers_say(bank):
    history = bank.history()

    for account, versions in bank.commits.versions.items():
        assert [history.balance(account, version.token) for version in versions] == [
            version.balance for version in versions
        ]


@given(banks())
def test_audit_that_is_placed_by_its_tokens_has_the_explanation_of_its_tokens(bank):
    for observed in bank.audits:
        tokens = {account: read.token for account, read in observed.readings.items()}

        assert explain_recorded(bank, observed) == explain(bank.history(), {1: tokens})[1]


@given(banks(distinct=True))
def test_history_that_is_inferred_says_what_the_recorded_one_says(bank):
    """Where no two sums of amounts are equal, balances alone tell all."""
    inferred = infer(bank.commits, bank.planned())

    assert inferred.history.drift() == bank.history().drift()
    for observed in bank.audits:
        untold = {account: read._replace(is_one_row=False) for account, read in observed.readings.items()}
        placement = bank.commits.place(untold, Window(observed.first, observed.last))
        assert explain_placed(placement, inferred.history, inferred.tokens) == explain_recorded(bank, observed)


def one_transfer(*, token: int | None = 7) -> Commits:
    """30 from account 1 to account 2, by session "t"; account 3 has no part in it."""
    commits = Commits(OPENING)
    commits.add({1: Read(970, token), 2: Read(1030, token), 3: Read(1000, None)}, ["t"])
    return commits


PLANNED = {"t": Movement(7, 1, 2, 30, None, None)}


def explain_balances(commits: Commits, balances: dict[int, int], planned=PLANNED) -> Explanation:
    inferred = infer(commits, planned)
    readings = {account: Read(balance, None, is_one_row=False) for account, balance in balances.items()}
    return explain_placed(commits.place(readings, ALL_OF_IT), inferred.history, inferred.tokens)


@pytest.mark.parametrize("token", [7, None])
def test_transfer_seen_on_one_account_only_tears_an_audit_whatever_was_signed(token):
    explanation = explain_balances(one_transfer(token=token), {1: 1000, 2: 1030, 3: 1000})

    assert explanation.half_seen == [HalfSeen(transfer=7, seen_on=2, not_seen_on=1, amount=30)]


@pytest.mark.parametrize("balances", [{1: 1000, 2: 1000, 3: 1000}, {1: 970, 2: 1030, 3: 1000}])
def test_audit_before_and_after_a_transfer_is_whole(balances):
    assert not explain_balances(one_transfer(), balances).torn


def test_reading_from_before_the_audit_is_impossible():
    placement = one_transfer().place({1: Read(1000, None), 3: Read(1000, None)}, Window(1, 1))

    assert placement.impossible == [1]


def test_of_two_versions_with_one_balance_the_token_tells_which_was_read():
    commits = one_transfer()
    commits.add({1: Read(1000, 8), 2: Read(1000, 8)}, ["back"])
    planned = PLANNED | {"back": Movement(8, 2, 1, 30, None, None)}
    inferred = infer(commits, planned)

    with_tokens = commits.place({1: Read(1000, None), 2: Read(1000, 8), 3: Read(1000, None)}, ALL_OF_IT)

    explanation = explain_placed(with_tokens, inferred.history, inferred.tokens)
    assert [seen.transfer for seen in explanation.half_seen] == [7, 8]
    assert not explain_balances(commits, {1: 1000, 2: 1000, 3: 1000}, planned).torn


def test_account_that_was_opened_may_be_left_out():
    commits = Commits(OPENING)
    commits.add({1: Read(970, 7), 4: Read(30, 7)}, ["t"])

    placement = commits.place({1: Read(970, 7), 4: Read(0, None)}, Window(1, 1))

    assert placement.impossible == []


def test_transfer_that_never_wrote_its_other_account_is_half_seen():
    commits = Commits(OPENING)
    commits.add({1: Read(970, None)}, ["t"])

    assert explain_balances(commits, {1: 970, 2: 1000, 3: 1000}).torn


def test_write_from_an_old_balance_is_stale():
    commits = one_transfer(token=None)
    commits.add({1: Read(995, None), 3: Read(1005, None)}, ["late"])
    planned = PLANNED | {"late": Movement(8, 1, 3, 5, None, None)}

    assert infer(commits, planned).stale == [StaleWrite(8, 1, balance=995, base=1000, replaced_by=970)]


def test_two_writes_in_one_step_are_one_after_the_other():
    commits = Commits(OPENING)
    commits.add({1: Read(965, None), 2: Read(1030, None), 3: Read(1005, None)}, ["t", "late"])
    planned = PLANNED | {"late": Movement(8, 1, 3, 5, None, None)}

    inferred = infer(commits, planned)

    assert inferred.stale == []
    assert list(inferred.history.path(1, 8)) == [8, 7]


def test_transfer_that_is_made_twice_is_made_once_more():
    commits = one_transfer()
    commits.add({1: Read(940, None), 2: Read(1060, None)}, ["t"])

    inferred = infer(commits, PLANNED)

    assert [movement.repeats for movement in inferred.history.movements.values()] == [None, 7]
    assert inferred.history.drift() == 0

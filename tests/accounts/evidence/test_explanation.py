"""The evidence adds up, for every interleaving of every kind of transfer: property tests on a small model of a bank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.evidence import Explanation, HalfSeen, History, LostUpdate, Movement, explain
from accounts.evidence.narrative import NOT_READ, READ_SKEW, Narrator

ACCOUNTS = (1, 2, 3)
OPENING = dict.fromkeys(ACCOUNTS, 1000)


class Model:
    """A bank in memory whose operations are generators: each `next` is one read or write."""

    def __init__(self) -> None:
        self.versions = {account: (OPENING[account], None) for account in ACCOUNTS}
        self.movements: dict[int, Movement] = {}
        self.audits: dict[int, dict] = {}

    def transfer(
        self, pk: int, source: int, target: int, amount: int, *, atomic: bool, crashes: bool, repeats: int | None = None
    ):
        left = self.versions[source]
        yield
        right = self.versions[target]
        yield
        self.movements[pk] = Movement(pk, source, target, amount, left[1], right[1], applied=False, repeats=repeats)
        self.versions[source] = (left[0] - amount, pk)
        if not atomic:
            yield
            if crashes:
                return
        self.versions[target] = (right[0] + amount, pk)
        self.movements[pk] = self.movements[pk]._replace(applied=True)

    def audit(self, pk: int, *, skips: frozenset[int] = frozenset()):
        readings = {}
        for account in ACCOUNTS:
            if account not in skips:
                readings[account] = self.versions[account]
            yield
        self.audits[pk] = readings

    def history(self) -> History:
        return History(OPENING, self.movements.values(), {a: token for a, (_, token) in self.versions.items()})

    def error(self, audit: int) -> int:
        return sum(balance for balance, _token in self.audits[audit].values()) - sum(OPENING.values())

    def drift(self) -> int:
        return sum(balance for balance, _token in self.versions.values()) - sum(OPENING.values())

    def explanations(self) -> dict[int, Explanation]:
        tokens = {pk: {a: token for a, (_, token) in readings.items()} for pk, readings in self.audits.items()}
        return explain(self.history(), tokens)


@st.composite
def banks(draw, *, always_atomic: bool = False) -> Model:
    """A bank after transfers and audits whose reads and writes were interleaved in any way at all."""
    model = Model()
    running = []
    for pk in range(1, draw(st.integers(1, 14)) + 1):
        if draw(st.booleans()):
            source, target = draw(st.permutations(ACCOUNTS))[:2]
            atomic, crashes = always_atomic or draw(st.booleans()), draw(st.booleans())
            amount = draw(st.integers(1, 50))
            running.append(model.transfer(pk, source, target, amount, atomic=atomic, crashes=crashes))
            if draw(st.booleans()):  # its job is delivered twice, and nothing stops it from moving the money again
                again = model.transfer(100 + pk, source, target, amount, atomic=atomic, crashes=False, repeats=pk)
                running.append(again)
        else:
            running.append(model.audit(pk, skips=draw(st.frozensets(st.sampled_from(ACCOUNTS)))))
    while running:
        operation = draw(st.sampled_from(running))
        if next(operation, "ended") == "ended":
            running.remove(operation)
    return model


@given(banks())
def test_every_audit_s_error_is_half_seen_plus_lost_plus_unread_to_the_cent(bank):
    for audit, explanation in bank.explanations().items():
        half_seen = sum(seen.amount for seen in explanation.half_seen)

        assert half_seen + explanation.lost_amount + explanation.unread_amount == bank.error(audit)
        assert explanation.explained == bank.error(audit)


@given(banks())
def test_torn_is_what_two_readings_prove_and_incomplete_is_what_was_not_read(bank):
    for audit, explanation in bank.explanations().items():
        readings = bank.audits[audit]

        assert all({seen.seen_on, seen.not_seen_on} <= readings.keys() for seen in explanation.half_seen)
        assert explanation.torn == bool(explanation.half_seen)
        assert explanation.is_incomplete == (readings.keys() != set(ACCOUNTS))


@given(moves=st.lists(st.tuples(st.permutations(ACCOUNTS), st.integers(1, 50))), skips=st.sampled_from(ACCOUNTS))
def test_snapshot_that_skips_an_account_is_incomplete_by_what_the_account_holds(moves, skips):
    bank = Model()
    for pk, ((source, target, _), amount) in enumerate(moves, start=1):
        list(bank.transfer(pk, source, target, amount, atomic=True, crashes=False))
    list(bank.audit(100, skips=frozenset({skips})))

    explanation = bank.explanations()[100]

    balance, _token = bank.versions[skips]
    assert (explanation.torn, explanation.lost_count) == (False, 0)
    assert (explanation.unread, explanation.unread_amount) == ([skips], -balance)


@given(banks())
def test_drift_is_what_is_missing_from_the_final_balances(bank):
    history = bank.history()
    half_applied = sum(
        amount
        for movement, account, amount in history.legs()
        if history.took_effect(movement) and not history.is_final(account, movement.id)
    )

    assert history.drift() == bank.drift() == -half_applied
    assert -sum(lost.amount for lost in history.lost_updates()) == bank.drift()


@given(banks())
def test_account_is_off_by_what_was_lost_half_applied_or_applied_again(bank):
    """Against the definition: the balance, minus the opening and what each planned and applied transfer should do."""
    history = bank.history()
    off = dict.fromkeys(ACCOUNTS, 0)
    for account, (balance, _token) in bank.versions.items():
        off[account] += balance - OPENING[account]
    for movement, account, amount in history.legs():
        off[account] -= amount if movement.applied and movement.repeats is None else 0

    explained = {account: sum(part.amount for part in damage) for account, damage in history.accounts_off().items()}

    assert explained == {account: difference for account, difference in off.items() if difference}


@given(banks(always_atomic=True))
def test_half_seen_transfers_are_exactly_those_seen_on_one_side(bank):
    """For each audit, from the definition: contained in one reading and not in the other, and not lost by then."""
    history = bank.history()
    for audit, explanation in bank.explanations().items():
        contained = {account: set(history.path(account, token)) for account, (_, token) in bank.audits[audit].items()}
        one_sided = {
            pk
            for pk, movement in bank.movements.items()
            if {movement.source, movement.target} <= contained.keys()
            and (pk in contained[movement.source]) != (pk in contained[movement.target])
        }
        half_seen = {seen.transfer for seen in explanation.half_seen}
        assert half_seen <= one_sided
        assert len(one_sided - half_seen) == explanation.lost_count


def transfers(*movements: Movement, **final) -> History:
    return History(OPENING, movements, {1: final.get("a"), 2: final.get("b"), 3: final.get("c")})


def test_audit_before_and_after_a_transfer_is_whole():
    history = transfers(Movement(7, 1, 2, 30, None, None), a=7, b=7)

    explanations = explain(history, {1: {1: None, 2: None, 3: None}, 2: {1: 7, 2: 7, 3: None}})

    assert not any(explanation.torn or explanation.explained for explanation in explanations.values())


def test_transfer_seen_on_its_source_only_is_missing_money():
    history = transfers(Movement(7, 1, 2, 30, None, None), a=7, b=7)

    explanation = explain(history, {1: {1: 7, 2: None, 3: None}})[1]

    assert explanation.half_seen == [HalfSeen(transfer=7, seen_on=1, not_seen_on=2, amount=-30)]
    assert (explanation.torn, explanation.explained) == (True, -30)


def test_audit_is_torn_although_two_half_seen_transfers_cancel_out():
    history = transfers(Movement(7, 1, 2, 30, None, None), Movement(8, 2, 1, 30, 7, 7), a=8, b=8)
    # Account 1 is read with both transfers in it, account 2 with neither.
    explanation = explain(history, {1: {1: 8, 2: None, 3: None}})[1]

    assert explanation.explained == 0
    assert explanation.torn


def test_lost_update_is_not_a_half_seen_transfer():
    """Both were based on the opening of account 1; 8 wrote last, and 7's debit is gone."""
    history = transfers(Movement(7, 1, 2, 30, None, None), Movement(8, 1, 3, 5, None, None), a=8, b=7, c=8)

    explanation = explain(history, {1: {1: 8, 2: 7, 3: 8}})[1]

    assert history.lost_updates() == [LostUpdate(transfer=7, account=1, amount=-30, overwritten_by=8)]
    assert (explanation.torn, explanation.lost_count, explanation.lost_amount) == (False, 1, 30)


def test_what_was_built_on_a_lost_version_is_lost_with_it():
    history = transfers(
        Movement(7, 1, 2, 30, None, None),
        Movement(8, 1, 2, 5, 7, 7),
        Movement(9, 1, 3, 1, None, None),
        **{"a": 9, "b": 8, "c": 9},
    )

    assert history.lost_updates() == [LostUpdate(7, 1, -30, overwritten_by=9), LostUpdate(8, 1, -5, overwritten_by=9)]
    assert history.drift() == 35


def test_account_that_was_not_read_is_named():
    history = transfers()

    explanation = explain(history, {1: {1: None, 3: None}})[1]

    assert (explanation.unread, explanation.explained) == ([2], -1000)
    assert (explanation.torn, explanation.is_incomplete) == (False, True)


def test_transfer_to_an_account_that_was_not_read_is_not_half_seen():
    history = transfers(Movement(7, 1, 2, 30, None, None), a=7, b=7)

    explanation = explain(history, {1: {1: 7, 3: None}})[1]

    assert (explanation.half_seen, explanation.torn) == ([], False)
    assert (explanation.unread, explanation.unread_amount) == ([2], -1030)


def test_audit_may_be_torn_and_incomplete():
    history = transfers(Movement(7, 1, 2, 30, None, None), a=7, b=7)

    explanation = explain(history, {1: {1: 7, 2: None}})[1]

    assert (explanation.torn, explanation.is_incomplete) == (True, True)
    assert (explanation.half_seen[0].amount, explanation.unread_amount) == (-30, -1000)


def test_rows_that_refer_to_each_other_in_a_circle_do_not_hang_it():
    history = transfers(Movement(7, 1, 2, 30, 8, None), Movement(8, 1, 2, 5, 7, 7), a=8, b=8)

    assert explain(history, {1: {1: 8, 2: 8, 3: None}})[1].half_seen is not None


@pytest.mark.parametrize(
    ("readings", "story"),
    [
        (
            {1: 812, 2: None, 3: None},
            "Audit 1 read 2,960, expected 3,000: read account 5 before transfer 812 (40 from 3 to 5) arrived, "
            "and account 3 after the 40 had left: 40 short.",
        ),
        (
            {1: None, 2: 812, 3: None},
            "Audit 1 read 3,040, expected 3,000: read account 3 before transfer 812 (40 from 3 to 5) left, "
            "and account 5 after the 40 had arrived: 40 too much.",
        ),
        (
            {1: 812, 3: None},
            "Audit 1 read 1,960, expected 3,000: incomplete: did not read account 5 (1,040 short).",
        ),
    ],
)
def test_story_says_what_was_read_before_and_after(readings, story):
    movement = Movement(812, 1, 2, 40, None, None)
    explanation = explain(transfers(movement, a=812, b=812), {1: readings})[1]

    narrator = Narrator(movements={812: movement}, numbers={1: 3, 2: 5, 3: 6})

    total = 3000 + explanation.explained
    assert narrator.audit(1, total=total, expected_total=3000, explanation=explanation) == story
    assert narrator.anomalies(explanation) == [READ_SKEW if explanation.torn else NOT_READ]


def test_damaged_rows_that_refer_to_each_other_in_a_circle_end_nowhere():
    """No real history, unless a transfer is applied twice although its status forbids it."""
    circle = [Movement(1, 10, 20, 5, source_based_on=2, target_based_on=2), Movement(2, 10, 20, 5, 1, 1)]

    history = History(opening={10: 100, 20: 100}, movements=circle, final={10: None, 20: None})

    assert len(history.lost_updates()) == 4


@pytest.mark.parametrize(
    ("total", "end"), [(3000, "every transfer was seen whole."), (2990, "no transfer was seen half.")]
)
def test_story_of_a_wrong_total_does_not_say_that_all_was_seen_whole(total, end):
    story = Narrator(movements={}, numbers={}).audit(1, total=total, expected_total=3000, explanation=Explanation())

    assert story == f"Audit 1 read {total:,}, expected 3,000: {end}"

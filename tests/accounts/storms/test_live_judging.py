"""Audits of a running storm are judged now and then, by one worker at a time; at the end all are judged again."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import strategies
from accounts.db.isolation import one_snapshot
from accounts.evidence import History, Movement, explain
from accounts.models import Audit, Storm
from accounts.storms import jobs, live_judging, report
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm


@pytest.fixture
def storm(transactional_db) -> Storm:
    """Half of its transfers are done, one audit is whole, and one reads half of the first transfer."""
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=20, audit_count=4)
    launch(storm, queue="nowhere")
    first = storm.transfers.order_by("pk").first()
    jobs.run(storm.pk, [first.pk], [])
    whole = jobs.audit_once(strategies.load("no_lock", "audit").audit, storm, 0)
    torn = jobs.audit_once(strategies.load("no_lock", "audit").audit, storm, 1)
    torn.readings = [
        (pk, balance + first.amount, None) if pk == first.source_id else (pk, balance, token)
        for pk, balance, token in torn.readings
    ]
    torn.total += first.amount
    Audit.objects.bulk_create([whole, torn])
    return storm


def judgements(storm: Storm) -> list[bool | None]:
    return list(storm.audits.order_by("number").values_list("torn", flat=True))


def test_audits_of_a_running_storm_are_judged(storm):
    assert live_judging.judge_now_and_then(storm)

    assert judgements(storm) == [False, True]
    assert storm.audits.get(number=1).explanation["half_seen"]
    assert storm.is_still_running()


def test_job_with_audits_judges(storm):
    jobs.run(storm.pk, [], [2])

    assert judgements(storm) == [False, True, False]


def test_no_audit_is_judged_during_the_pause(storm):
    assert live_judging.judge_now_and_then(storm)
    storm.refresh_from_db()
    assert storm.next_judging_at > timezone.now() - timedelta(seconds=1)
    Storm.objects.filter(pk=storm.pk).update(next_judging_at=timezone.now() + timedelta(hours=1))
    Audit.objects.bulk_create([jobs.audit_once(strategies.load("no_lock", "audit").audit, storm, 2)])

    assert not live_judging.judge_now_and_then(storm)
    assert judgements(storm) == [False, True, None]


def test_storm_that_has_ended_is_not_judged_early(storm):
    end_storm(storm, Storm.State.STOPPED, "Enough.")

    assert not live_judging.judge_now_and_then(storm)
    assert judgements(storm) == [None, None]


def test_inside_a_transaction_nothing_is_judged(storm):
    with transaction.atomic():
        assert not live_judging.judge_now_and_then(storm)

    assert judgements(storm) == [None, None]
    storm.refresh_from_db()
    assert storm.next_judging_at is None  # nor is anybody kept from judging
    assert live_judging.judge_now_and_then(storm)


def test_early_judging_that_goes_wrong_is_logged_and_costs_no_audit(storm, monkeypatch, caplog):
    def stumble(*_anything):
        raise RecursionError("the rows refer to each other")

    monkeypatch.setattr(live_judging, "explain_audits", stumble)
    jobs.run(storm.pk, [], [2, 3])

    assert judgements(storm) == [None] * 4
    assert "could not be judged early" in caplog.text
    storm.refresh_from_db()
    assert storm.next_judging_at < timezone.now() + timedelta(seconds=live_judging.CLAIM_S / 2)


def test_early_judgement_that_comes_late_changes_nothing(storm):
    """A worker that judged early may note it after another one has judged at the end: the last word stays."""
    report.judge(storm)

    Audit.note_judgements(storm, [(audit.pk, True, None) for audit in storm.audits.all()], only_new=True)

    assert judgements(storm) == [False, True]


def test_history_is_read_in_one_snapshot(storm):
    """Another session changes the history between our reading the audits and our reading the rest: we do not see it."""
    other = connection.copy()
    with one_snapshot():
        before = storm.bank.total
        with other.cursor() as cursor:
            cursor.execute("UPDATE accounts_account SET balance = balance + 1 WHERE bank_id = %s", [storm.bank_id])
        assert storm.bank.total == before
    other.close()
    assert storm.bank.total == before + 6


# What an early judgement is worth. Three accounts; a transfer is (source, target, amount).

ACCOUNTS = (1, 2, 3)
moves = st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(1, 50)), max_size=20)


@given(moves=moves, share=st.floats(0, 1), cut=st.lists(st.integers(0, 20), min_size=3, max_size=3))
def test_where_no_update_is_lost_an_early_judgement_is_the_last_one(moves, share, cut):
    serial = [move for move in moves if move[0] != move[1]]
    early, versions = history_of(serial[: round(share * len(serial))])
    final, _ = history_of(serial)
    audit = {account: versions[account][at % len(versions[account])] for account, at in zip(ACCOUNTS, cut, strict=True)}

    assert explain(early, {1: audit}) == explain(final, {1: audit})


def history_of(serial: list[tuple[int, int, int]]) -> tuple[History, dict[int, list[int | None]]]:
    """One transfer after another, each based on what the one before it left; and the versions of each account."""
    versions: dict[int, list[int | None]] = {account: [None] for account in ACCOUNTS}
    movements = []
    for number, (source, target, amount) in enumerate(serial, start=1):
        movements.append(Movement(number, source, target, amount, versions[source][-1], versions[target][-1]))
        versions[source].append(number)
        versions[target].append(number)
    final = {account: chain[-1] for account, chain in versions.items()}
    return History(dict.fromkeys(ACCOUNTS, 100), movements, final), versions


def test_where_updates_get_lost_the_end_may_judge_otherwise():
    """Transfer 1 wrote account 2 over transfer 2's version, which the audit had read; then transfer 3 wrote over both.

    While transfer 1 is the last on account 2, the audit seems to have come before it. At the end both are lost, no
    clock says which of the two came first, and the evidence blames the lost update.
    """
    first, second = Movement(1, 1, 2, 30, None, None), Movement(2, 3, 2, 5, None, None)
    third = Movement(3, 3, 2, 7, 2, None)
    opening, audit = dict.fromkeys(ACCOUNTS, 100), {1: 1, 2: 2, 3: 2}

    early = explain(History(opening, [first, second], {1: 1, 2: 1, 3: 2}), {1: audit})[1]
    final = explain(History(opening, [first, second, third], {1: 1, 2: 3, 3: 3}), {1: audit})[1]

    assert early.torn
    assert not final.torn
    assert early.explained == final.explained == -30

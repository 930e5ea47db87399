"""One vote for each person and storm, taken until the storm starts."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from accounts.errors import BankError
from accounts.models import Storm, Vote
from accounts.storms.background_launch import launch_in_a_row
from accounts.storms.expectations import Outcome
from accounts.storms.launch import plan_storm
from accounts.storms.lifecycle import end_storm, start
from accounts.storms.votes import MEANINGS, cast_vote, count_votes, takes_votes, vote_of
from tests.support.storms import launched_storm
from tests.support.waiting import is_a_lock_waited_for, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene() -> Storm:
    """It waits for the teacher."""
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=3, audit_count=1)
    launch_in_a_row([storm], queue="nowhere", by_hand=True).join()
    return Storm.objects.get()


@pytest.fixture
def ben() -> User:
    return User.objects.create_user("ben")


def test_choices_are_the_outcomes_that_a_storm_can_have():
    outcomes = {outcome.value for outcome in Outcome} - {Outcome.UNFINISHED.value}

    assert set(Vote.Choice.values) == outcomes == MEANINGS.keys()


def test_vote_is_counted_once_and_can_be_changed(scene, ben):
    cast_vote(ben, scene.pk, "holds")
    cast_vote(User.objects.create_user("carl"), scene.pk, "torn")
    cast_vote(ben, scene.pk, "breaks")

    assert vote_of(ben, scene) == "breaks"
    assert count_votes(scene) == {"holds": 0, "torn": 1, "breaks": 1}


@pytest.mark.parametrize("choice", ["", "maybe", "unfinished"])
def test_error_choice_that_there_is_not(choice, scene, ben):
    with pytest.raises(BankError, match="is no vote: vote for holds, torn, breaks"):
        cast_vote(ben, scene.pk, choice)

    assert not Vote.objects.exists()


def test_error_vote_after_the_start(scene, ben):
    cast_vote(ben, scene.pk, "holds")
    start(scene)

    with pytest.raises(BankError, match=r"The vote .* is closed, because it is running: your vote was not taken\."):
        cast_vote(ben, scene.pk, "torn")

    assert not takes_votes(scene)
    assert vote_of(ben, scene) == "holds"


def test_error_vote_on_a_storm_that_waits_for_no_teacher(ben):
    storm = launched_storm()

    with pytest.raises(BankError, match="There is no vote on storm .*: it does not wait for a teacher"):
        cast_vote(ben, storm.pk, "torn")


def lecture(count: int = 2) -> list[Storm]:
    row = [
        plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=3, audit_count=1)
        for _ in range(count)
    ]
    launch_in_a_row(row, queue="nowhere", by_hand=True).join()
    return [Storm.objects.get(pk=storm.pk) for storm in row]


def age(storm: Storm, **by: int) -> None:
    """As if it had been launched, and started if it was, that much earlier."""
    facts = {"created_at": storm.created_at - timedelta(**by)}
    facts |= {"started_at": storm.started_at - timedelta(**by)} if storm.started_at else {}
    Storm.objects.filter(pk=storm.pk).update(**facts)


def refusal(storm: Storm, user: User) -> str:
    with pytest.raises(BankError) as refused:
        cast_vote(user, storm.pk, "torn")
    return str(refused.value)


def test_error_vote_in_a_lecture_after_another_one_has_begun(ben):
    left, _second = lecture()
    first, second = lecture()

    assert "is closed, because another lecture has begun since: your vote" in refusal(left, ben)
    cast_vote(ben, first.pk, "torn")
    cast_vote(ben, second.pk, "torn")


def test_error_vote_on_a_scene_that_was_stopped(ben):
    first, second = lecture()
    end_storm(first, Storm.State.STOPPED, "by hand")

    assert "is closed, because it is stopped" in refusal(first, ben)
    assert "is closed, because it is stopped" in refusal(second, ben)


def test_error_vote_in_a_lecture_that_was_left_half_way_more_than_a_day_ago(ben):
    first, second = lecture()
    start(first)
    for storm in (first, second):
        storm.refresh_from_db()
        age(storm, hours=23)
    cast_vote(ben, second.pk, "torn")

    age(Storm.objects.get(pk=first.pk), hours=2)

    assert "is closed, because it has waited for more than a day: your vote" in refusal(second, ben)


def test_lecture_that_was_planned_days_ago_takes_votes_once_it_goes_on(ben):
    first, second = lecture()
    for storm in (first, second):
        age(storm, days=3)
    assert "more than a day" in refusal(first, ben)

    start(first)

    cast_vote(ben, second.pk, "torn")


def test_error_vote_on_a_storm_that_was_deleted(scene, ben):
    number = scene.pk
    scene.delete()

    with pytest.raises(BankError, match=f"There is no storm {number} any more: your vote was not taken."):
        cast_vote(ben, number, "torn")


def test_error_vote_that_meets_the_start_waits_for_it_and_is_refused(scene, ben):
    """No vote is kept after the start, however late the start's COMMIT comes."""
    refusals = []

    def vote() -> None:
        try:
            cast_vote(ben, scene.pk, "torn")
        except BankError as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    voting = threading.Thread(target=vote)
    with transaction.atomic():
        start(scene)
        voting.start()
        wait_until(is_a_lock_waited_for)
    voting.join()

    assert [refusal for refusal in refusals if "is running" in refusal] == refusals != []
    assert not Vote.objects.exists()


def test_vote_does_not_wait_while_rows_that_refer_to_the_storm_are_written(scene, ben):
    """Such as the plans of a lecture, which take seconds."""
    other = threading.Thread(target=lambda: (cast_vote(ben, scene.pk, "torn"), connection.close()))

    with transaction.atomic():
        scene.audits.create(bank=scene.bank, number=7, status="failed", reason="x", expected_total=1)
        other.start()
        other.join(timeout=30)
        assert not other.is_alive()

    assert vote_of(ben, scene) == "torn"

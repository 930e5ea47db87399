"""What a class has said of a scene, and what came of it."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from accounts.models import Storm, Vote
from accounts.reporting.scene_votes import observe_votes
from tests.support.reports import a_report
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db


def storm_with(**votes: int) -> Storm:
    """A storm that waits for the teacher, with so many votes for each choice."""
    storm = launched_storm(transfer_count=1, audit_count=0)
    Storm.objects.update(state="planned", by_hand=True)
    storm.refresh_from_db()
    for choice, count in votes.items():
        for number in range(count):
            user = User.objects.create_user(f"{choice}{number}")
            Vote.objects.create(user=user, storm=storm, choice=choice)
    return storm


def end(storm: Storm, *, drift: int = 0, pending: int = 0) -> Storm:
    report = a_report()
    transfers = replace(report.transfers, pending=pending)
    audits = replace(report.audits, torn=0, incomplete=0, wrong_total=0)
    storm.report = replace(report, drift=drift, lost_updates=0, accounts_off=0, transfers=transfers, audits=audits)
    storm.state = "finished"
    return storm


def test_bars_have_the_share_of_each_choice():
    votes = observe_votes(storm_with(holds=3, torn=1))

    assert [(bar.answer, bar.number, bar.percent) for bar in votes.bars] == [
        ("holds", 3, 75),
        ("torn", 1, 25),
        ("breaks", 0, 0),
    ]
    assert (votes.is_open, votes.total_in_words) == (True, "4 people have voted")
    assert (votes.came_true, votes.result) == ("", "")


@pytest.mark.parametrize(
    ("given", "facts", "result"),
    [
        ({"holds": 3, "torn": 1}, {"drift": 5}, "3 of 4 said holds; it breaks."),
        ({"holds": 2, "breaks": 1}, {}, "2 of 3 said holds; it holds."),
        ({"holds": 1, "torn": 1}, {}, "1 of 2 said holds, 1 torn; it holds."),
        ({"torn": 1}, {"pending": 1}, "1 of 1 said torn; it was not finished."),
        ({}, {}, ""),
    ],
)
def test_outcome_stands_beside_the_votes(given, facts, result):
    votes = observe_votes(end(storm_with(**given), **facts))

    assert votes.result == result
    assert votes.came_true == votes.outcome.value


def test_one_person_is_said_as_such():
    assert observe_votes(storm_with(torn=1)).total_in_words == "1 person has voted"


def test_votes_need_few_queries(django_assert_num_queries):
    storm = storm_with(holds=2)

    with django_assert_num_queries(2):
        observe_votes(storm)

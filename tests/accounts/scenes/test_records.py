"""What is kept of a student in the scenes: won, lost, given up, and the fewest steps."""

import pytest

from accounts.explorer.replay import replay
from accounts.models import SceneRecord
from accounts.scenes import records
from accounts.scenes.catalogue import Scene, find_scene

pytestmark = pytest.mark.django_db(transaction=True)

POSSIBLE, IMPOSSIBLE = "make-it-wait", "one-select"


def note(scene: Scene, schedule: str) -> SceneRecord:
    records.note("anna", scene, replay(scene.plan, schedule))
    return records.record_of("anna", scene)


def test_scene_is_won_when_its_goal_is_reached_and_the_fewest_steps_are_kept():
    scene = find_scene(POSSIBLE)

    assert note(scene, "t").won_at is None
    assert not SceneRecord.objects.exists(), "steps on the way are not kept"
    assert note(scene, "t t a").steps == 3
    assert note(scene, "t a").steps == 2
    won = note(scene, "t t a")
    assert (won.steps, won.lost_at, won.shown_at) == (2, None, None)


def test_scene_that_cannot_be_won_by_steps_is_won_when_one_schedule_was_tried_to_its_end():
    scene = find_scene(IMPOSSIBLE)

    assert note(scene, "t t t t").won_at is None
    won = note(scene, "t t t t a")
    assert (won.won_at is not None, won.steps) == (True, None)


def test_claim_that_it_cannot_be_done_wins_where_it_is_true():
    records.claim_impossible("anna", find_scene(IMPOSSIBLE))

    won = records.record_of("anna", find_scene(IMPOSSIBLE))
    assert (won.won_at is not None, won.lost_at) == (True, None)


def test_claim_that_it_cannot_be_done_loses_where_it_can_and_shows_the_schedule():
    scene = find_scene(POSSIBLE)
    records.claim_impossible("anna", scene)

    lost = records.record_of("anna", scene)
    assert (lost.won_at, lost.lost_at is not None, lost.shown_at is not None) == (None, True, True)
    assert note(scene, "t a").won_at is not None, "it can be won after that"


def test_giving_up_shows_the_schedule_and_loses_nothing():
    records.show("anna", find_scene(POSSIBLE))

    given_up = records.record_of("anna", find_scene(POSSIBLE))
    assert (given_up.won_at, given_up.lost_at, given_up.shown_at is not None) == (None, None, True)


def test_a_look_at_a_record_writes_nothing():
    records.record_of("anna", find_scene(POSSIBLE))

    assert not SceneRecord.objects.exists()

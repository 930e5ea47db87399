"""After which step a goal is reached."""

from types import SimpleNamespace

import pytest

from accounts.explorer.replay import replay
from accounts.scenes import goals
from accounts.scenes.catalogue import find_scene
from interleavings.engine.step import Step

pytestmark = pytest.mark.django_db(transaction=True)


def reached(name: str, schedule: str) -> int | None:
    scene = find_scene(name)
    played = replay(scene.plan, schedule)
    return scene.goal.reached_at(played.steps, played.run)


def test_verdict_is_known_when_all_sessions_have_ended():
    assert reached("half-a-transfer", "a t t t t t a") is None
    assert reached("half-a-transfer", "a t t t t t a a") == 8
    assert reached("half-a-transfer", "t t t t t a a a") is None


def test_money_that_was_made_is_not_lost():
    lost, made = "t1 t1 t2 t2 t1 t1 t1 t2 t2 t2", "t1 t1 t2 t2 t2 t2 t2 t1 t1 t1"

    assert (reached("money-is-gone", lost), reached("money-is-gone", made)) == (10, None)


def test_wait_counts_at_once_and_stays_reached():
    assert reached("make-it-wait", "t") is None
    assert reached("make-it-wait", "t a") == 2
    assert reached("make-it-wait", "t a t t t a") == 2


def test_refusal_of_a_step_that_waited_counts_from_the_step_that_let_it_go_on():
    steps = [Step("t1", "x", error="40P01", waited_for=["t2"], freed_by=2), Step("t2", "x"), Step("t2", "x")]

    assert goals.DEADLOCKED.reached_at(steps, None) == 3
    assert goals.WAIT.reached_at(steps, None) == 1


def test_right_total_alone_is_not_torn_by_luck():
    def run(**verdict: bool) -> SimpleNamespace:
        return SimpleNamespace(observation=SimpleNamespace(**verdict))

    found = [
        goals.TORN_BY_LUCK.reached_at([], run(torn=torn, wrong_total=wrong))
        for torn, wrong in [(True, False), (True, True), (False, False)]
    ]

    assert found == [0, None, None]

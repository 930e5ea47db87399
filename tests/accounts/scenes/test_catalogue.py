"""Every scene, held against the explorer: its shortest schedule reaches the goal, and no other is shorter."""

import pytest

from accounts.errors import BankError
from accounts.explorer.replay import replay
from accounts.scenes.catalogue import SCENES, Scene, after, find_scene
from accounts.scenes.solve import solve

pytestmark = pytest.mark.django_db(transaction=True)

WINNABLE = [scene for scene in SCENES if scene.can_be_won_by_steps]
IMPOSSIBLE = [scene for scene in SCENES if not scene.can_be_won_by_steps]


def name_of(scene: Scene) -> str:
    return scene.name


@pytest.mark.thorough(every=5)
@pytest.mark.parametrize("scene", WINNABLE, ids=name_of)
def test_shortest_schedule_reaches_the_goal_with_its_last_step_and_the_explorer_finds_none_shorter(scene):
    played = replay(scene.plan, scene.shortest)
    found = solve(scene, prune=scene.goal.by_step is None)

    assert scene.goal.reached_at(played.steps, played.run) == len(played.steps) == scene.par
    assert len(found.shortest.split()) == scene.par


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize("scene", IMPOSSIBLE, ids=name_of)
def test_of_an_impossible_scene_no_schedule_reaches_the_goal(scene):
    found = solve(scene, prune=True)

    assert found.reached_count == 0
    assert found.schedule_count > 1


def test_there_are_at_least_ten_scenes_and_each_kind_of_goal_can_be_reached():
    assert len({scene.name for scene in SCENES}) == len(SCENES) >= 10
    assert {scene.goal.counted for scene in SCENES} == {scene.goal.counted for scene in WINNABLE}
    assert len(IMPOSSIBLE) >= 3


def test_first_scenes_do_not_name_the_strategies():
    assert [scene.names_strategies for scene in SCENES] == sorted(scene.names_strategies for scene in SCENES)
    assert not SCENES[0].names_strategies


def test_each_scene_leads_to_the_next_one():
    assert [after(scene) for scene in SCENES] == [*SCENES[1:], None]


def test_error_scene_that_is_not_there():
    with pytest.raises(BankError, match=f"There is no scene 'x': choose one of {SCENES[0].name}, "):
        find_scene("x")

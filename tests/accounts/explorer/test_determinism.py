"""The same schedule has the same outcome, every time: also who is the victim of a deadlock."""

import pytest

from accounts.explorer.replay import replaying
from tests.support.explorations import CROSSING, plan
from tests.support.thorough import THOROUGH

TIMES = 100 if THOROUGH else 20

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("plan", "schedule", "victim"),
    [
        (plan("my/opposite_row_locks", **CROSSING), "t1 t2 (t1) t2 t2 t1 t1 t1", "t2"),
        (plan("my/opposite_row_locks", **CROSSING), "t1 t2 (t2) t1 t1 t2 t2 t2", "t1"),
        (plan("no_lock", "no_lock"), "t t a t a t a t", None),
        (plan("row_lock", "row_lock"), "t (a) t t t a", None),
    ],
)
def test_a_schedule_has_one_outcome_each_time(plan, schedule, victim):
    outcomes = set()

    with replaying(plan) as play:
        for _ in range(TIMES):
            played = play(schedule)
            outcomes.add((str(played.run), tuple(played.run.observation.balances.values()), tuple(played.run.errors)))

    assert len(outcomes) == 1
    assert outcomes.pop()[2] == (() if victim is None else (victim,))


@pytest.mark.thorough
def test_an_exploration_comes_out_the_same_twice(explore):
    first, second = (explore("no_lock", "no_lock", transfers="1>2:30,1>2:5") for _ in range(2))

    del first["duration_s"], second["duration_s"]
    assert first == second

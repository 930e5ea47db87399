"""Random calls: pruning changes nothing of how they end, and how often."""

import random

import pytest

from interleavings import CannotExplore, explore
from tests.support.random_calls import arrange, draw_call, endings
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = range(300) if THOROUGH else (0, 2, 3)  # between, there are two that take as long as twenty others
MOST_SCHEDULES = 120 if THOROUGH else 60


@pytest.mark.parametrize("seed", SEEDS)
def test_pruning_changes_no_ending(seed):
    arrange()
    draw = random.Random(seed)
    while True:
        count = draw.choice([2, 2, 3])
        calls = [draw_call(draw, most=3 if count == 2 else 2) for _ in range(count)]
        try:
            pruned = explore(*calls, limit=MOST_SCHEDULES)
        except CannotExplore as refusal:
            if "raises an error in every order" not in str(refusal):
                raise
            continue
        if pruned.exhaustive and 1 < pruned.schedules < MOST_SCHEDULES:
            break
    whole = explore(*calls, prune=False)

    assert whole.run == whole.schedules
    assert endings(pruned) == endings(whole)
    assert pruned.raced == whole.raced

"""What the explorer counts in a scene."""

from dataclasses import replace

import pytest

from accounts.scenes import solve as solving
from accounts.scenes.catalogue import find_scene

pytestmark = pytest.mark.django_db(transaction=True)


def test_schedules_are_counted_also_those_that_were_not_run():
    found = solving.solve(find_scene("half-a-transfer"), prune=True)

    assert (found.reached_count, found.schedule_count) == (5, 56)
    assert found.run_count < 10


def test_proof_is_found_once_in_a_process():
    scene = replace(find_scene("one-select"), name="proved once")

    first, second = solving.proof_of(scene), solving.proof_of(scene)

    assert first is second
    assert (first.reached_count, first.schedule_count, first.shortest) == (0, 5, "")


def test_error_what_was_not_run_to_its_end_proves_nothing(monkeypatch):
    monkeypatch.setattr(solving.Search, "is_exhausted", False)

    with pytest.raises(RuntimeError, match="Not every schedule of the scene make-it-wait was run"):
        solving.solve(find_scene("make-it-wait"), prune=True)

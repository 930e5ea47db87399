"""The scenes on the class's board."""

import re

import pytest
from django.utils import timezone

from accounts.models import SceneRecord
from accounts.scenes.catalogue import SCENES
from tests.support.labs import labs_url, log_in
from tests.support.pages import content

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def played(teacher) -> None:
    log_in("zoe", "student")
    keep = SceneRecord.objects.create
    keep(student="anna", scene=SCENES[0].name, won_at=NOW, steps=8)
    keep(student="ben", scene=SCENES[0].name, lost_at=NOW, shown_at=NOW)
    keep(student="ben", scene=SCENES[1].name, shown_at=NOW)


def test_board_without_names_has_a_bar_for_each_scene(teacher, played):
    page = content(teacher.get(labs_url("_board")))

    bars = re.findall(r'<svg class="shares".*?aria-label="(.*?)"', page)
    assert bars == ["1 won, 1 lost, 0 given up, 1 not won yet", "0 won, 0 lost, 1 given up, 2 not won yet"]
    assert not any(name in page for name in ("anna", "ben", "zoe"))


def test_board_with_names_has_the_fewest_steps_of_each_student(teacher, played):
    page = content(teacher.get(labs_url("_board"), {"names": "yes"}))

    rows = dict(re.findall(r'<tr> <th scope="row">(\w+)</th>(.*?)</tr>', page))
    assert {name: re.findall(r'class="mark (\w+)"', row) for name, row in rows.items()} == {
        "anna": ["right", "none"],
        "ben": ["wrong", "open"],
        "zoe": ["none", "none"],
    }
    assert "</span></span> 8</td>" in rows["anna"]


def test_board_of_one_lab_shows_no_scenes(teacher, played):
    assert "You are the scheduler</h2>" not in content(teacher.get(labs_url("_board"), {"lab": "2"}))

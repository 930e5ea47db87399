"""The page of the isolation matrix, and that of one cell."""

import re

import pytest
from django.urls import reverse

from accounts.admin import matrix_run
from accounts.models import IsolationMatrix
from tests.support.labs import log_in
from tests.support.matrix import CELL
from tests.support.pages import HTMX, content

pytestmark = pytest.mark.django_db

ADDRESS = reverse("admin:isolation_matrix")
CELL_ADDRESS = reverse("admin:isolation_cell", args=["ReadCommitted", "dirty_read"])


@pytest.fixture
def student():
    return log_in("anna", "student")


def test_matrix_that_was_never_run_can_be_run(student, monkeypatch):
    pressed = []
    monkeypatch.setattr(matrix_run, "launch", lambda: pressed.append(True))

    assert "It was not run yet." in content(student.get(ADDRESS))
    assert student.post(ADDRESS).url == ADDRESS

    assert pressed == [True]


def test_matrix_that_runs_is_reloaded_and_cannot_be_run_again(student):
    IsolationMatrix.objects.create(cells=[CELL])

    page = content(student.get(ADDRESS, headers=HTMX))

    assert 'hx-trigger="every 500ms"' in page
    assert "1 of 70 cells." in page
    assert "<button" not in page


def test_finished_matrix_leads_to_its_cells_and_is_reloaded_no_more(student):
    IsolationMatrix.objects.create(state="finished", server="PostgreSQL 18.4", cells=[CELL])

    page = content(student.get(ADDRESS))

    assert "proved on PostgreSQL 18.4" in page
    assert re.search(rf'class="impossible"><a href="{CELL_ADDRESS}".*?0 of 10', page)
    assert "hx-trigger" not in page


def test_cell_shows_the_line_behind_the_chosen_step_in_both_files(student):
    IsolationMatrix.objects.create(state="finished", cells=[CELL])

    page = content(student.get(CELL_ADDRESS, {"step": "2"}))

    assert "Impossible: 0 of 10 schedules." in page
    assert re.findall(r'<li value="(\d+)" class="chosen"', page) == ["25", "33"]
    assert re.findall(r'<li value="(\d+)" class="at"', page) == ["19"]
    first = re.search(r'class="begin"><code>(.*?)</code>', page)[1]
    assert "ReadCommitted" in first, "the protection of this row is in sight"


@pytest.mark.parametrize("cell", [("ReadCommitted", "nothing"), ("nothing", "dirty_read"), ("Serializable", "phantom")])
def test_error_cell_that_is_not_there(student, cell):
    IsolationMatrix.objects.create(state="finished", cells=[CELL])

    assert student.get(reverse("admin:isolation_cell", args=cell)).status_code == 404


@pytest.mark.parametrize("step", ["0", "-1", "99", "x", ""])
def test_step_that_is_not_there_is_the_nearest_one(student, step):
    IsolationMatrix.objects.create(state="finished", cells=[CELL])

    assert "of 2:" in content(student.get(CELL_ADDRESS, {"step": step}))

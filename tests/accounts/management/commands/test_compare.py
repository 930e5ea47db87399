"""`manage.py compare`: the lecture's seven storms, and what does not come out as told."""

import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from accounts.management.commands import compare
from accounts.models import Report
from accounts.storms.expectations import Outcome
from accounts.storms.lecture import SCENES
from tests.support.thorough import every

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.processes
def test_compare_tells_the_story_and_marks_what_does_not_come_out_as_told(monkeypatch, capsys):
    """One scene of one process, one of four that breaks, one of four that holds; with THOROUGH=1, all."""
    scenes = every(3, SCENES)
    monkeypatch.setattr(compare, "SCENES", scenes)

    status = 0
    try:
        call_command("compare", "--transfers", "150", "--audits", "20", "--json")
    except SystemExit as end:
        status = end.code

    reports = json.loads(capsys.readouterr().out)
    assert [(report["transfer_with"], report["audit_with"]) for report in reports] == [scene[:2] for scene in scenes]
    as_told = [
        scene.came_out_as_told(Report.from_values(report)) for scene, report in zip(scenes, reports, strict=True)
    ]
    assert status == (0 if all(as_told) else 1)
    assert all(told for told, scene in zip(as_told, scenes, strict=True) if scene.expected is Outcome.HOLDS)


def test_compare_ends_with_status_1_when_a_row_surprises(monkeypatch, capsys):
    """Here no worker takes the jobs, so that no storm comes out as told."""
    no_workers = SimpleNamespace(queue="nowhere")
    monkeypatch.setattr(compare, "private_cluster", lambda _storm: nullcontext(no_workers))
    monkeypatch.setattr(compare, "follow_on_screen", lambda _storm, _workers: False)

    with pytest.raises(SystemExit, match="1"):
        call_command("compare", "--transfers", "5", "--audits", "1")

    assert capsys.readouterr().out.count("!! expected: ") == 7

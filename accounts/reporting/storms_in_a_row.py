"""Storms that run one after another, and what the lecture says about each."""

from typing import Any

from accounts.models import Storm
from accounts.reporting.storm_page import LIVE
from accounts.storms import lecture
from accounts.storms.expectations import Outcome
from accounts.storms.lifecycle import next_by_hand


def observe_row(storm: Storm) -> dict[str, Any]:
    """All storms of the row that this one is in, in their order; empty if it runs alone."""
    pks = storm.row
    row = list(Storm.objects.filter(pk__in=pks).order_by("pk")) if len(pks) > 1 else []
    scenes = lecture.scenes_of(row)
    return {
        "row": [_line(one, scene, here=one.pk == storm.pk) for one, scene in zip(row, scenes, strict=True)],
        "row_pks": ",".join(map(str, pks)),
        "row_is_live": any(one.state in LIVE for one in row),
        "is_lecture": any(scenes),
        "next_by_hand": next_by_hand(row),
        "running_now": next((one for one in row if one.state == Storm.State.RUNNING and one.pk != storm.pk), None),
    }


def _line(storm: Storm, scene: lecture.Scene | None, *, here: bool) -> dict[str, Any]:
    outcome = outcome_of(storm)
    told = scene is not None and storm.state not in LIVE  # before that, a class is to say what it expects
    return {
        "storm": storm,
        "here": here,
        "meaning": scene.meaning if told else "",
        "expected": scene.expected.value if told else "",
        "outcome": outcome,
        "surprises": bool(scene and outcome and not scene.came_out_as_told(storm.report)),
    }


def outcome_of(storm: Storm) -> str:
    """What the report of a storm comes to; empty if there is none."""
    return Outcome.of(storm.report).value if storm.report else ""

"""What the pages of the scenes show: the goal, how far the schedule has come, and the user's own progress."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from accounts.admin import stepping
from accounts.admin.stepping import Played
from accounts.models import SceneRecord
from accounts.scenes.catalogue import SCENES, Scene, after
from accounts.scenes.solve import proof_of

# How far a schedule has come.
OPEN, WON, ENDED, PROVED = "open", "won", "ended", "proved"


def describe(scene: Scene, record: SceneRecord, played: Played, *, step: int | None = None) -> dict[str, Any]:
    """One scene at one schedule; of one that has ended, at this step."""
    steps = scene.goal.reached_at(played.replay.steps, played.replay.run)
    state = _state(scene, record, played, steps)
    is_over = state in (WON, PROVED)
    shown = scene.shortest.split() if record.shown_at else []
    shows_names = scene.names_strategies or is_over
    page = stepping.describe(scene.plan, played, step=step, names_strategies=shows_names, is_excerpt=True)
    return {
        **page,
        "scene": scene,
        "place": SCENES.index(scene) + 1,
        "scene_count": len(SCENES),
        "record": record,
        "state": state,
        "steps": len(played.words) if steps is None else steps,
        "proof": proof_of(scene) if state == PROVED else None,
        "next": after(scene) if is_over else None,
        "shortest": _links(shown),
    }


def _state(scene: Scene, record: SceneRecord, played: Played, steps: int | None) -> str:
    if steps is not None:
        return WON
    if record.won_at and not scene.can_be_won_by_steps:
        return PROVED
    return ENDED if played.replay.run is not None else OPEN


def _links(words: Sequence[str]) -> list[dict[str, str]]:
    """Each step of a schedule, with the address of the page after it."""
    return [
        {"word": word, "query": urlencode({"schedule": " ".join(words[:place])})}
        for place, word in enumerate(words, start=1)
    ]


def describe_list(student: str) -> dict[str, Any]:
    """All scenes, with what the student has done in each, and the first one that is not won."""
    records = {record.scene: record for record in SceneRecord.objects.filter(student=student)}
    rows = [{"scene": scene, "record": records.get(scene.name)} for scene in SCENES]
    open_ones = [scene for scene in SCENES if not getattr(records.get(scene.name), "won_at", None)]
    return {"rows": rows, "next": open_ones[0] if open_ones else None, "won_count": len(SCENES) - len(open_ones)}

"""What a student has done in the scenes, kept."""

from django.utils import timezone

from accounts.explorer.replay import Replay
from accounts.models import SceneRecord
from accounts.scenes.catalogue import Scene


def record_of(student: str, scene: Scene) -> SceneRecord:
    """The student's record in this scene; a new one, which is not saved, if there is none."""
    record = SceneRecord.objects.filter(student=student, scene=scene.name).first()
    return record or SceneRecord(student=student, scene=scene.name)


def note(student: str, scene: Scene, replay: Replay) -> None:
    """The student has come this far. The scene is won when the goal is reached.

    Where no schedule reaches it, the scene is won when one schedule was tried to its end.
    """
    steps = scene.goal.reached_at(replay.steps, replay.run)
    is_tried = replay.run is not None and not scene.can_be_won_by_steps
    if steps is not None or is_tried:
        _win(student, scene, steps)


def claim_impossible(student: str, scene: Scene) -> None:
    """The student says that it cannot be done. Where it can, the scene is lost, and the shortest schedule is shown."""
    if not scene.can_be_won_by_steps:
        _win(student, scene, None)
        return
    record = _made(student, scene)
    record.lost_at = timezone.now()
    record.save(update_fields=["lost_at"])
    show(student, scene)


def _win(student: str, scene: Scene, steps: int | None) -> None:
    record = _made(student, scene)
    record.won_at = record.won_at or timezone.now()
    if steps is not None:
        record.steps = min(steps, record.steps or steps)
    record.save(update_fields=["won_at", "steps"])


def show(student: str, scene: Scene) -> None:
    """The student has given up: the shortest schedule is shown from now on."""
    record = _made(student, scene)
    SceneRecord.objects.filter(pk=record.pk, shown_at=None).update(shown_at=timezone.now())


def _made(student: str, scene: Scene) -> SceneRecord:
    return SceneRecord.objects.get_or_create(student=student, scene=scene.name)[0]

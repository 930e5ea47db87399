"""The code on a lab's page: the exercise; beside the schedule that refutes a file, that file as it was checked.

Only a lab's own exercise is read here. A student's lines are those that the verdict has kept.
"""

from accounts.admin.schedule_code import (
    ScheduleCode,
    Source,
    highlighted,
    highlighted_lines,
    source_of_lines,
)
from accounts.labs.catalogue import Lab
from accounts.labs.checked_file import CheckedFile
from accounts.labs.proofs import ScheduleProof

PLACE = "transfer"  # on the left of the steps, as a transfer's source is


def exercise_code(lab: Lab) -> Source:
    """The exercise, as `lab start` gives it."""
    path = lab.exercise
    lines = highlighted_lines(str(path), path.stat().st_mtime_ns)
    return source_of_lines(lines, str(path), "exercise", f"{lab.name}.py", [], [])


def checked_code(file: CheckedFile, proof: ScheduleProof, step: int) -> ScheduleCode:
    """The file beside a schedule of it, at one of its steps; one that is not there counts as the nearest one."""
    steps = proof.steps
    step = max(min(step, len(steps)), min(1, len(steps)))
    taken = steps[:step]
    chosen = taken[-1] if taken else None
    title = f"Checked: {file.name}"
    return ScheduleCode(
        step=step,
        step_count=len(steps),
        text=chosen.text if chosen else "",
        session=chosen.session if chosen else "",
        sources=[source_of_lines(highlighted(file.text), file.path, PLACE, title, list(proof.columns), taken)],
    )

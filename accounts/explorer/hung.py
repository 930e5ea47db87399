"""Why sessions wait for ever at the end of a schedule: what each waits for, and why it never comes."""

from interleavings.engine.scenario import Run
from interleavings.engine.step import Step


def say_hung(run: Run) -> list[str]:
    """A sentence on each session that would wait for ever, and one on why no database breaks a circle of them."""
    last_steps = {name: [step for step in run.steps if step.session == name][-1] for name in run.hung}
    sentences = [_say_wait(run, name, step) for name, step in last_steps.items()]
    is_circle = all(other in run.hung for step in last_steps.values() for other in step.waited_for)
    if is_circle and any(step.is_acquire for step in last_steps.values()):
        sentences.append("PostgreSQL sees no Python lock, and so it does not see that they wait for each other.")
    return sentences


def _say_wait(run: Run, name: str, step: Step) -> str:
    ended_sessions = [other for other in step.waited_for if other not in run.hung]
    holders = " and ".join(step.waited_for)
    if ended_sessions:
        return f"{name} waits for ever in {step}: {' and '.join(ended_sessions)} has ended and never let go of it."
    return f"{name} waits for ever in {step}: it is held by {holders}, which waits too."

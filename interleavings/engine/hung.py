"""Why sessions wait for ever at the end of a schedule: what each waits for, and why it never comes."""

from collections.abc import Collection, Sequence

from interleavings.engine.step import Step


def say_hung(hung: Collection[str], steps: Sequence[Step]) -> list[str]:
    """A sentence on each session that would wait for ever, and one on why no database breaks a circle of them.

    `hung` are those sessions, `steps` the steps of the schedule; the last step of each is the one in which it waits.
    """
    last_steps = {name: [step for step in steps if step.session == name][-1] for name in hung}
    sentences = [_say_wait(hung, name, step) for name, step in last_steps.items()]
    is_circle = all(other in hung for step in last_steps.values() for other in step.waited_for)
    if is_circle and any(step.is_acquire for step in last_steps.values()):
        sentences.append("PostgreSQL sees no Python lock, and so it does not see that they wait for each other.")
    return sentences


def _say_wait(hung: Collection[str], name: str, step: Step) -> str:
    ended_sessions = [other for other in step.waited_for if other not in hung]
    if ended_sessions:
        have = "has" if len(ended_sessions) == 1 else "have"
        return f"{name} waits for ever in {step}: {' and '.join(ended_sessions)} {have} ended and never let go of it."
    if list(step.waited_for) == [name]:
        return f"{name} waits for ever in {step}: it holds that itself."
    wait = "waits" if len(step.waited_for) == 1 else "wait"
    return f"{name} waits for ever in {step}: it is held by {' and '.join(step.waited_for)}, which {wait} too."

"""What is to be reached, printed beside what was measured. No test judges it: a shared machine would decide."""


def at_least(goal: float, measured: float) -> str:
    """The goal of a figure that is to be large, and whether it was reached."""
    return f"goal >= {goal:g}: {_verdict(measured >= goal)}"


def at_most(goal: float, measured: float) -> str:
    """The same for a figure that is to be small."""
    return f"goal <= {goal:g}: {_verdict(measured <= goal)}"


def _verdict(is_reached: bool) -> str:
    return "reached" if is_reached else "not reached"

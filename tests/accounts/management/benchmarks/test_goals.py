"""A goal is printed with whether it was reached."""

from accounts.management.benchmarks.goals import at_least, at_most


def test_goal_of_a_figure_that_is_to_be_large():
    assert at_least(1.2, 1.2) == "goal >= 1.2: reached"
    assert at_least(1.2, 1.19) == "goal >= 1.2: not reached"


def test_goal_of_a_figure_that_is_to_be_small():
    assert at_most(80, 80) == "goal <= 80: reached"
    assert at_most(80, 81) == "goal <= 80: not reached"

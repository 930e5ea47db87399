"""What a press of a button makes of a schedule."""

import pytest
from django.http import QueryDict

from accounts.admin import stepping
from tests.support.explorations import plan


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("schedule=t+(a)&press=t", ["t", "(a)", "t"]),
        ("schedule=t+a&undo=1", ["t"]),
        ("schedule=&undo=1", []),
        ("schedule=t+a&again=1", []),
        ("schedule=t", ["t"]),
        ("press=t", ["t"]),
        ("press=", []),
        ("press=t+t+t", ["t"]),
        ("schedule=" + "t+" * 300, ["t"] * stepping.MAX_WORDS),
    ],
)
def test_press_makes_the_next_schedule(sent, words):
    assert stepping.after_press(QueryDict(sent)) == words


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("words", "taken", "reason"),
    [
        (["t", "x"], ["t"], "there is no session 'x'"),
        (["x", "y"], [], "there is no session 'x'"),
        (["t>", "t"], [], "write a session as t, (t) or t>a"),
        (["t", "t"], ["t", "t"], ""),
    ],
)
def test_error_of_a_schedule_that_is_refused_the_beginning_is_run(words, taken, reason):
    played = stepping.play(plan(), words)

    assert played.words == taken
    assert reason in played.refusal
    assert bool(played.refusal) == bool(reason)

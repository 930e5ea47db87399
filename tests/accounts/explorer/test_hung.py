"""Why sessions wait for ever is said as it was seen."""

from types import SimpleNamespace

from accounts.explorer.hung import say_hung
from interleavings.engine.step import Step


def test_two_python_locks_in_a_circle():
    first, second = Step("t1", "acquire B", waited_for=["t2"]), Step("t2", "acquire A", waited_for=["t1"])

    assert say_hung(SimpleNamespace(hung=("t1", "t2"), steps=[first, second])) == [
        "t1 waits for ever in acquire B: it is held by t2, which waits too.",
        "t2 waits for ever in acquire A: it is held by t1, which waits too.",
        "PostgreSQL sees no Python lock, and so it does not see that they wait for each other.",
    ]


def test_lock_of_a_session_that_has_ended():
    step = Step("t2", "SELECT pg_advisory_lock(7)", waited_for=["t1"])

    assert say_hung(SimpleNamespace(hung=("t2",), steps=[step])) == [
        "t2 waits for ever in SELECT pg_advisory_lock(7): t1 has ended and never let go of it."
    ]

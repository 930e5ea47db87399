"""A repair that waits before it begins again is judged by how often it does so, not by how long that takes."""

import time

import pytest

from accounts.explorer.strategy_files import look_at
from accounts.labs.serialization_failures import MAX_ATTEMPTS, NeverEnds, always_ended, let_sleep_return_at_once
from accounts.labs.variants import variant_of

pytestmark = pytest.mark.django_db(transaction=True)

IMPORTS = {
    "the module": ("import time", "time.sleep(600)"),
    "the module by another name": ("import time as clock", "clock.sleep(600)"),
    "the function": ("from time import sleep", "sleep(600)"),
    "inside the function": ("", "import time; time.sleep(600)"),
    "the function, inside": ("", "from time import sleep; sleep(600)"),
}
FILE = """
{head}
from django.db import OperationalError
from accounts.models import Account

def transfer(order):
    for attempts_left in reversed(range({attempts})):
        try:
            return list(Account.objects.all())
        except OperationalError:
            if not attempts_left:
                raise
            {wait}
"""


def write(tmp_path, how: str, attempts: int):
    head, wait = IMPORTS[how]
    file = tmp_path / "my_repair.py"
    file.write_text(FILE.format(head=head, wait=wait, attempts=attempts))
    return file


@pytest.mark.parametrize("how", IMPORTS)
@pytest.mark.parametrize(("attempts", "error"), [(5, "OperationalError"), (MAX_ATTEMPTS + 1, "NeverEnds")])
def test_waiting_before_each_attempt_takes_no_time(how, attempts, error, tmp_path):
    explored = always_ended("1>3:9").explore(write(tmp_path, how, attempts), variant_of("anna", "lab12"))

    (run,) = explored.runs
    assert [type(raised).__name__ for raised in run.errors.values()] == [error]
    assert error == "OperationalError" or isinstance(run.errors["t"], NeverEnds)


def test_sleep_of_all_others_stays_as_it_is(tmp_path):
    sleep = time.sleep
    original, module = look_at("my_repair.py", write(tmp_path, "the module", 5))

    let_sleep_return_at_once(module)

    assert module.time.sleep is not sleep
    assert module.time.monotonic is time.monotonic
    assert time.sleep is sleep
    assert original.copy("another copy").time is time

"""How long the project's own tests take: all of them, and those that start no process."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.errors import BankError
from accounts.management.benchmarks.goals import at_most

RUNS = [("those that start no process", ["-m", "not processes"], 60), ("all", [], 180)]
_COUNT = re.compile(r"(\d+) (passed|skipped)")


def measure_suite(folder: Path = settings.BASE_DIR) -> list[dict[str, Any]]:
    """Runs the tests in the folder, once each. In seconds: what a clock says, and the processor time of all processes
    that were started, without that of PostgreSQL. Raises BankError if there are no tests, or one fails.
    """
    if not (folder / "tests").is_dir():
        raise BankError(f"There are no tests in {folder}: measure them in a clone of the repository.")
    return [{"tests": name, **_run(folder, options, goal_s)} for name, options, goal_s in RUNS]


def _run(folder: Path, options: list[str], goal_s: float) -> dict[str, Any]:
    """What pytest says goes to the terminal meanwhile, as it takes minutes."""
    began, before = time.monotonic(), _processor_time_s()
    last = ""
    command = [sys.executable, "-m", "pytest", "-q", *options]
    env = dict(os.environ)
    env.pop("DJANGO_SETTINGS_MODULE", None)  # manage.py's: the tests have settings of their own
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True) as tests:
        for line in tests.stdout or ():
            print(line, end="", file=sys.stderr, flush=True)
            last = line.strip() or last
    taken_s = time.monotonic() - began
    if tests.returncode:
        raise BankError(f"A test fails, so nothing was measured ({last}): run `pytest` to see which.")
    counts = {word: int(number) for number, word in _COUNT.findall(last)}
    return {
        "passed": counts.get("passed", 0),
        "left_out": counts.get("skipped", 0),
        "seconds": taken_s,
        "processor_s": _processor_time_s() - before,
        "goal": at_most(goal_s, taken_s),
    }


def _processor_time_s() -> float:
    times = os.times()
    return times.children_user + times.children_system

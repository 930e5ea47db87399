"""The tests are run twice: those that start no process, and all."""

import pytest

from accounts.errors import BankError
from accounts.management.benchmarks.suite import measure_suite

pytestmark = pytest.mark.processes

PYPROJECT = """
[tool.pytest.ini_options]
testpaths = ["tests"]
markers = ["processes"]
addopts = "-p no:django"
"""
TESTS = """
import os

import pytest

def test_quick(): assert "DJANGO_SETTINGS_MODULE" not in os.environ

@pytest.mark.processes
def test_with_a_process(): pass

@pytest.mark.skip
def test_that_takes_long(): pass
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    return tmp_path


def test_both_are_counted_and_timed_and_have_a_goal(folder, capfd, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "bankproject.settings")  # as manage.py does

    quick, everything = measure_suite(folder)

    assert [(row["passed"], row["left_out"]) for row in (quick, everything)] == [(1, 1), (2, 1)]
    assert all(row["seconds"] > 0 for row in (quick, everything))
    assert (quick["goal"], everything["goal"]) == ("goal <= 60: reached", "goal <= 180: reached")
    assert "1 passed" in capfd.readouterr().err


def test_error_test_that_fails(folder):
    (folder / "tests" / "test_wrong.py").write_text("def test_it(): assert False")

    with pytest.raises(BankError, match="A test fails, so nothing was measured .1 failed"):
        measure_suite(folder)


def test_error_no_tests(tmp_path):
    with pytest.raises(BankError, match="There are no tests in .*: measure them in a clone of the repository"):
        measure_suite(tmp_path)

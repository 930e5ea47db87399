"""The fixture: reports as files, and as wide as pytest's own output."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from interleavings.pytest_plugin import MARGIN, exploring
from interleavings.report.timeline import WIDTH
from tests.support.samples.models import Voucher
from tests.support.samples.races import redeem

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = {"anna": lambda: redeem("X", "anna"), "ben": lambda: redeem("X", "ben")}


def config(*, width: int | None = None, folder: Path | None = None) -> Any:
    """A run of pytest with a terminal of this width; None: with none, as in a worker of xdist."""
    return SimpleNamespace(
        getoption={"--interleavings-html": folder}.get,
        pluginmanager=SimpleNamespace(has_plugin=lambda name: name == "terminalreporter" and width is not None),
        get_terminal_writer=lambda: SimpleNamespace(fullwidth=width),
    )


@pytest.fixture(autouse=True)
def _voucher(db) -> None:
    Voucher.objects.create(code="X")


@pytest.mark.parametrize("width", [80, 100, 200])
def test_failure_is_as_wide_as_the_terminal(width):
    report = exploring(config(width=width), "tests.py::test")(**CALLS)

    with pytest.raises(AssertionError) as failure:
        report.assert_serializable()

    schedule = str(failure.value).partition("anna")[2].partition("What differs")[0].splitlines()
    longest = max(map(len, schedule)) + MARGIN
    assert width - 30 < longest <= width


def test_without_a_terminal_it_has_its_usual_width():
    assert exploring(config(), "tests.py::test")(**CALLS).width == WIDTH


def test_each_report_is_written_into_the_folder_that_is_asked_for(tmp_path):
    explore = exploring(config(folder=tmp_path), "tests.py::test[a-b]")
    explore(**CALLS)
    explore(**CALLS, schedule="anna ben anna anna anna ben ben")

    assert sorted(file.name for file in tmp_path.iterdir()) == ["tests_py_test_a-b_1.html", "tests_py_test_a-b_2.html"]
    assert "60 of 70 schedules" in (tmp_path / "tests_py_test_a-b_1.html").read_text(encoding="utf-8")


def test_each_test_has_files_of_its_own(tmp_path):
    """Their names differ also where a file's name cannot say it, and where it would be too long."""
    tests = [f"tests.py::test[{name}]" for name in ("a-b", "a/b", "a:b", "a_b", "x" * 400, "x" * 401)]
    for test in tests:
        exploring(config(folder=tmp_path), test)(**CALLS, schedule="anna ben")

    assert len(list(tmp_path.iterdir())) == len(tests)

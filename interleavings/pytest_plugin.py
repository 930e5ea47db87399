"""A fixture for pytest: explore(call, other_call) in a test that pytest-django gives a database."""

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interleavings.api import explore as explore_calls
from interleavings.report.html import write_html
from interleavings.report.report import Report
from interleavings.report.timeline import WIDTH

MAX_NAME = 150
MARGIN = len("E       ")  # which pytest writes before each line of a failure


def pytest_addoption(parser: pytest.Parser) -> None:
    """--interleavings-html DIR"""
    group = parser.getgroup("interleavings", "every interleaving of your code")
    group.addoption(
        "--interleavings-html",
        metavar="DIR",
        help="write the report of every exploration into this folder, as one self-contained HTML file for each",
    )


@pytest.fixture
def explore(transactional_db: None, request: pytest.FixtureRequest) -> Callable[..., Report]:
    """explore(lambda: ..., lambda: ...): every order of their steps, from the rows that stand in the database now.

    Takes what interleavings.explore takes, and returns its report. (The test's database is not in a transaction
    meanwhile: the calls run in sessions of their own, which would not see what an open transaction wrote.)
    """
    return exploring(request.config, request.node.nodeid)


def exploring(config: pytest.Config, test: str) -> Callable[..., Report]:
    """What the fixture gives to this test, by its node id: explore(), with the options of this run of pytest."""
    folder = config.getoption("--interleavings-html")
    count = 0

    def explore(*calls: Callable[[], Any], **options: Any) -> Report:
        nonlocal count
        report = replace(explore_calls(*calls, **options), width=_width(config))
        count += 1
        if folder:
            write_html(report, Path(folder) / f"{_file_name(test)}_{count}.html", title=test)
        return report

    return explore


def _file_name(test: str) -> str:
    """The test's node id as a name for a file: another one for each test, and not too long."""
    name = re.sub(r"[^\w-]+", "_", test).strip("_")
    is_told = len(name) <= MAX_NAME and not re.search(r"\[.*[^\w-].*\]", test)
    return name if is_told else f"{name[:MAX_NAME]}_{zlib.crc32(test.encode()):08x}"


def _width(config: pytest.Config) -> int:
    """How wide a failure may be where pytest prints it. (A worker of pytest-xdist has no terminal.)"""
    if not config.pluginmanager.has_plugin("terminalreporter"):
        return WIDTH
    return config.get_terminal_writer().fullwidth - MARGIN

"""A fixture for pytest: explore(call, other_call) in a test that pytest-django gives a database."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interleavings.api import explore as explore_calls
from interleavings.report.html import write_html
from interleavings.report.report import Report


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
    folder = request.config.getoption("--interleavings-html")
    count = 0

    def explore(*calls: Callable[[], Any], **options: Any) -> Report:
        nonlocal count
        report = explore_calls(*calls, **options)
        count += 1
        if folder:
            name = re.sub(r"\W+", "_", request.node.nodeid).strip("_")
            write_html(report, Path(folder) / f"{name}_{count}.html", title=request.node.nodeid)
        return report

    return explore

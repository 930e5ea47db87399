"""A schedule as a table: a row for each step, and in it a cell for each session."""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.explorer.report import StepReport


def schedule_rows(sessions: Iterable[str], steps: Sequence[StepReport]) -> list[dict[str, Any]]:
    """The rows, for timeline.html."""
    names = list(sessions)
    return [{"number": number, "cells": step.cells(names)} for number, step in enumerate(steps, start=1)]

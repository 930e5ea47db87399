"""Calls of which a proof would say nothing: they end alike in every schedule, as they always fail, or do nothing."""

from collections.abc import Iterator

from interleavings.errors import CannotExplore
from interleavings.report.report import Report


def check_calls_did_something(report: Report) -> None:
    """Raise CannotExplore for a call that raised an error in every order, or that has taken no step."""
    for sentence in _sentences(report):
        raise CannotExplore(sentence)


def _sentences(report: Report) -> Iterator[str]:
    outcomes = [*report.serial.values(), *(ending.outcome for ending in report.endings)]
    for name in report.calls:
        results = [outcome.results.get(name, {}) for outcome in outcomes]
        if all("raised" in result for result in results):
            text = f"{results[0]['raised']}: {results[0]['raised.message']}".rstrip(": ")
            yield (
                f"The call {name} raises an error in every order, also when it comes first ({text}): repair it; or, if "
                "that is what it is for, catch the error in the call."
            )
        if not any(step.session == name for ending in report.endings for step in ending.steps):
            yield f"The call {name} asks the database for nothing, so there is nothing to put in an order."

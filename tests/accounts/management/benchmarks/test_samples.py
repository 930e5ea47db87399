"""The samples are measured, and the same schedules are run by isolationtester."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts.errors import BankError
from accounts.management.benchmarks import samples
from accounts.management.benchmarks.isolationtester import run_text
from accounts.management.benchmarks.sample_spec import write_sample_spec
from interleavings import explore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def _two_samples(monkeypatch) -> None:
    """Only two are measured."""
    project = samples._sample_project

    @contextmanager
    def two() -> Iterator[list]:
        with project() as cases:
            yield [case for case in cases if str(case) in ("redeem", "vote_locked")]

    monkeypatch.setattr(samples, "_sample_project", two)


@pytest.mark.thorough
@pytest.mark.usefixtures("_two_samples")
def test_measuring_gives_counts_costs_and_ratios():
    wrong, right = samples.measure_samples(rounds=1)

    assert (wrong.sample, wrong.schedules, wrong.run) == ("redeem", 70, 8)
    assert (right.sample, right.schedules) == ("vote_locked", 6)
    assert all(one.proof_s > 0 and one.upkeep_ms > 0 and one.ratio > 0 for one in (wrong, right))


def test_isolationtester_runs_every_schedule_with_the_same_waits():
    with samples._sample_project() as cases:
        calls = next(case for case in cases if str(case) == "vote_locked").calls()
        report = explore(*calls, prune=False)
        printed = run_text(write_sample_spec(report))

    permutations = printed.split("starting permutation: ")[1:]
    assert len(permutations) == report.schedules
    assert "ERROR" not in printed
    assert [text.count("<waiting ...>") for text in permutations] == [
        sum(step.was_blocked for step in ending.steps) for ending in report.endings
    ]


def test_error_samples_are_not_there(monkeypatch, tmp_path):
    monkeypatch.setattr(samples, "SAMPLES", tmp_path / "nowhere")

    with pytest.raises(BankError, match="There is no folder .*nowhere"):
        samples.measure_samples(rounds=1)

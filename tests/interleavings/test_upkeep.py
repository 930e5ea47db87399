"""The time that an exploration takes for itself."""

import pytest

from interleavings.upkeep import Upkeep


def test_success_each_kind_has_its_median(monkeypatch):
    clock = iter([0.0, 0.001, 1.0, 1.003, 2.0, 2.002, 3.0, 3.5])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    upkeep = Upkeep()

    for kind in ("read", "read", "read", "judge"):
        with upkeep.of(kind):
            pass

    assert upkeep.medians_ms() == pytest.approx({"read": 2.0, "judge": 500.0})

"""Hypothesis' `given` as our tests use it: it draws fewer examples than by default, and looks at no clock.

By default a test fails whose examples take long to be drawn or run; on a busy machine, any does.
"""

from hypothesis import HealthCheck, given, settings

from tests.support.thorough import THOROUGH

__all__ = ["given"]

COUNT = 1000 if THOROUGH else 40

settings.register_profile("ours", max_examples=COUNT, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")  # for the tests that are defined from now on

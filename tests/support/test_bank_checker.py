"""The checker from outside finds every error of the published definition."""

import pytest

from tests.support import bank_checker


@pytest.mark.parametrize(
    ("balances", "error"),
    [
        ({"1": 60, "2": 40}, None),
        ({"1": 60, "2": 41}, "wrong-total"),
        ({"1": 110, "2": -10}, "negative-value"),
        ({"1": 100}, "nil-balance"),
        ({"1": 60, "2": 40, "3": 0}, "unexpected-key"),
    ],
)
def test_independent_checker_finds_every_error_of_the_definition(balances, error):
    assert bank_checker.error_of(balances, {"1", "2"}, 100) == error

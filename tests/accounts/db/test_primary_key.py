"""A primary key given as text, by a person or in an address."""

import pytest

from accounts.db.primary_key import read_primary_key


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("007", 7), ("0", 0), ("9" * 18, 999_999_999_999_999_999)])
def test_number_is_read(text, number):
    assert read_primary_key(text) == number


@pytest.mark.parametrize("text", ["", " 7", "-1", "+1", "1.0", "x", "\u00b2", "\u0663", "9" * 19, "9" * 5000])
def test_text_that_can_be_no_primary_key_is_none(text):
    assert read_primary_key(text) is None

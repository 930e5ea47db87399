"""Bars of answers: each as long as its share."""

from accounts.reporting.charts import answer_bars


def test_bar_is_as_long_as_its_share():
    assert answer_bars({"yes": 2, "no": 1, "maybe": 0}) == [("yes", 2, 66.7), ("no", 1, 33.3), ("maybe", 0, 0)]


def test_without_answers_no_bar_has_a_length():
    assert answer_bars({"yes": 0, "no": 0}) == [("yes", 0, 0), ("no", 0, 0)]

"""Parts of a whole as a bar."""

from accounts.reporting.charts import Part, shares

# Shares.


def test_parts_fill_the_bar_in_order_and_nothing_has_no_part():
    assert shares({"right": 1, "wrong": 0, "open": 1, "none": 2}) == [
        Part("right", 0.0, 150.0),
        Part("open", 150.0, 150.0),
        Part("none", 300.0, 300.0),
    ]


def test_bar_of_nothing_is_empty():
    assert shares({"right": 0, "wrong": 0}) == []

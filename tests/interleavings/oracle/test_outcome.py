"""Endings that differ only in the names of generated keys are equal, and no others."""

from hypothesis import given
from hypothesis import strategies as st

from interleavings.database.sequences import FIRST_KEY, KEYS_EACH
from interleavings.oracle.outcome import Outcome, difference

ORDERS, ITEMS = FIRST_KEY, FIRST_KEY + KEYS_EACH


def ended(*items: tuple[int, int, int], returned: int = 0) -> Outcome:
    """Items as (key, order, amount), both keys counted from 0, each with its order; and what A returned."""
    orders = sorted({order for _key, order, _amount in items})
    added = {
        "orders": [{"id": ORDERS + order, "state": "new"} for order in orders],
        "items": [{"id": ITEMS + key, "order_id": ORDERS + order, "amount": amount} for key, order, amount in items],
    }
    return Outcome(removed={}, added=added, results={"A": {"returned": ORDERS + returned}})


def test_success_keys_count_up_to_renaming():
    assert ended((0, 0, 5), (1, 1, 7)).canonical() == ended((1, 1, 5), (0, 0, 7), returned=1).canonical()


def test_success_another_value_is_another_ending():
    assert ended((0, 0, 5)).canonical() != ended((0, 0, 6)).canonical()


def test_success_another_reference_is_another_ending():
    """Two items of one order, or one each of two orders."""
    assert ended((0, 0, 5), (1, 0, 5)).canonical() != ended((0, 0, 5), (1, 1, 5)).canonical()


def test_success_which_key_was_returned_matters():
    assert ended((0, 0, 5), (1, 1, 7), returned=0).canonical() != ended((0, 0, 5), (1, 1, 7), returned=1).canonical()


def test_success_keys_in_texts_are_renamed_too():
    first = Outcome({}, {"t": [{"id": ORDERS}]}, {"A": {"returned": f"/orders/{ORDERS}/"}})
    second = Outcome({}, {"t": [{"id": ORDERS + 3}]}, {"A": {"returned": f"/orders/{ORDERS + 3}/"}})
    other = Outcome({}, {"t": [{"id": ORDERS}]}, {"A": {"returned": f"/orders/{ORDERS + 3}/"}})

    assert first.canonical() == second.canonical() != other.canonical()


def test_success_ignored_column_is_not_compared():
    first = Outcome({}, {"t": [{"id": 1, "at": "10:00"}]}, {})
    second = Outcome({}, {"t": [{"id": 1, "at": "10:01"}]}, {})

    assert first.canonical() != second.canonical()
    assert first.canonical(frozenset({("t", "at")})) == second.canonical(frozenset({("t", "at")}))


def test_success_row_that_was_written_as_it_was_is_no_change():
    row, touched = {"id": 1, "n": 2, "at": "10:00"}, {"id": 1, "n": 2, "at": "10:01"}
    removed, added = difference([row], [touched])

    assert Outcome({"t": removed}, {"t": added}, {}).canonical(frozenset({("t", "at")})) == frozenset()


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), max_size=5, unique_by=lambda row: row[0]
)


@given(ROWS, st.permutations(range(6)), st.permutations(range(4)), st.integers(0, 3))
def test_success_any_renaming_of_any_rows_is_equal(rows, item_names, order_names, returned):
    renamed = [(item_names[key], order_names[order], amount) for key, order, amount in rows]

    assert ended(*rows, returned=returned).canonical() == ended(*renamed, returned=order_names[returned]).canonical()


@given(ROWS, ROWS)
def test_success_rows_with_other_amounts_in_an_order_are_unequal(rows, others):
    def by_order(items: list) -> list:
        orders: dict[int, list[int]] = {}
        for _key, order, amount in items:
            orders.setdefault(order, []).append(amount)
        return sorted(sorted(amounts) for amounts in orders.values())

    if by_order(rows) != by_order(others):
        assert ended(*rows).canonical() != ended(*others).canonical()

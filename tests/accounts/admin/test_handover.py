"""A value is handed over once; of many that are not taken, the oldest are forgotten."""

from accounts.admin.handover import MAX_KEPT, Handover


def test_value_is_taken_once():
    handover = Handover[str]()
    handover.give("key", "value")

    assert [handover.take("key"), handover.take("key"), handover.take("other")] == ["value", None, None]


def test_oldest_are_forgotten():
    handover = Handover[int]()
    for number in range(MAX_KEPT + 1):
        handover.give(number, number)

    assert (handover.take(0), handover.take(1), handover.take(MAX_KEPT)) == (None, 1, MAX_KEPT)

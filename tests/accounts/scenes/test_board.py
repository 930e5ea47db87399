"""A class in the scenes."""

from accounts.scenes import board
from accounts.scenes.catalogue import find_scene


def test_what_was_won_stays_won():
    cases = [None, {"shown_at": 1}, {"shown_at": 1, "lost_at": 1}, {"won_at": 1, "lost_at": 1, "shown_at": 1}]

    assert [board.standing(case) for case in cases] == [board.NONE, board.GIVEN_UP, board.LOST, board.WON]


def test_every_student_is_counted_once():
    records = board.by_place(
        [
            {"student": "anna", "scene": "deadlock", "won_at": 1},
            {"student": "ben", "scene": "deadlock", "lost_at": 1},
            {"student": "ben", "scene": "one-select", "won_at": 1},
        ]
    )

    found = board.count(find_scene("deadlock"), records, ["anna", "ben", "carl"])

    assert found == {board.WON: 1, board.LOST: 1, board.GIVEN_UP: 0, board.NONE: 1}

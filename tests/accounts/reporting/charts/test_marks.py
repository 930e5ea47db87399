"""Marks of faults have numbers that never touch."""

from hypothesis import given
from hypothesis import strategies as st

from accounts.reporting.charts import Mark
from accounts.reporting.charts.lanes import LEFT, RIGHT, WIDTH
from accounts.reporting.charts.marks import CHARACTER, GAP, MarkLine, number_lines


@given(st.lists(st.integers(LEFT, WIDTH - RIGHT), max_size=50))
def test_numbers_of_marks_never_touch_and_stay_in_the_picture(places):
    lines = [MarkLine(x, Mark(number, 0.0, "")) for number, x in enumerate(sorted(places), 1)]

    numbers = number_lines(lines)

    ends = [number.x + CHARACTER * len(number.text) for number in numbers]
    assert all(end + GAP <= number.x + 0.1 for end, number in zip(ends, numbers[1:], strict=False))
    assert all(end <= WIDTH for end in ends)
    covered = [range(int(text.split("-")[0]), int(text.split("-")[-1]) + 1) for _x, text in numbers]
    assert [number for some in covered for number in some] == [line.mark.number for line in lines]

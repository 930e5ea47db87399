"""The picture of a cut: every lane reads in its own order, and exactly the half-seen transfers cross the line."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from accounts.evidence import HalfSeen
from accounts.reporting.charts.cut import Lane, Move, Picture, draw, in_order
from accounts.reporting.half_seen import Moment, as_scenario, retell


def move(transfer: int, source: int, target: int, amount: int = 10) -> Move:
    return Move(transfer, source, target, amount, source, target)


def lane(account: int, seen: list[int], unseen: list[int], balance: int | None = 100) -> Lane:
    return Lane(account, account, balance, tuple(seen), tuple(unseen))


@st.composite
def histories(draw) -> tuple[list[Lane], dict[int, Move]]:
    """Transfers one after the other between up to five accounts, and a reading somewhere on each account."""
    count = draw(st.integers(2, 5))
    pairs = st.lists(st.integers(1, count), min_size=2, max_size=2, unique=True)
    moves = {place: move(place, *draw(pairs)) for place in range(1, draw(st.integers(0, 12)) + 1)}
    lanes = []
    for account in range(1, count + 1):
        own = [transfer for transfer, one in moves.items() if account in (one.source, one.target)]
        cut = draw(st.integers(0, len(own)))
        lanes.append(lane(account, own[:cut], own[cut:]))
    return lanes, moves


def half_seen(lanes: list[Lane], moves: dict[int, Move]) -> list[HalfSeen]:
    """The transfers that were seen on one account only, accounts by their numbers."""
    seen = {(lane.account, transfer) for lane in lanes for transfer in lane.seen}
    found = []
    for transfer, moved in moves.items():
        on_source, on_target = (moved.source, transfer) in seen, (moved.target, transfer) in seen
        if on_source and not on_target:
            found.append(HalfSeen(transfer, moved.source, moved.target, -moved.amount))
        if on_target and not on_source:
            found.append(HalfSeen(transfer, moved.target, moved.source, moved.amount))
    return found


@given(histories())
def test_lanes_that_agree_have_one_column_for_each_transfer(history):
    lanes, moves = history

    columns = in_order(lanes)

    assert sorted(column[0][1] for column in columns) == sorted(moves)
    place = {column[0][1]: place for place, column in enumerate(columns)}
    for one in lanes:
        assert all(place[a] < place[b] for a, b in pairwise((*one.seen, *one.unseen)))


@st.composite
def contradictions(draw) -> tuple[list[Lane], dict[int, Move]]:
    """Histories in which two accounts may have seen the same transfers in different orders, or were not read."""
    lanes, moves = draw(histories())
    shuffled = []
    for one in lanes:
        order = draw(st.permutations([*one.seen, *one.unseen]))
        is_read = draw(st.booleans())
        cut = len(one.seen) if is_read else 0
        shuffled.append(lane(one.account, order[:cut], order[cut:], 100 if is_read else None))
    return shuffled, moves


Segment = tuple[tuple[float, float], tuple[float, float]]


def segments(picture: Picture) -> list[Segment]:
    """The line that is drawn, piece by piece."""
    points = [tuple(map(float, point.split(","))) for point in picture.cut.split()]
    return list(pairwise(points))


def turn(a, b, c) -> float:
    """Above 0: c lies on one side of the line through a and b; below 0: on the other; 0: on it."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def meet(one: Segment, other: Segment) -> bool:
    """Whether two pieces of straight lines have a point in common."""
    apart = [(turn(*one, point), turn(*other, back)) for point, back in zip(other, one, strict=True)]
    boxes_meet = all(
        max(min(a, b), min(c, d)) <= min(max(a, b), max(c, d))
        for a, b, c, d in zip(*one, *other, strict=True)  # their x, then their y
    )
    return boxes_meet and all(first * second <= 0 for first, second in zip(*apart, strict=True))


def run_along(one: Segment, other: Segment) -> bool:
    return meet(one, other) and not any(turn(*one, point) for point in other)


@given(histories() | contradictions(), st.integers(0, 12))
def test_exactly_the_half_seen_transfers_that_have_room_cross_the_line(history, room):
    lanes, moves = history
    half = half_seen(lanes, moves)[:room]
    crossing = {seen.transfer for seen in half}

    picture = draw(lanes, moves, half)

    line = segments(picture)
    drawn = {arrow.move.transfer: ((arrow.x1, arrow.y1), (arrow.x2, arrow.y2)) for arrow in picture.arrows}
    assert {transfer for transfer, arrow in drawn.items() if any(meet(arrow, part) for part in line)} == crossing
    assert not any(run_along(arrow, part) for arrow in drawn.values() for part in line)
    assert {arrow.move.transfer for arrow in picture.arrows if arrow.kind == "crossing"} == crossing


@given(histories() | contradictions())
def test_line_passes_every_lane_between_what_was_seen_and_what_was_not(history):
    lanes, moves = history

    picture = draw(lanes, moves, half_seen(lanes, moves))

    passes = {line.lane.account: line.cut_x for line in picture.lanes}
    seen = {(one.account, transfer) for one in lanes for transfer in one.seen}
    ends = [(arrow.move.source, arrow.move.transfer, arrow.x1) for arrow in picture.arrows]
    ends += [(arrow.move.target, arrow.move.transfer, arrow.x2) for arrow in picture.arrows]
    for account, transfer, x in ends:
        assert abs(x - passes[account]) >= 25, "on the line, or nearly"
        assert (x < passes[account]) == ((account, transfer) in seen)


@given(histories() | contradictions())
def test_no_label_is_on_the_line(history):
    lanes, moves = history

    picture = draw(lanes, moves, half_seen(lanes, moves))

    for label in [drawn.label for drawn in (*picture.arrows, *picture.stubs)]:
        width = 9 * len(label.text)
        left, right = (label.x - width, label.x) if label.anchor == "end" else (label.x, label.x + width)
        edges = [((left, y), (right, y)) for y in (label.y - 10, label.y)]
        assert not any(meet(edge, part) for edge in edges for part in segments(picture)), label


def test_arrow_that_would_cross_the_line_twice_is_two_stubs():
    """Account 2 was read before transfer 1; 2 comes after it on account 1, and was seen on both of its accounts."""
    moves = {1: move(1, 1, 2), 2: move(2, 1, 3)}

    picture = draw([lane(1, [1, 2], []), lane(2, [], [1]), lane(3, [2], [])], moves, [HalfSeen(1, 1, 2, -10)])

    assert [arrow.move.transfer for arrow in picture.arrows] == [1]
    assert [stub.label.text for stub in picture.stubs] == ["10 to 3", "10 from 1"]


def test_transfers_between_other_accounts_share_a_column():
    moves = {1: move(1, 1, 2), 2: move(2, 3, 4), 3: move(3, 2, 3)}

    picture = draw([lane(1, [1], []), lane(2, [1, 3], []), lane(3, [2, 3], []), lane(4, [2], [])], moves, [])

    first, second, third = picture.arrows
    assert first.x1 == second.x1 < third.x1


def test_whole_audit_is_a_straight_line():
    moves = {1: move(1, 1, 2), 2: move(2, 2, 3), 3: move(3, 3, 1)}

    picture = draw([lane(1, [1], [3]), lane(2, [1, 2], []), lane(3, [2], [3])], moves, [])

    assert len({line.cut_x for line in picture.lanes}) == 1
    assert [arrow.kind for arrow in picture.arrows] == ["seen", "seen", "later"]


def test_accounts_that_contradict_each_other_make_slanted_arrows():
    lanes = [lane(1, [1, 2], []), lane(2, [2, 1], [])]

    picture = draw(lanes, {1: move(1, 1, 2), 2: move(2, 1, 2)}, [])

    assert [arrow.x1 == arrow.x2 for arrow in picture.arrows] == [False, True]


def test_line_passes_an_account_that_was_not_read_before_all_its_versions():
    picture = draw([lane(1, [1], []), lane(2, [], [1], balance=None)], {1: move(1, 1, 2)}, [HalfSeen(1, 1, 2, -10)])

    (arrow,) = picture.arrows
    assert [line.cut_x > arrow.x1 for line in picture.lanes] == [True, False]


def test_far_versions_are_left_out_and_the_gap_is_marked():
    moves = {1: move(1, 1, 2)} | {transfer: move(transfer, 1, 3) for transfer in range(2, 9)}

    picture = draw([lane(1, list(moves), []), lane(2, [], [1])], moves, [HalfSeen(1, 1, 2, -10)])

    assert [arrow.move.transfer for arrow in picture.arrows] == [1]
    assert [(stub.move.transfer, stub.label.text) for stub in picture.stubs] == [(7, "10 to 3"), (8, "10 to 3")]
    assert [len(line.gaps) for line in picture.lanes] == [1, 0]


def test_half_seen_transfer_is_told_in_the_order_that_the_readings_prove():
    moments = retell(HalfSeen(812, 5, 3, -40), balances={3: 7000, 5: 5960}, transactional=True)

    assert moments == [
        Moment("reads account 3: 7,000, before the transfer", ""),
        Moment("", "moves 40 from 5 to 3"),
        Moment("reads account 5: 5,960, after the transfer", ""),
    ]


def test_transfer_without_a_transaction_is_told_as_two_writes():
    moments = retell(HalfSeen(812, 3, 5, 40), balances={}, transactional=False)

    assert [moment.transfer for moment in moments] == ["puts 40 on account 3", "", "takes 40 from account 5"]


def test_scenario_keeps_which_account_comes_first_and_moves_what_is_there():
    assert as_scenario(HalfSeen(1, 2, 5, -40), opening=(5000, 10000)) == "1>2:40"
    assert as_scenario(HalfSeen(1, 2, 5, 40), opening=(5000, 10000)) == "2>1:40"
    assert as_scenario(HalfSeen(1, 2, 5, -9000), opening=(5000, 10000)) == "1>2:5000"

"""How many schedules one run stands for: those that differ only in the order of steps that do not touch each other."""

from collections.abc import Sequence, Set


def class_size(sessions: Sequence[str], touched: Sequence[Set[int]]) -> int:
    """The number of orders of these steps in which steps that touch each other keep their order (linear extensions).

    `sessions` names the session of each step in turn, `touched` has the places of the earlier steps that it touches.

    Assumes that footprints leave nothing out. Then, in all these orders, each session takes the same steps with the
    same footprints, and they end the same; a footprint that says too little makes this count, and the proof, wrong.

    It counts, step by step, in how many ways each set of steps can have been taken first:

    1. The empty set: in one way.
    2. A set with one step more: in the sum of the ways of all sets from which that step can come next. It can if it is
       its session's next step, and all earlier steps that it touches have been taken.
    """
    places: dict[str, list[int]] = {}
    for place, session in enumerate(sessions):
        places.setdefault(session, []).append(place)
    ways: dict[frozenset[int], int] = {frozenset(): 1}
    for _ in sessions:
        with_one_more: dict[frozenset[int], int] = {}
        for taken, count in ways.items():
            for steps in places.values():
                following = next((place for place in steps if place not in taken), None)
                if following is not None and touched[following] <= taken:
                    longer = taken | {following}
                    with_one_more[longer] = with_one_more.get(longer, 0) + count
        ways = with_one_more
    return sum(ways.values())

"""Statements that would lock or write rows, and find none: pruning takes them for reads, and that changes no ending."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from interleavings import explore
from tests.support.random_calls import endings, execute
from tests.support.samples.models import Tag

pytestmark = pytest.mark.django_db(transaction=True)

Statement = Callable[[], Any]


def lock(name: str, how: str = "FOR UPDATE") -> Statement:
    return lambda: execute(f"SELECT uses FROM samples_tag WHERE name = %s {how}", name)


def use(name: str) -> Statement:
    return lambda: Tag.objects.filter(name=name).update(uses=F("uses") + 1)


def use_if_used(name: str) -> Statement:
    return lambda: Tag.objects.filter(name=name, uses__gt=0).update(uses=9)


def rename(name: str, other: str) -> Statement:
    return lambda: Tag.objects.filter(name=name).update(name=other)


def create(name: str) -> Statement:
    return lambda: Tag.objects.create(name=name) and None


def delete(name: str) -> Statement:
    return lambda: execute("DELETE FROM samples_tag WHERE name = %s", name)


def use_or_create(name: str) -> Statement:
    return lambda: use(name)() or create(name)()


def done(statements: list[Statement], level: str) -> list[Any]:
    with transaction.atomic():
        execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        return [statement() for statement in statements]


PAIRS = {
    "a row that is inserted": ([lock("c"), lock("a")], [create("c"), use("a")]),
    "a row that comes to match": ([lock("c"), use("a")], [rename("b", "c"), use("c")]),
    "a row that matches no more, waited for": ([lock("a"), lock("b")], [rename("a", "c"), use("b")]),
    "a row that is deleted": ([lock("a"), use("b")], [delete("a"), create("a")]),
    "a row that is free": ([lock("a", "FOR UPDATE SKIP LOCKED"), use("b")], [lock("a"), use("b")]),
    "a row that is asked for at once": (
        [lock("c", "FOR UPDATE NOWAIT"), lock("a", "FOR UPDATE NOWAIT")],
        [rename("a", "c")],
    ),
    "a row that comes to match by a number": ([use_if_used("a"), use("b")], [use("a"), use_if_used("b")]),
    "a circle of waits behind it": ([lock("c"), lock("a"), lock("b")], [lock("c"), lock("b"), lock("a")]),
    "none twice": ([use("c"), use("d")], [use("d"), use("c")]),
    "an insert if there is none": ([use_or_create("c")], [use_or_create("c")]),
    "a table that is locked": (
        [lock("c"), use("b")],
        [lambda: execute("LOCK TABLE samples_tag IN EXCLUSIVE MODE"), use("a")],
    ),
}


@pytest.mark.thorough(every=8)
@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("pair", PAIRS)
def test_pruning_changes_no_ending(pair, level):
    for name in "ab":
        Tag.objects.create(name=name)
    calls = [partial(done, statements, level) for statements in PAIRS[pair]]

    pruned, whole = explore(*calls), explore(*calls, prune=False)

    assert pruned.exhaustive
    assert whole.run == whole.schedules == pruned.schedules
    assert endings(pruned) == endings(whole)


def test_row_that_matches_no_more_when_it_has_been_waited_for_is_locked_all_the_same():
    """So it is no read: another call may wait for it, and close a circle."""
    for name in "ab":
        Tag.objects.create(name=name)
    level = "READ COMMITTED"

    def first():
        return done([lock("a"), use("b")], level)

    def second():
        return [done([rename("a", "c")], level), done([use("b"), use("c")], level)]

    pruned, whole = explore(first, second), explore(first, second, prune=False)

    assert whole.refused["40P01"] > 0
    assert endings(pruned) == endings(whole)


def test_two_that_find_nothing_are_run_in_one_order():
    calls = [partial(done, [use("c"), use("d")], "READ COMMITTED") for _ in range(2)]

    assert explore(*calls).run == 1
    assert connection.get_autocommit()

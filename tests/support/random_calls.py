"""Calls drawn at random: blocks of ordinary and odd statements on the tables of the sample project.

Each takes part in a few rows only, so that two calls meet often.
"""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Sum

from interleavings import Report
from tests.support.samples.models import Mail, Redemption, Song, Stock, Tag, Voucher

Call = Callable[[], list[Any]]
Statement = Callable[[list[Any], int], Any]
CLOCKS = frozenset({("samples_redemption", "created_at"), ("samples_redemption", "token")})


def arrange() -> None:
    """The rows that the calls use: two of each, with the keys 1 and 2."""
    for pk in (1, 2):
        Stock.objects.create(pk=pk, in_stock=10 * pk)
        Voucher.objects.create(pk=pk, code=f"code {pk}")
        Tag.objects.create(pk=pk, name=f"tag {pk}")
        Song.objects.create(pk=pk, place=pk)


def execute(sql: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


# Each statement takes the row that it is about, and returns what the call is to remember of it.


def read(pk: int) -> Any:
    return Stock.objects.get(pk=pk).in_stock


def read_all() -> Any:
    return Stock.objects.aggregate(Sum("in_stock"))["in_stock__sum"]


def add(pk: int) -> Any:
    return Stock.objects.filter(pk=pk).update(in_stock=F("in_stock") + 1)


def add_to_all() -> Any:
    return Stock.objects.update(allocated=F("allocated") + 1)


def take_if_there(pk: int) -> Any:
    return Stock.objects.filter(pk=pk, in_stock__gte=11).update(in_stock=F("in_stock") - 5)


def read_and_save(pk: int) -> Any:
    stock = Stock.objects.get(pk=pk)
    stock.in_stock *= 2
    stock.save()
    return stock.in_stock


def lock(pk: int) -> Any:
    return execute("SELECT in_stock FROM samples_stock WHERE id = %s FOR UPDATE", pk)


def lock_by_orm(pk: int) -> Any:
    with transaction.atomic():
        return Stock.objects.select_for_update().get(pk=pk).in_stock


def lock_for_share(pk: int) -> Any:
    return execute("SELECT in_stock FROM samples_stock WHERE id = %s FOR SHARE", pk)


def lock_at_once(pk: int) -> Any:
    return execute("SELECT in_stock FROM samples_stock WHERE id = %s FOR UPDATE NOWAIT", pk)


def lock_those_that_are_free() -> Any:
    return execute("SELECT id FROM samples_stock ORDER BY id FOR UPDATE SKIP LOCKED")


def lock_both_backwards() -> Any:
    return execute("SELECT id FROM samples_stock ORDER BY id DESC FOR UPDATE")


def redeem(pk: int) -> Any:
    if not Redemption.objects.filter(voucher__pk=pk).exists():
        Redemption.objects.create(voucher_id=pk, customer="x")


def count_redemptions() -> Any:
    return Redemption.objects.select_related("voucher").count()


def withdraw(pk: int) -> Any:
    return Redemption.objects.filter(voucher_id=pk).delete()[0]


def delete_voucher(pk: int) -> Any:
    return Voucher.objects.filter(pk=pk).delete()[0]


def tag_named(pk: int) -> Any:
    return Tag.objects.get_or_create(name=f"new {pk}")[1]


def use_tag(pk: int) -> Any:
    return Tag.objects.update_or_create(name=f"new {pk}", defaults={"uses": pk})[1]


def create_tag_in_a_savepoint(pk: int) -> Any:
    try:
        with transaction.atomic():
            Tag.objects.create(name=f"new {pk}")
    except DatabaseError:
        return "taken"


def rename_tag(pk: int) -> Any:
    return Tag.objects.filter(pk=pk).update(name="the same")


def lock_tag_of_a_name(pk: int) -> Any:
    return execute("SELECT id FROM samples_tag WHERE name = %s FOR UPDATE", ("the same", f"new {pk}")[pk - 1])


def lock_free_tag_of_a_name(pk: int) -> Any:
    return execute("SELECT id FROM samples_tag WHERE name = %s FOR UPDATE SKIP LOCKED", f"tag {pk}")


def use_tag_of_a_name(pk: int) -> Any:
    return Tag.objects.filter(name=("the same", f"new {pk}")[pk - 1]).update(uses=F("uses") + 1)


def take_a_song_that_is_far(pk: int) -> Any:
    return Song.objects.filter(pk=pk, place__gt=2).update(place=0)


def swap_songs() -> Any:
    return execute("UPDATE samples_song SET place = 3 - place")


def move_song(pk: int) -> Any:
    return Song.objects.filter(place=pk).update(place=3)


def write_down_the_stock() -> Any:
    return execute("INSERT INTO samples_mail (text) SELECT sum(in_stock)::text FROM samples_stock")


def write_a_letter(pk: int) -> Any:
    Mail.objects.create(text=f"to {pk}")


def delete_letters() -> Any:
    return Mail.objects.all().delete()[0]


def take_advisory_lock(pk: int) -> Any:
    return execute("SELECT pg_advisory_xact_lock(%s)", pk) and None


def take_by_a_cte(pk: int) -> Any:
    return execute(
        "WITH taken AS (UPDATE samples_stock SET in_stock = in_stock - 1 WHERE id = %s RETURNING in_stock)"
        " SELECT in_stock FROM taken",
        pk,
    )


def lock_table() -> Any:
    with transaction.atomic():
        return execute("LOCK TABLE samples_song IN SHARE MODE") and None


ON_A_ROW = [
    *(read, add, take_if_there, read_and_save, lock, lock_by_orm, lock_for_share, lock_at_once, redeem, withdraw),
    *(delete_voucher, tag_named, use_tag, create_tag_in_a_savepoint, rename_tag, move_song, write_a_letter),
    *(take_advisory_lock, take_by_a_cte),
    *(lock_tag_of_a_name, lock_free_tag_of_a_name, use_tag_of_a_name, take_a_song_that_is_far),
]
ON_MANY = [
    *(read_all, add_to_all, lock_those_that_are_free, lock_both_backwards, count_redemptions, swap_songs),
    *(write_down_the_stock, delete_letters, lock_table),
]
LEVELS = ["", "", "", "REPEATABLE READ", "SERIALIZABLE"]


def draw_call(draw: random.Random, *, most: int) -> Call:
    """Some blocks, together of at most so many statements. Most are transactions, some of these at a stricter level."""
    blocks: list[tuple[str | None, list[Callable[[], Any]]]] = []
    left = draw.randint(1, most)
    while left > 0:
        count = draw.randint(1, min(3, left))
        left -= count
        level = draw.choice(LEVELS) if draw.random() < 0.6 else None
        blocks.append((level, [draw_statement(draw) for _ in range(count)]))
    return lambda: [value for level, statements in blocks for value in run_block(level, statements)]


def draw_statement(draw: random.Random) -> Callable[[], Any]:
    if draw.random() < 0.25:
        return draw.choice(ON_MANY)
    statement, pk = draw.choice(ON_A_ROW), draw.choice([1, 1, 2])
    return lambda: statement(pk)


def run_block(level: str | None, statements: list[Callable[[], Any]]) -> list[Any]:
    with nullcontext() if level is None else transaction.atomic():
        if level:
            execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        return [statement() for statement in statements]


def endings(report: Report) -> Counter:
    """How many schedules ended how, but for clocks and tokens."""
    counts: Counter = Counter()
    for ending in report.endings:
        counts[ending.outcome.canonical(CLOCKS), frozenset(ending.outcome.refused.items())] += ending.weight
    return counts

"""Races that show only in what is easily left out of a comparison: each of these was once proved right."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.utils import timezone

from interleavings import CannotExplore, explore
from tests.support.samples.models import Choice, Mail, Redemption, Song, Voucher

pytestmark = pytest.mark.django_db(transaction=True)


def execute(sql: str, *values: object) -> Any:
    """The first value of the first row, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0] if cursor.description else None


@pytest.fixture
def choice() -> Choice:
    return Choice.objects.create(text="yes")


@pytest.fixture
def make() -> Iterator[Any]:
    """make(sql, undo): execute it; at the end of the test, undo it."""
    undone = []

    def make(sql: str, undo: str) -> None:
        execute(sql)
        undone.append(undo)

    yield make
    for undo in undone:
        execute(undo)


# Numbers.


@pytest.mark.parametrize("votes", [1_000_000_000, 1_500_000_000, 1_712_345_678])
def test_large_number_is_no_generated_key(votes):
    """A balance in cents, or a time in seconds since 1970."""
    pk = Choice.objects.create(text="yes", votes=votes).pk

    def add(number: int) -> None:
        choice = Choice.objects.get(pk=pk)
        choice.votes += number
        choice.save()

    assert explore(lambda: add(5), lambda: add(7)).anomaly_count == 4


def test_large_number_in_a_text_is_no_generated_key():
    pk = Mail.objects.create(text="1500000000").pk

    def add(number: int) -> None:
        mail = Mail.objects.get(pk=pk)
        mail.text = str(int(mail.text) + number)
        mail.save()

    assert explore(lambda: add(5), lambda: add(7)).anomaly_count == 4


# Tables that belong to no model.


@pytest.mark.parametrize("key", ["", "id serial PRIMARY KEY, "])
def test_table_of_no_model_is_compared_and_set_back(make, key):
    make(f"CREATE TABLE counter ({key}n int); INSERT INTO counter (n) VALUES (0), (5)", "DROP TABLE counter")

    def count() -> None:
        execute("UPDATE counter SET n = %s WHERE n < 5", execute("SELECT min(n) FROM counter") + 1)

    report = explore(count, count)

    assert (report.anomaly_count, report.schedules) == (4, 6)
    assert ("counter, new rows: here 1: (n = 1)" if not key else "counter 1, n: here 1") in report.text()
    assert execute("SELECT array_agg(n ORDER BY n) FROM counter") == [0, 5]


def test_table_of_another_schema_is_compared_and_set_back(make):
    make("CREATE SCHEMA aside; CREATE TABLE aside.counter AS SELECT 0 AS n", "DROP SCHEMA aside CASCADE")

    def count() -> None:
        execute("UPDATE aside.counter SET n = %s", execute("SELECT n FROM aside.counter") + 1)

    report = explore(count, count)

    assert (report.anomaly_count, report.schedules) == (4, 6)
    assert "aside.counter, new rows: here 1: (n = 1)" in report.text()
    assert execute("SELECT n FROM aside.counter") == 0


def test_table_that_others_inherit_from_is_set_back(make):
    make("CREATE TABLE base (n int PRIMARY KEY); CREATE TABLE heir () INHERITS (base)", "DROP TABLE base CASCADE")
    execute("INSERT INTO base VALUES (1); INSERT INTO heir VALUES (2)")

    explore(lambda: execute("UPDATE base SET n = n + 10"), lambda: execute("DELETE FROM heir"))

    assert execute("SELECT array_agg(n ORDER BY n) FROM base") == [1, 2]
    assert execute("SELECT array_agg(n ORDER BY n) FROM ONLY base") == [1]


def test_cache_in_the_database_is_compared_and_set_back(make, settings):
    place = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_in_database"}
    settings.CACHES = {"default": place}
    call_command("createcachetable", verbosity=0)
    make("SELECT 1", "DROP TABLE cache_in_database")
    cache = caches["default"]
    cache.set("n", 0)

    def count() -> int:
        cache.set("n", cache.get("n") + 1)
        return int(cache.get("n"))

    report = explore(count, count)

    assert report.anomaly_count
    assert cache.get("n") == 0


def test_sequence_of_no_table_is_set_back(make, choice):
    make("CREATE SEQUENCE invoices", "DROP SEQUENCE invoices")

    def invoice() -> int:
        Mail.objects.create(text=str(execute("SELECT nextval('invoices')")))
        with transaction.atomic():
            votes = Choice.objects.select_for_update().get(pk=choice.pk).votes
            Choice.objects.filter(pk=choice.pk).update(votes=votes + 1)
        return int(votes)

    report = explore(invoice, invoice)

    report.assert_serializable()
    assert report.ignored_columns == []
    assert execute("SELECT nextval('invoices')") == 1


# What a call returned.


def difference_of_two_reads(read: Any) -> int:
    """How many schedules of two reads, and of a change, were found to be wrong."""
    return explore(reads=read, changes=lambda: Mail.objects.update(text="new")).anomaly_count


@pytest.fixture
def mail() -> Mail:
    return Mail.objects.create(text="old")


@dataclass
class Pair:
    first: object
    second: object


@pytest.mark.parametrize("kind", [Pair, lambda *texts: SimpleNamespace(texts=texts), lambda *texts: [{"a": texts}]])
def test_object_of_any_class_is_compared_by_what_it_keeps(mail, kind):
    assert difference_of_two_reads(lambda: kind(Mail.objects.get().text, Mail.objects.get().text)) == 1


class Slots:
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def test_object_that_cannot_be_compared_is_named(mail):
    report = explore(lambda: Slots(Mail.objects.get().text), lambda: Mail.objects.update(text="new"))

    assert "Not compared, as no more than its class is known: A returned (Slots)." in report.text()


def test_object_that_contains_itself_is_compared(mail):
    def read() -> list[object]:
        texts: list[object] = [Mail.objects.get().text, Mail.objects.get().text]
        return [*texts, texts]

    assert difference_of_two_reads(read) == 1


def test_annotations_of_a_model_instance_are_compared(choice):
    def read() -> list[Choice]:
        return [Choice.objects.annotate(two=F("votes") * 2).defer("votes").get() for _ in range(2)]

    assert explore(read, lambda: Choice.objects.update(votes=3)).anomaly_count == 1


def test_instance_that_was_read_with_another_one_is_compared():
    Redemption.objects.create(voucher=Voucher.objects.create(code="X"), customer="anna")

    def read() -> list[Redemption]:
        return [Redemption.objects.select_related("voucher").get() for _ in range(2)]

    assert explore(read, lambda: Voucher.objects.update(code="Y")).anomaly_count == 1


def test_raw_queryset_that_is_returned_is_read_in_the_call(mail):
    report = explore(lambda: Mail.objects.raw("SELECT * FROM samples_mail"), lambda: Mail.objects.update(text="new"))

    assert {step.session for step in report.endings[0].steps} == {"A", "B"}


def test_error_iterator_that_is_returned(mail):
    with pytest.raises(CannotExplore, match=r"The call A \(.*\) returned a map, so nothing was done"):
        explore(lambda: map(str, Mail.objects.all()), lambda: Mail.objects.update(text="new"))


# Responses.


def two_texts() -> list[str]:
    return [Mail.objects.get().text, Mail.objects.get().text]


@pytest.mark.parametrize(
    "respond",
    [
        lambda: JsonResponse({"texts": two_texts(), "at": timezone.now().isoformat()}),
        lambda: HttpResponse(json.dumps({"texts": two_texts()}), content_type="application/problem+json"),
        lambda: HttpResponse("{", content_type="application/json") if two_texts() == ["old", "new"] else HttpResponse(),
        lambda: StreamingHttpResponse(mail.text for _ in range(2) for mail in Mail.objects.all()),
        lambda: TemplateResponse(
            HttpRequest(),
            engines["django"].from_string("{% for m in first %}{{ m.text }}{% endfor %}{{ second.get.text }}"),
            {"first": Mail.objects.all(), "second": Mail.objects},
        ),
    ],
)
def test_response_is_rendered_or_streamed_and_compared(mail, respond):
    assert difference_of_two_reads(respond) == 1


# An instance that both calls share.


def test_error_instance_that_two_calls_change(choice):
    def vote() -> None:
        choice.votes += 1
        choice.save()

    with pytest.raises(CannotExplore) as refusal:
        explore(vote, vote)

    assert str(refusal.value).startswith("The call A (test_nothing_is_missed.py, line ")
    assert "uses choice, an instance of Choice that was made before, and its votes was changed" in str(refusal.value)
    assert str(refusal.value).endswith("Fetch it in the call: Choice.objects.get(pk=choice.pk).")
    assert choice.votes == 0


class Voting:
    def __init__(self, choices: list[Choice]) -> None:
        self.choices = choices

    def vote(self) -> None:
        for choice in self.choices:
            choice.refresh_from_db()
            choice.votes += 1
            choice.save()


def test_error_instances_that_are_reached_through_others(choice):
    voting = Voting([choice])

    with pytest.raises(CannotExplore, match=r"uses self.choices\[0\], an instance of Choice"):
        explore(voting.vote, lambda: Choice.objects.count())


def test_success_instance_that_is_only_read(choice):
    def vote(given: Choice = choice) -> None:
        Choice.objects.filter(pk=given.pk, text=choice.text).update(votes=F("votes") + 1)

    explore(vote, vote).assert_serializable()


# Constraints that no model knows of.


@pytest.mark.parametrize("constraint", ["UNIQUE (place)", "EXCLUDE (place WITH =)", "UNIQUE (twice)"])
def test_constraint_made_by_sql_is_not_pruned_away(make, constraint):
    """Whether the second call finds a place free depends on what the first one did to another row."""
    make(
        "ALTER TABLE samples_song ADD COLUMN twice int GENERATED ALWAYS AS (place * 2) STORED;"
        f"ALTER TABLE samples_song ADD CONSTRAINT one_each {constraint}",
        "ALTER TABLE samples_song DROP COLUMN twice; ALTER TABLE samples_song DROP CONSTRAINT IF EXISTS one_each",
    )
    (first, second), log = (Song.objects.create(place=place).pk for place in (5, 6)), Choice.objects.create(text="").pk

    def leave() -> None:
        Choice.objects.filter(pk=log).update(votes=1)
        Song.objects.filter(pk=first).update(place=7)

    def take() -> tuple[int, bool]:
        votes = Choice.objects.get(pk=log).votes
        try:
            return votes, bool(Song.objects.filter(pk=second).update(place=5))
        except IntegrityError:
            return votes, False

    pruned, whole = explore(leave, take), explore(leave, take, prune=False)

    assert (pruned.anomaly_count, pruned.schedules) == (whole.anomaly_count, whole.schedules)
    assert whole.anomaly_count == 2

"""Code without a race that once was found to have one, or was refused as if it were not the same twice."""

import time
from itertools import cycle

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.signing import TimestampSigner
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import isolate_apps
from django.urls import path

from interleavings import CannotExplore, explore
from interleavings.engine.current import current
from interleavings.statements._tables import table_of
from tests.support.samples.models import Choice, Mail, Project, Tag

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def choice() -> Choice:
    return Choice.objects.create(text="yes")


def vote_locked(pk: int) -> int:
    with transaction.atomic():
        choice = Choice.objects.select_for_update().get(pk=pk)
        choice.votes += 1
        choice.save()
    return choice.votes


def test_new_keys_in_a_set_count_up_to_renaming(choice):
    """Where the keys are given out in one order, and the votes in the other."""

    def call() -> tuple[set[object], int]:
        return {Mail.objects.create(text="").pk, "mail"}, vote_locked(choice.pk)

    explore(call, call).assert_serializable()


# The clock.


class Clock:
    """A clock that moves every few looks, as one of seconds does."""

    def __init__(self, looks: int) -> None:
        self.looks = 0
        self._each = looks

    def now(self) -> str:
        self.looks += 1
        return f"{self.looks // self._each:06}"


@pytest.mark.parametrize("looks", [1, 7, 50])
def test_clock_that_seldom_moves_is_a_clock(choice, looks):
    """It may show the same in the two runs of each serial order, and move later."""
    clock = Clock(looks)

    def call() -> int:
        Mail.objects.create(text=clock.now())
        return vote_locked(choice.pk)

    explore(call, call).assert_serializable()


def test_time_in_a_signed_text_is_a_clock(choice, monkeypatch):
    """As in a session of Django's in the database: each second, the same session has another text."""
    clock = Clock(9)
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000 + int(clock.now()))

    def call() -> None:
        Mail.objects.create(text=TimestampSigner(key="key").sign("{}")[:50])
        vote_locked(choice.pk)

    explore(call, call).assert_serializable()


def test_error_text_that_comes_back_is_no_clock(choice):
    texts = cycle(["a", "b", "c"])

    def call() -> None:
        Mail.objects.create(text=next(texts))
        vote_locked(choice.pk)

    with pytest.raises(CannotExplore, match="is not the same in two runs that began alike"):
        explore(call, call)


# Django's caches.


def test_content_types_need_not_be_in_the_cache():
    def call() -> int:
        return ContentType.objects.get_for_model(Choice).pk + Choice.objects.count()

    ContentType.objects.clear_cache()

    explore(call, call).assert_serializable()


def test_savepoint_that_is_rolled_back_in_every_order_may_have_another_name(choice):
    """Django counts savepoints as long as a connection lives."""
    Tag.objects.create(name="there")

    def call() -> int:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    Tag.objects.create(name="there")
            except IntegrityError:
                pass
        return vote_locked(choice.pk)

    explore(call, lambda: vote_locked(choice.pk)).assert_serializable()


# Django's test client.


def create_tag(request: HttpRequest) -> HttpResponse:
    """Fails with an error that the view does not catch, if the tag is there."""
    Project.objects.get_or_create(name="x")
    Tag.objects.create(name="y")
    Project.objects.update(name=F("name"))
    return HttpResponse("created")


def say_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse("error", status=500)


urlpatterns, handler500 = [path("tag/", create_tag)], say_error


@pytest.fixture
def two_clients(request) -> tuple[Client, Client]:
    one = Client()
    return (one, one) if request.param else (Client(), Client())


@pytest.mark.urls("tests.interleavings.test_no_false_alarm")
@pytest.mark.parametrize("two_clients", [False, True], ids=["two", "shared"], indirect=True)
def test_each_test_client_raises_the_error_of_its_own_view(two_clients):
    """Before, one view's error was raised by each client that waited for an answer at that time."""
    Project.objects.create(name="x")

    def ask(client: Client) -> str:
        try:
            return client.get("/tag/").content.decode()
        except IntegrityError:
            return "there already"

    first, second = two_clients
    report = explore(lambda: ask(first), lambda: ask(second))

    report.assert_serializable()
    answers = {tuple(sorted(str(values) for values in its.outcome.results.values())) for its in report.endings}
    assert answers == {("{'returned': 'created'}", "{'returned': 'there already'}")}


def test_the_test_client_is_as_before_after_an_exploration(choice):
    before = Client.request, Client.store_exc_info, Client.check_exception
    explore(lambda: vote_locked(choice.pk), lambda: vote_locked(choice.pk))

    assert (Client.request, Client.store_exc_info, Client.check_exception) == before


# Settings of a project.


def test_sessions_take_no_connection_from_a_pool(choice, monkeypatch):
    """Given back to it, another would get it with its gates."""
    pooled: list[bool] = []
    pool = property(lambda wrapper: pooled.append("pool" in wrapper.settings_dict["OPTIONS"]) if current() else None)
    monkeypatch.setattr(DatabaseWrapper, "pool", pool)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {**connection.settings_dict["OPTIONS"], "pool": True})

    explore(lambda: vote_locked(choice.pk), lambda: vote_locked(choice.pk)).assert_serializable()

    assert set(pooled) == {False}


def test_model_with_a_composite_primary_key_is_known():
    """One such model in a project stopped each exploration."""
    with isolate_apps("tests.support.samples"):

        class Seat(models.Model):  # noqa: DJ008
            pk = models.CompositePrimaryKey("hall", "number")
            hall = models.IntegerField()
            number = models.IntegerField()
            taken = models.BooleanField()

            class Meta:
                app_label = "samples"

        table = table_of(Seat)

    assert table.key == ""
    assert table.columns == {"hall", "number", "taken"}
    assert table.constrained == {"hall", "number"}

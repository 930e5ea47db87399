"""explore(): what it takes, what it refuses in one sentence, and that everything is as before when it ends."""

import itertools
import random
import re
import threading
from collections.abc import Callable, Generator
from functools import partial

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import F

from interleavings import CannotExplore, explore
from interleavings.api import explore as explore_calls
from interleavings.database import guard
from interleavings.engine import tree
from interleavings.report.html import as_html
from tests.support.samples.models import Choice, Mail, Tag

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def choice() -> Choice:
    return Choice.objects.create(text="yes")


def vote(pk: int) -> None:
    choice = Choice.objects.get(pk=pk)
    choice.votes += 1
    choice.save()


def vote_once(choice: Choice) -> None:
    Choice.objects.filter(pk=choice.pk).update(votes=F("votes") + 1)


def nothing() -> None:
    Choice.objects.count()


def test_success_calls_may_have_names(choice):
    report = explore(anna=lambda: vote(choice.pk), ben=lambda: vote(choice.pk))

    assert list(report.calls) == ["anna", "ben"]
    assert report.anomalies[0].schedule == "anna ben ben anna"


def test_success_calls_are_named_by_the_line_of_the_function_behind_them(choice):
    report = explore(partial(vote, choice.pk), transaction.atomic(lambda: vote(choice.pk)))

    line = vote.__code__.co_firstlineno
    assert report.calls["A"] == f"{__file__}, line {line}"
    assert report.calls["B"].startswith(__file__)


def test_success_time_for_setting_back_reading_and_judging_is_known(choice):
    report = explore(lambda: vote(choice.pk), lambda: vote(choice.pk))

    assert report.upkeep_ms.keys() == {"set_back", "read", "judge"}
    assert report.as_values()["upkeep_ms"].keys() == report.upkeep_ms.keys()
    assert all(0 < taken_ms < 1_000 * report.duration_s for taken_ms in report.upkeep_ms.values())


def test_success_three_calls(choice):
    votes = [lambda: Choice.objects.filter(pk=choice.pk).update(votes=F("votes") + 1)] * 3

    report = explore(*votes)

    assert (report.schedules, report.exhaustive, report.serializable) == (6, True, True)


def test_success_everything_is_as_before(choice):
    before = list(Choice.objects.values())

    explore(lambda: vote(choice.pk), lambda: Mail.objects.create(text="sent"))

    assert list(Choice.objects.values()) == before
    assert not Mail.objects.exists()
    assert Mail.objects.create(text="next").pk < 1_000_000


def test_success_everything_is_as_before_when_a_call_cannot_be_explored(choice):
    def leaves_a_transaction_open() -> None:
        vote(choice.pk)
        connection.set_autocommit(False)
        Mail.objects.create(text="sent")

    with pytest.raises(CannotExplore, match="left a transaction open"):
        explore(leaves_a_transaction_open, nothing)

    assert (Choice.objects.get().votes, Mail.objects.count()) == (0, 0)


def test_success_invariant_is_asked_after_each_schedule(choice):
    report = explore(
        lambda: Mail.objects.create(text="a"),
        lambda: Mail.objects.create(text="b"),
        invariant=lambda: Mail.objects.count() < 2,
    )

    assert (report.anomaly_count, report.schedules) == (2, 2)
    assert report.anomalies[0].broken == "the invariant does not hold"
    assert "The invariant: the invariant does not hold." in report.text()


def test_success_one_schedule(choice):
    report = explore(lambda: vote(choice.pk), lambda: vote(choice.pk), schedule="A B A B")

    assert [ending.schedule for ending in report.endings] == ["A B A B"]
    assert not report.serializable
    assert (report.exhaustive, report.chosen_schedule) == (False, "A B A B")
    assert "this schedule ends as no serial order of the 2 calls does; NOT exhaustive: no other was r" in report.text()


def test_success_replay_shows_the_schedule_again(choice, capsys):
    report = explore(lambda: vote(choice.pk), lambda: vote(choice.pk))

    text = report.replay()

    assert "UPDATE samples_choice SET votes = 1 (and 1 as it was read) WHERE id = " in " ".join(text.split())
    assert text in capsys.readouterr().out


def test_success_generated_keys_count_up_to_renaming():
    """The call that inserts first gets the lower key; that alone is no difference, in rows or in what is returned."""

    def send(text: str) -> str:
        mail = Mail.objects.create(text=text)
        return f"/mail/{mail.pk}/"

    report = explore(lambda: (Tag.objects.count(), send("a"))[1], lambda: (Tag.objects.count(), send("b"))[1])

    assert report.serializable
    assert report.ignored_columns == []


def test_success_what_a_call_raised_counts(choice):
    def vote_once() -> None:
        if Choice.objects.get(pk=choice.pk).votes:
            raise ValueError("voted already")
        Choice.objects.filter(pk=choice.pk).update(votes=1)

    report = explore(vote_once, vote_once)

    assert (report.anomaly_count, report.schedules) == (4, 6)
    assert "voted already" in report.text()


def test_success_refused_call_has_not_happened(choice):
    def vote_or_give_up() -> None:
        with transaction.atomic():
            locked = Choice.objects.select_for_update(nowait=True).get(pk=choice.pk)
            locked.votes += 1
            locked.save()

    report = explore(vote_or_give_up, vote_or_give_up)

    assert report.serializable
    assert report.refused == {"55P03": report.schedules - 2}
    report.assert_serializable()


def test_success_refusal_that_left_half_its_work_is_an_anomaly(choice):
    def half() -> None:
        Mail.objects.create(text="before the lock")
        with transaction.atomic():
            vote(Choice.objects.select_for_update(nowait=True).get(pk=choice.pk).pk)

    report = explore(half, half)

    assert report.anomaly_count == report.refused["55P03"]


def test_success_outcomes_can_be_asked_for(choice):
    report = explore(lambda: vote(choice.pk), lambda: vote(choice.pk))

    report.assert_possible(lambda outcome: outcome.added["samples_choice"][0]["votes"] == 1)
    with pytest.raises(AssertionError, match="None of 6 schedules ended with three votes"):
        report.assert_possible(lambda outcome: outcome.added["samples_choice"][0]["votes"] == 3, "three votes")
    report.assert_never(lambda outcome: outcome.added["samples_choice"][0]["votes"] == 3)
    with pytest.raises(AssertionError, match="4 of 6 schedules ended with one vote"):
        report.assert_never(lambda outcome: outcome.added["samples_choice"][0]["votes"] == 1, "one vote")


def test_success_too_many_schedules_are_sampled(choice):
    report = explore(lambda: vote(choice.pk), lambda: vote(choice.pk), limit=3, prune=False)

    assert (report.exhaustive, report.run <= 3, report.about is not None) == (False, True, True)
    with pytest.raises(AssertionError, match="NOT exhaustive"):
        report.assert_serializable()


@pytest.fixture
def rivals() -> list[Callable[[], None]]:
    """B and C wait for the COMMIT of A, not for the same row; then either of them may be the first to go on."""
    both = Choice.objects.order_by("pk")
    both.bulk_create([Choice(text="first"), Choice(text="second")])

    @transaction.atomic
    def vote_for_both() -> None:
        both.update(votes=F("votes") + 1)

    @transaction.atomic
    def lock_both() -> None:
        len(both.select_for_update())

    return [vote_for_both, lock_both, transaction.atomic(lambda: vote_once(both[1]))]


def test_success_both_choices_of_the_database_are_met_and_can_be_run_again(rivals):
    report = explore(*rivals)

    chosen = sorted(ending.schedule for ending in report.endings if " A>" in ending.schedule)
    assert (report.exhaustive, report.unmet, report.serializable) == (True, [], True)
    assert {schedule.partition(" A>")[2][0] for schedule in chosen} == {"B", "C"}
    assert [explore(*rivals, schedule=schedule).endings[0].schedule for schedule in chosen[:4]] == chosen[:4]


def test_success_rival_that_ends_at_once_is_met_though_no_other_is_seen_waiting_for_it(rivals):
    second = Choice.objects.order_by("pk")[1]

    report = explore(*rivals[:2], lambda: vote_once(second))

    schedules = {ending.schedule for ending in report.endings}
    assert (report.exhaustive, report.run) == (True, 24)
    assert {"A (B) (C) A>B B", "A (B) (C) A B"} <= schedules  # in the second one, C was the first


def test_success_choice_of_the_database_that_was_not_met_is_said_and_nothing_is_proved(rivals, monkeypatch):
    monkeypatch.setattr(tree.Choice, "unmet", lambda choice: ["C"] if choice.rivals else [])

    report = explore(*rivals)

    assert (report.exhaustive, report.serializable, report.about) == (False, True, None)
    assert report.unmet[0].endswith(" A>C")
    assert f"NOT exhaustive: {report.run} were run, and {len(report.unmet)} choices of the data" in report.text()
    assert f"Not met: {report.unmet[0]}; " in report.text()
    assert f"Not met: {report.unmet[0]}; ".replace(">", "&gt;") in as_html(report, title="rivals")
    assert report.as_values()["unmet"] == report.unmet
    report.assert_serializable(sampled=True)
    with pytest.raises(AssertionError, match="could not be met"):
        report.assert_serializable()


def test_success_order_that_cannot_be_seen_is_said(choice):
    """Both wait for the COMMIT of A, each for another row; then each ends with its statement."""
    other = Choice.objects.create(text="no")

    @transaction.atomic
    def vote_for_both() -> None:
        Choice.objects.update(votes=F("votes") + 1)

    report = explore(vote_for_both, lambda: vote_once(choice), lambda: vote_once(other))

    assert [ending.schedule for ending in report.endings if ending.is_raced] == ["A (B) (C) A", "A (C) (B) A"]
    assert (report.raced, report.exhaustive) == (2, True)
    assert "In 2 of them, one step let several calls go on, each" in report.text()


@pytest.mark.parametrize("wrong", [7, 10])
def test_success_both_orders_that_cannot_be_seen_are_run(wrong):
    """B and C wait for A, each for a row of its own; then both change a third one, in either order.

    (Were one order alone run, the invariant that forbids the other one would be kept.)
    """
    pks = [Choice.objects.create(text=str(number), votes=2).pk for number in range(3)]

    @transaction.atomic
    def hold() -> None:
        Choice.objects.filter(pk__in=pks[:2]).update(text="held")

    def change(pk: int, votes: F) -> None:
        Choice.objects.filter(pk__in=[pk, pks[2]]).update(votes=votes)

    report = explore(
        hold,
        lambda: change(pks[0], F("votes") * 2),
        lambda: change(pks[1], F("votes") + 3),
        invariant=lambda: Choice.objects.get(pk=pks[2]).votes != wrong,
    )

    raced = [ending for ending in report.endings if ending.is_raced]
    assert report.exhaustive
    assert raced
    assert all(ending.broken for ending in raced)


def test_error_number_of_calls():
    with pytest.raises(CannotExplore, match="was given 1 calls: give it 2 to 6"):
        explore(nothing)


def test_error_what_cannot_be_called():
    with pytest.raises(CannotExplore, match="The call B is 7, which cannot be called"):
        explore(nothing, 7)


@pytest.mark.parametrize("name", ["a b", "a>b", "(a", "a+b", ""])
def test_error_name_that_no_schedule_can_say(name):
    with pytest.raises(CannotExplore, match=re.escape(f"A call cannot be named {name!r}")):
        explore(**{name: nothing, "b": nothing})


@pytest.mark.parametrize("name", ["schedule", "limit", "seed", "prune"])
def test_error_call_with_the_name_of_an_option(name):
    with pytest.raises(CannotExplore, match=f"{name}= is an option of explore"):
        explore(nothing, nothing, **{name: nothing})


def test_error_call_that_always_fails(choice):
    """It ends alike in every schedule: that would pass for a proof."""
    with pytest.raises(CannotExplore, match=r"The call A raises an error in every order.*\(NameError: name 'missing'"):
        explore(lambda: (Choice.objects.count(), missing), lambda: vote(choice.pk))  # noqa: F821


def test_error_call_that_does_nothing(choice):
    with pytest.raises(CannotExplore, match="The call B asks the database for nothing"):
        explore(lambda: vote(choice.pk), lambda: 7)


def test_success_queryset_that_is_returned_is_read_in_the_call(choice):
    """And not when all is over, when it would show the end of the other call too."""
    report = explore(lambda: vote_once(choice), lambda: Choice.objects.values_list("votes", flat=True))

    assert {ending.outcome.results["B"]["returned[0]"] for ending in report.endings} == {0, 1}


def test_error_async_function():
    async def later() -> None: ...

    with pytest.raises(CannotExplore, match=r"The call B \(test_api.py, line \d+\) is async"):
        explore(nothing, later)


def test_error_async_behind_a_lambda():
    async def later() -> None: ...

    with pytest.raises(CannotExplore, match=r"The call B \(test_api.py, line \d+\) is async"):
        explore(nothing, lambda: later())


def test_error_generator():
    def later() -> Generator[int]:
        yield Choice.objects.count()

    with pytest.raises(CannotExplore, match=r"\(test_api.py, line \d+\) returned a generator, so nothing was done"):
        explore(nothing, later)


def test_error_thread():
    with pytest.raises(
        CannotExplore, match=r"it started a thread of its own \(test_api.py:\d+ in <lambda>\), after its"
    ):
        explore(nothing, lambda: (Choice.objects.count(), threading.Thread(target=nothing).start()))


@pytest.mark.parametrize("connect", [(psycopg, "connect"), (psycopg.Connection, "connect")])
def test_error_connection_of_its_own(connect):
    with pytest.raises(CannotExplore, match=r"opened a database connection of its own \(test_api.py:\d+ in <lambda>\)"):
        explore(nothing, lambda: getattr(*connect)("dbname=none"))


@pytest.fixture
def second_database(monkeypatch) -> None:
    """There is a database "second" too."""
    second = {**connections.settings["default"], "ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    monkeypatch.setitem(connections.settings, "second", second)


def test_error_second_database(second_database):
    """SQLite has no gates: its steps would run unnoticed, in no order."""
    with pytest.raises(
        CannotExplore, match=r"it used the database 'second'.* \(test_api.py:\d+ in <lambda>\), before its"
    ):
        explore(nothing, lambda: Choice.objects.using("second").count())


def test_error_steps_that_differ_between_two_equal_runs():
    turns = itertools.count()

    def cached() -> None:
        Choice.objects.count()
        if next(turns) % 2:
            Mail.objects.count()

    with pytest.raises(
        CannotExplore, match=r"The calls are not the same twice.*samples_mail \(test_api.py:\d+ in cached\) the"
    ):
        explore(nothing, cached)


def test_error_too_many_steps():
    def endless() -> None:
        while True:
            Choice.objects.count()

    with pytest.raises(
        CannotExplore, match=r"has taken 200 steps, .*; the last was SELECT .* \(test_api.py:\d+ in endless"
    ):
        explore(nothing, endless)


def test_error_schedule_that_cannot_be_taken(choice):
    with pytest.raises(CannotExplore, match="Step 3 of the schedule cannot be taken: there is no session 'C'; choose"):
        explore(lambda: vote(choice.pk), lambda: vote(choice.pk), schedule="A B C")


def test_error_inside_a_transaction():
    with transaction.atomic(), pytest.raises(CannotExplore, match="inside a transaction"):
        explore(nothing, nothing)


def test_error_database_that_was_not_made_for_tests(monkeypatch):
    name = connection.settings_dict["NAME"]
    monkeypatch.setattr(guard, "TEST_PREFIX", "no test begins so")
    monkeypatch.setitem(connection.settings_dict["TEST"], "NAME", None)

    with pytest.raises(CannotExplore, match=f"destroys_data_in='{name}'"):
        explore(nothing, nothing)
    assert explore(nothing, nothing, destroys_data_in=name).serializable


def test_success_database_of_tests_may_have_any_name(monkeypatch):
    """The settings name it; a process of several adds its number. Another name that only begins so is another one."""
    name = connection.settings_dict["NAME"]
    monkeypatch.setattr(guard, "TEST_PREFIX", "no test begins so")
    for suffix in ("", "_gw3", "_2"):
        monkeypatch.setitem(connection.settings_dict, "NAME", f"{name}{suffix}")
        monkeypatch.setitem(connection.settings_dict["TEST"], "NAME", name)
        guard.check_database(destroys_data_in=None)
    monkeypatch.setitem(connection.settings_dict, "NAME", f"{name}_production")
    with pytest.raises(CannotExplore, match="was not made for tests"):
        guard.check_database(destroys_data_in=None)


@pytest.mark.parametrize("vendor", ["sqlite", "mysql", "oracle"])
def test_error_other_databases(monkeypatch, vendor):
    monkeypatch.setattr(type(connection), "vendor", vendor, raising=False)
    monkeypatch.setattr(connection, "vendor", vendor, raising=False)

    with pytest.raises(CannotExplore, match=f"explore.. cannot run on {vendor}"):
        explore(nothing, nothing)


def test_success_random_values_are_named(choice):
    report = explore(
        lambda: Mail.objects.create(text=str(random.random())),
        lambda: vote(choice.pk),
    )

    assert report.serializable
    assert report.ignored_columns == ["A returned.text", "samples_mail.text"]


def test_the_fixture_is_the_same_function():
    assert explore is explore_calls
    assert issubclass(DatabaseError, Exception)

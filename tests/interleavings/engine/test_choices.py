"""Where several sessions wait for one COMMIT, both ways to go on are run, counted, written down and replayed."""

from collections import defaultdict

import pytest

from accounts.errors import BankError
from accounts.explorer.explore import explore as explore_plan
from accounts.explorer.replay import replaying
from interleavings.engine.choices import Release, see_release
from tests.support.explorations import plan
from tests.support.thorough import THOROUGH, every

TIMES = 30 if THOROUGH else 2  # each takes up to 20 s on a busy machine

# Two sessions may wait for the COMMIT of the third, and not for the same row.
RIVALS = plan("row_lock", "my/one_row_at_a_time", transfers="1>2:30,2>1:30")
# Two sessions may queue up for one row that the third has written.
QUEUE = plan("conditional_update", "row_lock", transfers="1>2:30,1>2:5")

PLANS = every(3, [QUEUE, RIVALS, plan("conditional_update", "my/one_row_at_a_time", transfers="1>2:30,1>2:5")])


@pytest.mark.thorough
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.transfer_with} x {plan.audit_with.split('/')[-1]}")
def test_explorations_list_the_same_schedules(transactional_db, plan):
    listings = []
    for _ in range(TIMES):
        found = explore_plan(plan)
        assert found.is_exhaustive
        listings.append(sorted(found.listing, key=str))

    assert all(listing == listings[0] for listing in listings)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("scenario", "count"), every(2, [(QUEUE, 56), (RIVALS, 402)]), ids=["queue", "rivals"] if THOROUGH else ["queue"]
)
def test_pruning_changes_no_count(transactional_db, scenario, count):
    whole, pruned = (explore_plan(scenario, prune=prune).tally for prune in (False, True))

    assert pruned.run_count < whole.run_count == whole.schedule_count == pruned.schedule_count == count
    assert pruned.counts == whole.counts


@pytest.mark.thorough
def test_both_rivals_win_and_either_can_be_asked_for(transactional_db):
    listing = [listed.schedule for listed in explore_plan(RIVALS).listing]
    winners = defaultdict(set)
    for schedule in listing:
        beginning, choice, rest = schedule.partition(">")
        if choice:
            winners[beginning].add(rest.split()[0])

    assert len(winners) > 20
    assert all(len(names) == 2 for names in winners.values())
    chosen = every(5, [schedule for schedule in listing if ">" in schedule][::10])
    with replaying(RIVALS) as play:
        assert [str(play(schedule).run) for schedule in chosen] == chosen


def test_listed_schedule_of_a_queue_can_be_replayed_each_time(transactional_db):
    with replaying(QUEUE) as play:
        played = {str(play("t1 t2 a t1 t1 t2 t2 a").run) for _ in range(20)}

    assert played == {"t1 (t2) (a) t1 t1 t2 t2 a"}


@pytest.mark.parametrize(
    ("schedule", "sentence"),
    [
        (
            "t1>a",
            "Step 1 of the schedule cannot let a go on: the database has no such choice there; write t1 alone.",
        ),
        (
            "t1 t2 a t1 t1>a",
            "Step 5 of the schedule cannot let a go on: the database has no such choice there; write t1 alone.",
        ),
        ("t1 >a", "Step 2 of the schedule is '>a': write a session as t, (t) or t>a."),
    ],
)
def test_error_choice_that_the_database_has_not(transactional_db, schedule, sentence):
    with pytest.raises(BankError) as refusal, replaying(QUEUE) as play:
        play(schedule)

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("before", "after", "release"),
    [
        ({}, {}, Release()),
        ({"a": ["t"]}, {}, Release(freed=("a",))),
        ({"a": ["t"], "b": ["t"]}, {}, Release(freed=("a", "b"), rivals=("a", "b"))),
        ({"a": ["t"], "b": ["t"]}, {"b": ["a"]}, Release(("a",), moved=("b",), rivals=("a", "b"), let_go=("a",))),
        ({"a": ["t"], "b": ["t"]}, {"a": ["t"], "b": ["t"]}, Release()),
        ({"a": ["t"], "b": ["a"]}, {"b": ["a"]}, Release(freed=("a",))),
        ({"a": ["t"], "b": ["a"]}, {"a": ["b"]}, Release(("b",), moved=("a",), is_overtaking=True)),
        ({"a": ["t"], "b": ["t", "a"]}, {"b": ["a"]}, Release(freed=("a",))),
        ({"a": ["t"]}, {"a": ["b"]}, Release(moved=("a",))),
    ],
)
def test_what_a_step_of_t_did_to_those_that_waited(before, after, release):
    assert see_release("t", before, after, in_python=[]) == release


def test_python_locks_are_no_choice():
    """They are handed on in the order of asking."""
    release = see_release("t", {"a": ["t"], "b": ["t"]}, {"b": ["a"]}, in_python=["a", "b"])

    assert release == Release(freed=("a",), moved=("b",))

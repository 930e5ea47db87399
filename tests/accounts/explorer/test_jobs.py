"""Several processes explore one plan: the report is that of one process, however many there are; a failure is said.

Where a test does not need processes, threads stand in for them: they run the same, on the tests' database.
"""

import json
import multiprocessing
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Pipe
from typing import Any

import psutil
import pytest
from django.db import connection

from accounts.db.scratch_database import scratch_databases
from accounts.errors import BankError
from accounts.explorer import explore as module
from accounts.explorer import jobs as jobs_module
from accounts.explorer import part
from accounts.explorer.exploration import Exploration
from accounts.explorer.explore import MAX_JOBS, explore
from accounts.explorer.jobs import join
from accounts.explorer.part import Finished
from accounts.explorer.plan import Plan
from tests.support.explorations import CROSSING, TWO_TRANSFERS, plan

pytestmark = pytest.mark.django_db(transaction=True)

LARGE = plan("no_lock", "no_lock", transfers="1>2:30,1>2:5,2>3:1")  # more than a minute


class ThreadAsChild:
    """A Child that is a thread."""

    def __init__(self) -> None:
        self.pipe, self._theirs = Pipe()
        self._thread = threading.Thread(target=self._run)
        self._error = "its pipe was closed"

    def begin(self, work: Callable, *, database: str) -> None:
        self._work = work
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work(self._theirs)
        except (EOFError, ConnectionError):
            pass
        except Exception:
            self._error = traceback.format_exc()
        finally:
            self._theirs.close()
            connection.close()

    def last_words(self) -> str:
        self._thread.join(20)
        return self._error

    def __enter__(self) -> "ThreadAsChild":
        return self

    def __exit__(self, *exception: object) -> None:
        self.pipe.close()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def threads(monkeypatch) -> None:
    @contextmanager
    def ours(count: int, **_fill: Any) -> Iterator[list[str]]:
        yield [""] * count

    monkeypatch.setattr(jobs_module, "Child", ThreadAsChild)
    monkeypatch.setattr(jobs_module, "scratch_databases", ours)


def values(exploration: Exploration) -> dict[str, Any]:
    """Its report as it is printed, but for the time that it took."""
    report: dict[str, Any] = json.loads(json.dumps(exploration.report().as_values()))
    del report["duration_s"]
    return report


def of_all(report: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on which of equivalent schedules was run."""
    return {name: value for name, value in report.items() if name not in ("witness", "error")}


@pytest.fixture
def databases(monkeypatch) -> list[str]:
    """The names of the databases that are made for processes, by this test."""
    made: list[str] = []

    @contextmanager
    def noted(count: int, **fill: Any) -> Iterator[list[str]]:
        with scratch_databases(count, **fill) as names:
            made.extend(names)
            yield names

    monkeypatch.setattr(jobs_module, "scratch_databases", noted)
    return made


def assert_nothing_is_left(databases: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = ANY(%s)", [databases])
        assert (len(databases), cursor.fetchone()) == (2, (0,))
    assert multiprocessing.active_children() == []


@pytest.mark.thorough(every=8)
@pytest.mark.parametrize(
    ("plan", "prune"),
    [
        (plan(), True),
        (plan(), False),
        (plan("row_lock", "row_lock"), False),
        (plan("no_transaction", "no_transaction"), True),
        (plan("no_lock", "no_lock", **TWO_TRANSFERS), True),
        (plan("python_lock", "python_lock", transfers="1>2:30,1>2:5", processes="separate"), True),
        (plan("my/opposite_row_locks", **CROSSING), False),
        (plan("conditional_update", "no_lock", transfers="1>2:9000", audits=2), True),
    ],
    ids=lambda value: (
        f"{value.transfer_with}-{value.audit_with}" if isinstance(value, Plan) else ["whole", "pruned"][value]
    ),
)
def test_the_report_is_that_of_one_process(threads, plan, prune):
    alone = values(explore(plan, prune=prune))
    shared = values(explore(plan, prune=prune, jobs=3))

    assert alone["exhaustive"]
    assert of_all(shared) == of_all(alone)
    assert (shared["witness"] is None) == (alone["witness"] is None)


@pytest.mark.thorough
@pytest.mark.parametrize("depth", [4, 8])
def test_choices_of_the_database_may_lie_below_the_cut_and_above_it(threads, monkeypatch, depth):
    monkeypatch.setattr(part, "split_depth", lambda _count: depth)
    with_rivals = plan("row_lock", "my/one_row_at_a_time", transfers="1>2:30,2>1:30")

    alone, shared = (values(explore(with_rivals, jobs=jobs)) for jobs in (1, 2))

    assert alone["exhaustive"]
    assert of_all(shared) == of_all(alone)


@pytest.mark.thorough
def test_the_whole_listing_does_not_depend_on_how_many_share_it(threads):
    mixed = plan("no_lock", "no_lock", **TWO_TRANSFERS)

    two, four = (explore(mixed, jobs=jobs, keep_timelines=True) for jobs in (2, 4))

    assert values(two) == values(four)
    assert (two.listing, two.schedules, two.timelines) == (four.listing, four.schedules, four.timelines)


def test_limit_counts_the_schedules_of_all_and_then_one_sample_is_drawn(threads):
    alone, shared = (values(explore(plan(), prune=False, limit=20, jobs=jobs)) for jobs in (1, 2))

    assert shared == alone
    assert (shared["exhaustive"], shared["run"]) == (False, 20)


def test_limit_that_is_just_enough_is_no_limit(threads):
    assert explore(plan(), prune=False, limit=35, jobs=2).is_exhaustive


def test_too_many_steps_end_it_with_what_was_found(threads, monkeypatch):
    monkeypatch.setattr(module, "MAX_STEPS_IN_ALL", 40)

    found = explore(plan(), prune=False, jobs=2)

    assert not found.is_exhaustive
    assert 0 < found.tally.run_count < 35


def test_progress_says_how_many_have_been_run(threads):
    said = []

    explore(plan(), prune=False, jobs=2, on_progress=lambda found: said.append(found.tally.run_count))

    assert said == [*range(1, 36)]


def test_error_of_a_strategy_is_the_sentence_of_one_process(threads):
    sentences = []
    for jobs in (1, 2):
        with pytest.raises(BankError) as refusal:
            explore(plan("my/random_order"), jobs=jobs)
        sentences.append(str(refusal.value))

    assert sentences[0] == sentences[1]


def finished(*reached: str, unmet: Sequence[str] = (), then: str = "COMMIT") -> Finished:
    return Finished({}, frozenset(reached), list(unmet), {("t", 1): then})


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        (finished("t", "a"), finished("t"), "The sessions do not do the same in two processes: only one came to 'a'."),
        (finished("t"), finished("t", then="SELECT 0"), "Session t: it does not do the same in two processes"),
    ],
)
def test_error_two_processes_that_did_not_see_the_same_tree(one, other, sentence):
    with pytest.raises(BankError) as refusal:
        join(Exploration(plan()), [one, other], are_all=True)

    assert str(refusal.value).startswith(sentence)
    assert str(refusal.value).endswith("a random order, the clock, something that a module keeps.")


@pytest.mark.thorough
def test_choice_of_the_database_that_one_process_never_met_is_no_proof_and_no_error():
    found = Exploration(plan())

    join(found, [finished("t"), finished("t", "a", unmet=["t a>t"])], are_all=True)

    assert (found.is_exhaustive, found.unmet) == (False, ["t a>t"])


@pytest.mark.parametrize("jobs", [0, -1, MAX_JOBS + 1])
def test_error_number_of_processes_that_cannot_be(jobs):
    with pytest.raises(BankError, match=rf"^jobs cannot be {jobs}: choose 1 to {MAX_JOBS} processes\.$"):
        explore(plan(), jobs=jobs)


@pytest.mark.thorough
@pytest.mark.processes
def test_processes_give_the_report_of_one(databases):
    """SERIALIZABLE: processes in one database would disturb each other."""
    pair = plan("serializable", "serializable")

    alone, two = (values(explore(pair, jobs=jobs)) for jobs in (1, 2))

    assert of_all(two) == of_all(alone)
    assert_nothing_is_left(databases)


@pytest.mark.processes
def test_error_process_that_is_killed(databases):
    def kill(_found: Exploration) -> None:
        [psutil.Process(child.pid).kill() for child in multiprocessing.active_children()[:1]]

    with pytest.raises(
        BankError, match=r"^A process of this exploration has ended .*killed by SIGKILL.*Nothing was pro"
    ):
        explore(LARGE, jobs=2, on_progress=kill)

    assert_nothing_is_left(databases)


@pytest.mark.thorough
@pytest.mark.processes
def test_interrupt_leaves_nothing_behind(databases):
    def interrupt(_found: Exploration) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explore(LARGE, jobs=2, on_progress=interrupt)

    assert_nothing_is_left(databases)

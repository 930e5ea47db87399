"""Strategies written to mislead the pruning: all that they do must come out as if every schedule had been run."""

from pathlib import Path

import pytest

from accounts.explorer.replay import replay
from tests.support.explorations import COUNTS, TWO_TRANSFERS, plan
from tests.support.thorough import every

HOSTILE = sorted(path.stem for path in (Path(__file__).parent / "strategies" / "hostile").glob("*.py"))
TRANSFERS = {
    "advisory_as_text",
    "claims_first",
    "listens",
    "number_changes",
    "saves_order",
    "sequence",
    "snapshot_first_writes",
}
AUDITS = set(HOSTILE) - TRANSFERS | {"advisory_as_text", "number_changes"}
OF_THREE_ACCOUNTS = {
    "begin_snapshot",
    "lower_case_or",
    "subquery",
    "update_from",
}  # the first has no part in the transfer


@pytest.mark.thorough(every=8)
@pytest.mark.parametrize("name", every(2, HOSTILE))
def test_pruning_changes_no_count(explore, name):
    options = {"transfers": "2>3:30"} if name in OF_THREE_ACCOUNTS else {}
    pruned = explore(*pair(name), **options)

    assert pruned["exhaustive"]
    if pruned["run"] < pruned["schedules"]:  # else nothing was pruned: that was the whole
        whole = explore(*pair(name), prune=False, **options)
        assert {count: pruned[count] for count in COUNTS} == {count: whole[count] for count in COUNTS}


def pair(name: str) -> tuple[str, str]:
    """The file's own functions, beside the missed lock's."""
    mine = f"my/hostile/{name}"
    return mine if name in TRANSFERS else "row_lock", mine if name in AUDITS else "single_statement"


@pytest.mark.parametrize("name", ["claims_first", "number_changes"])
@pytest.mark.parametrize("options", every(2, [TWO_TRANSFERS, {"transfers": "1>2:30,3>4:5", "audits": 0}]))
def test_pruning_changes_no_count_of_two_transfers(explore, name, options):
    whole, pruned = (explore(f"my/hostile/{name}", prune=prune, **options) for prune in (False, True))

    assert {count: pruned[count] for count in COUNTS} == {count: whole[count] for count in COUNTS}


@pytest.mark.parametrize(
    ("name", "torn", "wrong_total", "schedules"),
    [
        ("key_as_text", 4, 4, 15),
        ("capitals", 4, 4, 15),
        ("computed_key", 4, 4, 15),
        ("chunks", 0, 0, 6),
        ("saves_order", 0, 0, 5),
    ],
)
def test_hostile_strategy_has_its_known_counts(explore, name, torn, wrong_total, schedules):
    found = explore(*pair(name))

    assert (found["torn"], found["wrong_total"], found["schedules"]) == (torn, wrong_total, schedules)
    assert found["accounts_off"] == found["errors"] == 0


def test_first_statement_of_a_snapshot_is_a_step(transactional_db):
    """Else both would have taken their snapshots before anybody's first step, and the second is refused for it."""
    played = replay(plan("my/hostile/snapshot_first_writes", **TWO_TRANSFERS), " ".join(6 * ["t1"] + 6 * ["t2"]))

    assert played.run.steps[0].sql.startswith("UPDATE accounts_transfer")
    assert not played.run.errors


def test_nothing_of_a_connection_lives_on_in_the_next_schedule(explore):
    for name in ("prepared", "setting_stays", "temporary_table"):
        found = explore("row_lock", f"my/hostile/{name}")

        assert found["errors"] == found["wrong_total"] == 0, name


def test_transfer_that_is_written_with_save_is_evidence(explore):
    found = explore("my/hostile/saves_order", "no_lock")

    assert (found["torn"], found["accounts_off"], found["schedules"]) == (4, 0, 35)

"""Every pair of strategies: which cells there are, in which order, and how fast each is beside row_lock."""

import pytest

from accounts import strategies
from accounts.errors import BankError
from accounts.storms.launch import launch
from accounts.storms.matrix import plan_matrix, with_results
from accounts.storms.report import report_on
from tests.support.storms import do_all


def pairs(cells) -> list[tuple[str, str]]:
    return [(cell.storm.transfer_with, cell.storm.audit_with) for cell in cells]


def test_matrix_has_every_pair_and_row_lock_first(db):
    cells = plan_matrix(transfer_count=100)

    assert len(set(pairs(cells))) == len(strategies.names("transfer")) * len(strategies.names("audit"))
    assert {transfer_with for transfer_with, _audit_with in pairs(cells)[: len(strategies.names("audit"))]} == {
        "row_lock"
    }


def test_matrix_of_named_strategies_has_their_pairs_only(db):
    cells = plan_matrix(only=["no_lock", "row_lock", "single_sum"], transfer_count=100)

    assert set(pairs(cells)) == {
        (transfer_with, audit_with)
        for transfer_with in ("row_lock", "no_lock")
        for audit_with in ("row_lock", "no_lock", "single_sum")
    }


@pytest.mark.parametrize("only", [["nope"], ["single_sum"]])
def test_error_matrix_without_a_pair(only, db):
    with pytest.raises(BankError, match="There is no"):
        plan_matrix(only=only, transfer_count=100)


def test_speed_is_given_in_units_of_row_lock_under_the_same_audits(transactional_db):
    cells = plan_matrix(only=["no_lock", "row_lock"], transfer_count=3, audit_count=1)
    for cell in cells:
        launch(cell.storm, queue="nowhere")
        do_all(cell.storm)

    results = list(with_results(cells, (report_on(cell.storm) for cell in cells)))

    speeds = {pair: result.relative_speed for pair, result in zip(pairs(cells), results, strict=True)}
    assert speeds["row_lock", "row_lock"] == speeds["row_lock", "no_lock"] == 1.0
    assert all(speed > 0 for speed in speeds.values())

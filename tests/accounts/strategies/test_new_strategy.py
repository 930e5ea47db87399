"""Adding a strategy is one file: put into a folder, it is everywhere. One that promises nothing does not vanish."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts import strategies
from accounts.errors import BankError
from accounts.faults import soak
from accounts.management.benchmarks import speed
from accounts.storms import matrix
from accounts.storms.expectations import Outcome, expected
from accounts.strategies.shared.promises import Among

pytestmark = pytest.mark.django_db(transaction=True)

NEIGHBOUR = Path(strategies.__path__[0]) / "row_lock.py"
DECLARED = NEIGHBOUR.read_text(encoding="utf-8")
UNDECLARED = "".join(line for line in DECLARED.splitlines(keepends=True) if "_HOLD = " not in line)


@pytest.fixture
def add(tmp_path, monkeypatch) -> Iterator[Callable[[str, str], None]]:
    """add("copied_lock", text): a strategy in a folder of its own, which is offered beside ours, to workers too."""
    folder, added = str(tmp_path / "strategies"), []
    Path(folder).mkdir()
    monkeypatch.setattr(strategies, "OFFERED", [*strategies.OFFERED, folder])
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, folder])
    monkeypatch.setenv(strategies.FOLDER, folder)

    def add(name: str, text: str) -> None:
        Path(folder, f"{name}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        added.append(name)

    yield add
    for name in added:
        sys.modules.pop(f"accounts.strategies.{name}", None)
        vars(strategies).pop(name, None)
    strategies._import.cache_clear()


@pytest.fixture(params=[DECLARED, UNDECLARED], ids=["declared", "undeclared"])
def new(request, add) -> str:
    """A copy of row_lock, with its promises or without."""
    add("copied_lock", request.param)
    return "copied_lock"


def planned(cells) -> set[tuple[str, str]]:
    return {(cell.storm.transfer_with, cell.storm.audit_with) for cell in cells}


def test_new_strategy_is_in_the_lists_of_names(new):
    assert new in strategies.names("transfer")
    assert new in strategies.names("audit")
    assert new in strategies.from_weak_to_strong(strategies.names("transfer"))
    assert new in speed.all_names()


def test_new_strategy_is_compared_with_every_other(new):
    pairs = planned(matrix.plan_matrix(transfer_count=10))

    assert {audit for transfer, audit in pairs if transfer == new} == set(strategies.names("audit"))
    assert {transfer for transfer, audit in pairs if audit == new} == set(strategies.names("transfer"))


def test_new_strategy_is_soaked_with_every_other(new):
    transfers, audits = strategies.names("transfer"), strategies.names("audit")
    cells = soak.cells(seed=1, transfer_count=10, audit_count=1)

    pairs = planned(islice(cells, len(transfers) * len(audits)))

    assert {audit for transfer, audit in pairs if transfer == new} == set(audits)
    assert {transfer for transfer, audit in pairs if audit == new} == set(transfers)


def test_new_strategy_can_be_launched_from_the_page(new, admin_client):
    page = admin_client.get(reverse("admin:accounts_storm_add")).content.decode()

    assert page.count(f'value="{new}"') == 2  # to transfer with, and to audit with
    assert f"<strong>{new}</strong> Row locks: select_for_update() locks the rows until COMMIT" in page


def test_new_strategy_can_be_explored(new, capsys):
    call_command("explore", "--transfer-with", new, "--audit-with", new, "--json")

    found = json.loads(capsys.readouterr().out)
    assert (found["transfer_with"], found["audit_with"], found["torn"]) == (new, new, 0)


def test_copy_of_a_neighbour_promises_what_the_neighbour_does(add):
    add("copied_lock", DECLARED)

    for other in strategies.names("transfer"):
        assert expected(other, "copied_lock", among=Among.PROCESSES) is expected(
            other, "row_lock", among=Among.PROCESSES
        )
    for other in strategies.names("audit"):
        assert expected("copied_lock", other, among=Among.EVERYONE) is expected("row_lock", other, among=Among.EVERYONE)
    order = strategies.from_weak_to_strong(strategies.names("transfer"))
    places = [order.index(name) for name in ("advisory_lock", "copied_lock", "unordered_row_lock")]
    assert places == sorted(places)
    assert strategies.undeclared() == []


def test_nothing_is_expected_of_a_strategy_that_promises_nothing(add):
    add("copied_lock", UNDECLARED)

    assert expected("copied_lock", "row_lock", among=Among.THREADS) is Outcome.BREAKS
    assert expected("row_lock", "copied_lock", among=Among.THREADS) is Outcome.TORN
    options = "Among.NO_ONE or Among.THREADS or Among.PROCESSES or Among.EVERYONE"
    beside = "Beside.NO_TRANSFERS or Beside.OWN_TRANSFERS or Beside.ALL_TRANSFERS"
    said = (
        "strategies/copied_lock.py does not say what its {}s promise, so they are expected to hold nothing: add a line "
    )
    transfers, audits = strategies.undeclared()
    assert (
        f"{said.format('transfer')}TRANSFERS_HOLD = {options} (from accounts.strategies.shared.promises import Among)."
        in transfers
    )
    assert (
        f"{said.format('audit')}AUDITS_HOLD = {beside} (from accounts.strategies.shared.promises import Beside)."
        in audits
    )


@pytest.mark.parametrize(
    ("function", "sentence"),
    [("transfer", "TRANSFERS_HOLD = Among.NO_ONE or "), ("audit", "AUDITS_HOLD = Beside.NO_TRANSFERS or ")],
)
def test_strategy_of_one_function_lacks_one_promise(function, sentence, add):
    add("half", f"def {function}(given):\n    pass\n")

    (lack,) = strategies.undeclared()
    assert sentence in lack


@pytest.mark.thorough
@pytest.mark.processes
def test_comparison_runs_both_and_says_what_is_not_declared(add):
    """On real workers: they load the new file as well."""
    add("copied_lock", DECLARED)
    add("silent", UNDECLARED)
    only = ["--only", "copied_lock,silent", "--transfers", "40", "--audits", "4", "--workers", "2", "--json"]

    status, reports, said = run("compare", "--all", *only)

    pairs = {(report["transfer_with"], report["audit_with"]): report["agrees"] for report in reports}
    assert pairs[("copied_lock", "copied_lock")]
    assert not pairs[("silent", "copied_lock")]  # it holds, and nothing was expected of it
    assert len(pairs) == 4
    assert status == 1
    assert "silent.py does not say what its transfers promise" in said
    assert "silent.py does not say what its audits promise" in said
    assert "copied_lock.py" not in said


def run(*arguments: str) -> tuple[int, list[dict], str]:
    """The command's exit status, the JSON that it prints, and what it says on stderr."""
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as end:
        status = end.code
    return status, json.loads(out.getvalue()), err.getvalue()


def test_file_without_transfer_and_audit_is_named(add):
    add("typo", "def tranfer(order):\n    pass\n")

    (lack,) = strategies.undeclared()
    assert lack.endswith("typo.py is no strategy, and is not offered: write transfer(order), audit(bank) or both.")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            'TRANSFERS_HOLD = "everyone"',
            "The strategy copied_lock says TRANSFERS_HOLD = 'everyone': make it Among.NO_ONE or Among.THREADS or ",
        ),
        ('PACE = "fast"', "The strategy copied_lock says PACE = 'fast': make it a value such as 1.0."),
        ("AUDITS_HOLD = True", "The strategy copied_lock says AUDITS_HOLD = True: make it Beside.NO_TRANSFERS or "),
    ],
)
def test_error_promise_that_means_nothing(line, sentence, add):
    add("copied_lock", f"{DECLARED}\n{line}\n")

    with pytest.raises(BankError) as refusal:
        matrix.plan_matrix(transfer_count=10)

    assert sentence in str(refusal.value)


def test_what_strategies_share_is_no_strategy():
    assert not {"promises", "shared"} & {*strategies.names("transfer"), *strategies.names("audit")}
    with pytest.raises(BankError, match="There is no strategy 'promises': choose one of advisory_lock"):
        strategies.load("promises", "transfer")


def test_every_strategy_of_ours_says_what_it_promises():
    assert strategies.undeclared() == []

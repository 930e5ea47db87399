"""Storms side by side: in their order, in few queries, while they run too; and sparklines of their totals."""

import csv
import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from accounts.management import tables
from accounts.management.arguments import to_csv
from accounts.models import Report, Storm
from accounts.reporting import comparison_columns, document
from accounts.reporting.comparison import Row, compare
from accounts.reporting.comparison_columns import UNKNOWN, Cell, Column
from accounts.storms import jobs, matrix
from accounts.storms.expectations import Outcome
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm
from accounts.storms.lecture import SCENES
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on
from tests.support.reports import a_report
from tests.support.storms import audit_all

pytestmark = pytest.mark.django_db(transaction=True)

COMPARE = "/admin/accounts/storm/compare/"


def launch(**choices) -> Storm:
    storm = plan_storm(**{"transfer_with": "row_lock", "audit_with": "row_lock", "transfer_count": 4, **choices})
    launch_storm(storm, queue="nowhere")
    return storm


def finish(storm: Storm, **report) -> Storm:
    """Run it to its end; then let its report say something else in these fields."""
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    jobs.run(storm.pk, [], list(range(storm.audit_count)))
    storm.refresh_from_db()
    storm.report = replace(storm.report, **report)
    storm.save()
    return storm


def cells(row: Row) -> dict[str, Cell]:
    """By the names of their columns."""
    return dict(zip((column.name for column in comparison_columns.COLUMNS), row.cells, strict=True))


def print_tables(report: Report) -> list[list[str]]:
    """The head and the line of a storm, in the table of the story and in that of all pairs."""
    story, pairs = (Console(file=io.StringIO(), width=200) for _ in range(2))
    tables.print_story_head(story, transfer_count=4, audit_count=0, seed=1)
    tables.print_story_row(story, 1, SCENES[0], report)
    cell = matrix.Cell(Storm(), Outcome.HOLDS)
    tables.print_cell(pairs, matrix.Result(cell, report, 1.0), is_first=True)
    return [console.file.getvalue().splitlines()[first:][:2] for console, first in ((story, 3), (pairs, 0))]


def test_rows_are_sorted_by_correctness_then_by_speed():
    right = {"transfers_per_second": 10}
    fast = finish(launch(audit_count=2), transfers_per_second=20)
    torn = finish(launch(audit_count=2), transfers_per_second=900, audits=a_report(audits={"torn": 1}).audits)
    broken, slow = finish(launch(audit_count=2), drift=5), finish(launch(audit_count=2), **right)
    running = launch(audit_count=2)

    rows = compare([running, broken, torn, slow, fast]).rows

    assert [row.storm for row in rows] == [fast, slow, torn, broken, running]
    assert [cells(row)["verdict"].text for row in rows] == ["holds", "holds", "torn", "breaks", "running"]
    assert cells(rows[2])["torn_audits"][:3] == (1, "1 / 2", "50.0 %")


def test_running_storm_tells_what_is_known_so_far():
    storm = launch(audit_count=2)
    jobs.run(storm.pk, [storm.transfers.first().pk], [])
    storm.transfers.filter(status="applied").update(retries=3)

    (row,) = compare([storm]).rows

    told = {name: cell.text for name, cell in cells(row).items()}
    assert row.progress == "1 of 4 transfers"
    assert (told["torn_audits"], told["lost_updates"], told["drift"], told["retries"]) == (
        f"{UNKNOWN} / 0",
        UNKNOWN,
        "0",
        "3",
    )


def test_running_storm_counts_what_was_taken_and_what_of_it_was_judged(admin_client):
    storm = launch(audit_count=4)
    jobs.run(storm.pk, [], [0, 1, 2])
    storm.audits.update(torn=None)
    storm.audits.filter(number=0).update(torn=True)
    storm.audits.filter(number=1).update(torn=False)

    page = " ".join(admin_client.get(COMPARE).content.decode().split())

    assert '<td class="number">1 / 3<div class="quiet">50.0 % of 2 checked</div></td>' in page


def test_finished_storm_has_judged_all_audits_that_kept_their_readings():
    storm, sums = finish(launch(audit_count=2)), finish(launch(audit_count=2, audit_with="single_sum"))

    torn = {row.storm: cells(row)["torn_audits"] for row in compare([storm, sums]).rows}

    assert [torn[chosen][1:3] for chosen in (storm, sums)] == [("0 / 2", "0.0 %"), ("0 / 2", "unknown: 2")]


def test_column_is_added_in_one_place(monkeypatch, admin_client):
    """Then page, documents and CSV have it, of storms with a report and of those without; the terminal has it too."""
    seventy_seven = Column("seventy_seven", "seven\u00adty", lambda report: 77, lambda so_far: so_far.retries)
    monkeypatch.setattr(comparison_columns, "COLUMNS", [*comparison_columns.COLUMNS, seventy_seven])
    storms = [finish(launch(audit_count=0)), launch(audit_count=0)]
    width = len(comparison_columns.COLUMNS) + 2

    page, html = admin_client.get(COMPARE).content.decode(), document.as_html(storms)
    (row, _running) = csv.DictReader(io.StringIO(to_csv(document.as_rows(storms))))
    in_terminal = print_tables(storms[0].report)

    for shown in (page, html):
        table = shown.partition('<table class="comparison">')[2].partition("</table>")[0]
        assert "seven\u00adty</th>" in table
        assert table.count('<th scope="col"') == width
        assert [len(re.findall("<t[dh]", line)) for line in table.split("<tr>")[2:]] == [width, width]
        assert re.search(r'<td class="number">77</td>', table)
    assert row["seventy_seven"] == "77"
    for head, values in in_terminal:
        assert head.index("seventy") + len("seventy") == values.index("77") + len("77")
    assert f'colspan="{width}">No storm is chosen.' in admin_client.get(f"{COMPARE}?storms=").content.decode()


def test_csv_has_the_reports_and_the_columns_that_they_have_not():
    (row,) = document.as_rows([finish(launch(audit_count=2))])

    assert (row["verdict"], row["ran_on"], row["torn_audits"], row["drift"]) == ("holds", "4 processes", 0, 0)
    assert row["lock_wait_ms"].keys() == {"p50", "p99"}
    assert next(iter(row)) == "id"


def test_transfer_that_was_applied_twice_is_done_once():
    storm = launch(audit_count=1)
    jobs.run(storm.pk, [storm.transfers.first().pk], [])
    planned = storm.transfers.get(status="applied")
    planned.pk, planned.repeats = None, planned.pk
    planned.save()

    assert compare([storm]).rows[0].progress == "1 of 4 transfers"


def test_storms_that_differ_in_what_they_ran_on_say_so_and_those_of_the_lecture_what_they_show(admin_client):
    """Otherwise a Python lock holds in one row and breaks in the next, for no reason that can be seen."""
    choices = {"transfer_with": "python_lock", "audit_with": "python_lock"}
    for sizes in ({"worker_count": 1, "thread_count": 8}, {"worker_count": 4}):
        storm = launch(**sizes, **choices)
        end_storm(storm, Storm.State.STOPPED, "Enough.")
        report_on(storm)
    launch(worker_count=3, thread_count=2, **choices)
    launch(transfer_with="no_lock", audit_with="no_lock", worker_count=1, thread_count=8)  # the class is to say it

    page = admin_client.get(COMPARE).content.decode()

    ran_on = re.findall(r'<td class="ran-on">([^<]+)</td>', page)
    assert sorted(ran_on) == [*["1 process x 8 threads"] * 2, "3 processes x 2 threads", "4 processes"]
    assert sorted(re.findall(r'<div class="meaning">([^<]+)</div>', page)) == [
        "Four processes have four Python locks: worthless.",
        "One Python lock, one process, and all take it: right.",
    ]


# Audited totals.


def test_comparison_tells_the_true_extremes_and_how_many_audits_are_drawn(admin_client):
    audit_all(launch(audit_count=1000), {333: -77, 777: 99})

    page = admin_client.get(COMPARE).content.decode()

    assert "44,423 to 44,599" in page
    assert re.search(r"\b12\d of 1,000 are drawn", page)


def test_lines_of_totals_share_one_scale(admin_client):
    low, high = audit_all(launch(audit_count=3), {1: 100}), audit_all(launch(audit_count=3), {1: -1000})

    comparison = compare([low, high])

    sparks = {row.storm: row.spark for row in comparison.rows}
    assert comparison.spread == 1000
    assert sparks[low].line_y == sparks[high].line_y == 22
    assert " ".join(sparks[low].points.split()) == "4.0,22.0 65.0,20.2 126.0,22.0"
    assert sparks[high].points == "4.0,22.0 65.0,40.0 126.0,22.0"
    assert "own scale" not in admin_client.get(COMPARE).content.decode()


def test_storm_that_would_make_the_others_flat_says_its_own_scale(admin_client):
    audit_all(launch(audit_count=3), {1: 100})
    audit_all(launch(audit_count=3), {1: -9000})

    page = admin_client.get(COMPARE).content.decode()

    assert "One scale for all lines of audited totals: &plusmn;100 around" in page
    assert re.findall(r"own scale: &plusmn;([\d,]+)", page) == ["9,000"]

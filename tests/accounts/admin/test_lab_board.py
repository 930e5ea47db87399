"""The board of a class: how far each student is, for who grades."""

import re

import pytest
from django.test import Client

from accounts.models import LabRecord
from tests.support.labs import ANSWERS, TRUTH, VERDICT, keep_record, labs_url, log_in
from tests.support.pages import content

pytestmark = pytest.mark.django_db


def board(client: Client, **asked: str) -> str:
    return content(client.get(labs_url("_board"), asked))


def test_board_without_names_has_a_bar_for_each_question(teacher):
    log_in("zoe", "student")
    keep_record("anna", prediction=ANSWERS, truth=TRUTH, verdict=VERDICT, passed=True, hint_count=2)
    keep_record("ben", prediction=ANSWERS)
    keep_record("ben", 99, prediction=ANSWERS)  # of a lab that is gone

    page = board(teacher)

    assert re.findall(r"<h2>(.*?)</h2>", page) == ["2. The lock that was missed"]
    assert "2 of 3 have predicted, 1 passed." in page
    assert re.findall(r'<svg class="shares".*?aria-label="(.*?)"', page) == [
        "1 right, 0 wrong, 1 not run yet, 1 not predicted",
        "0 right, 1 wrong, 1 not run yet, 1 not predicted",
        "1 right, 0 wrong, 1 not run yet, 1 not predicted",
    ]
    assert re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', page)[:3] == [
        *(("right", "0.0", "200.0"), ("open", "200.0", "200.0"), ("none", "400.0", "200.0")),
    ]
    questions = re.findall(r"<li> <p>(.*?)</p>.*?<ul class=\"counts\">(.*?)</ul>", page)
    assert [text for text, _counts in questions][1] == "Can the accounts themselves be wrong afterwards, for good?"
    assert re.findall(r"<strong>(\d+)</strong>", questions[1][1]) == ["0", "1", "1", "1"]
    assert not any(name in page for name in ("anna", "ben", "zoe"))


def test_board_with_names_has_a_row_for_each_student(teacher):
    log_in("<i>zoe", "student")
    keep_record("anna", prediction=ANSWERS, truth=TRUTH, verdict=VERDICT, passed=True, hint_count=2)
    keep_record("ben", prediction=ANSWERS)

    page = board(teacher, names="yes")

    signs, _numbers = re.findall("<tbody>(.*?)</tbody>", page)
    rows = dict(re.findall(r'<tr> <th scope="row">(.*?)</th>(.*?)</tr>', signs))
    assert {name: re.findall(r'class="mark (\w+)"', row) for name, row in rows.items()} == {
        "&lt;i&gt;zoe": ["none"] * 3,
        "anna": ["right", "wrong", "right"],
        "ben": ["open"] * 3,
    }
    assert "2 hints, passed" in rows["anna"]
    numbers = "<td>2</td><td>3</td><td>2</td><td>1</td><td>0</td><td>2</td><td>3 of 8</td><td>yes</td>"
    assert f'<th scope="row">anna</th>{numbers}' in page
    assert page.index('class="tallies"') < page.index("Hide the names") < page.index('<th scope="row">')


def test_board_shows_all_labs_that_were_begun_or_the_one_that_is_chosen(teacher):
    keep_record("anna", 2, prediction=ANSWERS)
    keep_record("ben", 4)
    headings = re.compile(r"<h2>(\d+)\.")
    choices = re.compile(r'<a id="([\w-]+)" href="[^"]*?" aria-current="page"')

    assert headings.findall(board(teacher)) == ["2", "4"]
    assert headings.findall(board(teacher, lab="4")) == ["4"]
    assert headings.findall(board(teacher, lab="7")) == ["7"], "a lesson begins before its first prediction"
    assert choices.findall(board(teacher)) == ["all-labs"]
    assert choices.findall(board(teacher, lab="7")) == ["lab-7"]
    assert teacher.get(labs_url("_board"), {"lab": "99"}).status_code == 404


def test_board_asks_for_itself_and_is_given_what_changes(teacher):
    keep_record("anna", 2, prediction=ANSWERS)
    whole = board(teacher)

    part = content(teacher.get(labs_url("_board"), headers={"HX-Request": "true"}))

    assert part in whole
    assert part.startswith('<div id="board"')
    assert 'hx-trigger="every 3s"' in part


def test_teacher_is_no_student(teacher):
    keep_record("anna", 2, prediction=ANSWERS)
    keep_record("teacher", 2, prediction=ANSWERS)

    assert "1 of 1 have predicted" in board(teacher)


def test_board_shows_what_was_predicted_before_the_run_if_asked(teacher):
    """Not before: it is projected while students still predict. A teacher's prediction does not count."""
    for name, torn in (("anna", "yes"), ("ben", "no"), ("carl", "no"), ("teacher", "yes")):
        keep_record(name, prediction=ANSWERS | {"torn": torn})
    keep_record("anna", 4, prediction={"schedules": 15, "torn": 4})
    keep_record("ben", 4, prediction={"schedules": 30, "torn": 4})

    assert "Show what was predicted</a>" in board(teacher)
    assert 'class="answers"' not in board(teacher)
    tables = re.findall(r'<table class="answers">(.*?)</table>', board(teacher, lab="2", answers="yes"))
    answers = [re.findall(r'<th scope="row">([\w ]+)</th>.*?<td class="number">(\d)</td>', table) for table in tables]
    assert answers[0] == [("yes", "1"), ("no", "2")]
    tables = re.findall(r'<table class="answers">(.*?)</table>', board(teacher, lab="4", answers="yes"))
    numbers = [re.findall(r'<th scope="row">([\w ]+)</th>.*?<td class="number">(\d)</td>', table) for table in tables]
    assert numbers == [[("15", "1"), ("30", "1")], [("4", "2")]], "the other two questions have no answer yet"


def test_of_many_different_numbers_the_most_frequent_are_shown(teacher):
    for number in (1, 2, 3, 4, 5, 6, 7, 7):
        keep_record(f"student{LabRecord.objects.count()}", 4, prediction={"schedules": number})

    page = board(teacher, answers="yes")

    assert re.findall(r'<th scope="row">([\w ]+)</th>.*?<td class="number">(\d)</td>', page) == [
        *[("7", "2"), ("1", "1"), ("2", "1"), ("3", "1"), ("4", "1")],
        ("other numbers", "2"),
    ]


def test_empty_board_says_so(teacher):
    assert "No student has begun yet." in content(teacher.get(labs_url("_board")))


def test_board_that_asks_for_itself_costs_few_queries(teacher, django_assert_num_queries):
    keep_record("anna", prediction=ANSWERS)

    with django_assert_num_queries(4 + 4):  # who asks, and what they may do; students, teachers, both kinds of records
        teacher.get(labs_url("_board"), {"names": "yes"}, headers={"HX-Request": "true"})


def test_links_of_the_board_keep_what_else_was_chosen(teacher):
    keep_record("anna", 2, prediction=ANSWERS)
    address = labs_url("_board")

    page = board(teacher, lab="2", names="yes")

    links = dict(re.findall(r'<a id="([\w-]+)" href="([^"]*)"', page))
    assert links["all-labs"] == f"{address}?names=yes"
    assert links["names"] == f"{address}?lab=2"
    assert f'hx-get="{address}?lab=2&amp;names=yes"' in page


def test_lab_leads_to_its_board_who_may_grade(anna, teacher):
    link = f'href="{labs_url("_board")}?lab=2"'

    assert link in content(teacher.get(labs_url("_lab", 2)))
    assert link not in content(anna.get(labs_url("_lab", 2)))


def test_board_says_that_it_does_not_follow_without_javascript(teacher):
    assert "<noscript>" in content(teacher.get(labs_url("_board")))

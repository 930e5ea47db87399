"""The labs' pages: predict before anything is shown, hints one by one, what checks found; the board for who grades."""

import re

import pytest
from django.test import Client

from accounts.labs.catalogue import all_labs, find_lab
from accounts.models import LabRecord
from accounts.templatetags.prose import prose
from tests.support.labs import ANSWERS, TRUTH, VERDICT, keep_record, labs_url, log_in
from tests.support.pages import content

pytestmark = pytest.mark.django_db


LAB = find_lab(2)


def predict(client: Client, **answers: str):
    return client.post(labs_url("_predict", 2), ANSWERS | answers, follow=True)


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.name)
def test_lab_is_told_in_the_students_own_numbers_and_nothing_is_written(lab, anna):
    page = content(anna.get(labs_url("_lab", lab.number)))

    assert f"Lab {lab.number}: {lab.title}" in page
    assert f"python manage.py lab start {lab.number} --student anna" in page
    assert not re.search(r"\{\w+\}|`", re.sub("<section.*?</section>", "", page)), (
        "a letter or a mark was left as it is"
    )
    for name, _kind, _text in lab.readme.questions:
        assert f'name="{name}"' in page
    assert not LabRecord.objects.exists()


def test_two_students_have_different_numbers(anna):
    waiting = re.compile("one transfer of (.*?) is waiting")

    assert waiting.findall(content(anna.get(labs_url("_lab", 2)))) != waiting.findall(
        content(log_in("ben", "student").get(labs_url("_lab", 2)))
    )


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.name)
def test_answers_are_shown_after_the_prediction(lab, anna):
    variant = lab.variant("anna")
    task, *hints, read_next = (
        prose(variant.fill(text)) for text in (lab.readme.task, *lab.readme.hints, lab.readme.read_next)
    )
    record = keep_record("anna", lab.number, verdict=VERDICT, hint_count=3)

    def shown() -> list[bool]:
        page = anna.get(labs_url("_lab", lab.number)).content.decode()
        texts = (task, *hints, "In 1 of 2 schedules", read_next)
        return [text in page for text in texts]

    assert shown() == [False, False, False, False, False, False]

    LabRecord.objects.filter(pk=record.pk).update(prediction={})
    assert shown() == [True, True, True, True, True, False]

    LabRecord.objects.filter(pk=record.pk).update(passed=True)
    assert shown() == [True, True, True, True, True, True]


def test_prediction_is_kept_and_may_be_changed_until_the_run(anna):
    page = content(predict(anna))
    assert "Your prediction is kept" in page
    assert "python manage.py lab run 2 --student anna" in page

    predict(anna, torn="no")
    record = LabRecord.objects.get()
    assert (record.student, record.lab, record.prediction) == ("anna", 2, ANSWERS | {"torn": "no"})

    LabRecord.objects.update(truth=TRUTH, shown_at=record.predicted_at)
    page = content(predict(anna))
    assert "what you predicted stays" in page
    assert '<form method="post" action="' + labs_url("_predict", 2) not in page
    assert LabRecord.objects.get().prediction["torn"] == "no"


def test_truth_is_shown_beside_the_prediction(anna):
    keep_record("anna", prediction=ANSWERS, truth=TRUTH, shown_at="2026-01-01T00:00Z")

    page = content(anna.get(labs_url("_lab", 2)))

    assert re.findall(r'class="mark (\w+)"', page) == ["right", "wrong", "right"]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (
            {"torn": "/tmp/mine.py"},
            "Can the audit be torn?&quot; &#x27;/tmp/mine.py&#x27; is no answer: choose one of yes",
        ),
        (
            {"torn": ""},
            "Can the audit be torn?&quot; No answer was given: answer every question, if only with a guess.",
        ),
        ({"torn": "<script>"}, "&#x27;&lt;script&gt;&#x27; is no answer"),
        ({"torn": "x" * 100_000}, f"&#x27;{'x' * 100}&#x27; is no answer"),
        ({"file": "/tmp/mine.py"}, "Lab 2 asks nothing called &#x27;file&#x27;: it asks torn, end, blocked."),
        ({"student": "ben"}, "Lab 2 asks nothing called &#x27;student&#x27;"),
    ],
)
def test_error_prediction_that_cannot_be(answers, sentence, anna):
    page = content(predict(anna, **answers))

    assert sentence in page
    assert 'value="yes" checked' in page, "the other answers are still there"
    assert LabRecord.objects.get().prediction is None


def test_error_is_said_in_the_questions_own_words_and_marked_in_the_form(anna):
    page = content(anna.post(labs_url("_predict", 2), {"torn": "yes", "end": "perhaps"}))

    note = re.search('<p class="errornote".*?>(.*?)</p>', page)[1]
    assert note == (
        "Lab 2 asks: &quot;Can the accounts themselves be wrong afterwards, for good?&quot; "
        "&#x27;perhaps&#x27; is no answer: choose one of yes, no."
    )
    assert re.findall(r'<fieldset class="errors" aria-describedby="(\w+)">', page) == ["why_end", "why_blocked"]
    assert dict(re.findall(r'<p class="errorlist" id="(\w+)">(.*?)</p>', page)) == {
        "why_end": "&#x27;perhaps&#x27; is no answer: choose one of yes, no.",
        "why_blocked": "No answer was given: answer every question, if only with a guess.",
    }
    assert re.search(r'name="end" value="yes"\s+autofocus', page), "the keyboard is where something is to be done"


def test_error_number_is_marked_in_the_form(anna):
    page = content(anna.post(labs_url("_predict", 4), {"schedules": "many", "torn": "4", "error": "1", "after": "0"}))

    field = re.search('<input type="text" id="answer_schedules"[^>]*>', page)[0]
    assert 'value="many"' in field
    assert 'aria-invalid="true" aria-describedby="why_schedules"' in field
    assert page.count("aria-invalid") == 1


def test_error_file_is_not_taken(anna, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text("print('here')")

    with mine.open() as file:
        page = content(predict(anna, file=file))

    assert "Lab 2 asks nothing called &#x27;file&#x27;" in page


def test_error_hint_before_the_prediction(anna):
    page = content(anna.post(labs_url("_hint", 2), follow=True))

    assert "predict in lab 2 first" in page
    assert LabRecord.objects.get().hint_count == 0


def test_hints_are_shown_one_by_one(anna):
    keep_record("anna", prediction=ANSWERS)
    for count in range(5):
        page = content(anna.get(labs_url("_lab", 2)))
        shown = re.search('id="hints">(.*?)<h2', page)[1]
        assert shown.count("<li>") == min(count, 3)
        assert ("Show a hint" in page) == (count < 3)
        anna.post(labs_url("_hint", 2))

    assert LabRecord.objects.get().hint_count == 3


def test_verdict_is_shown_with_its_timeline_in_the_order_of_the_sessions(anna, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    keep_record("anna", prediction=ANSWERS, verdict=VERDICT, checked_at="2026-01-01T10:30Z")

    page = content(anna.get(labs_url("_lab", 2)))

    assert "Not passed yet: 3 of 8 points</strong>, at 2026-01-01 19:30." in page
    assert (re.findall(r"</span> (\w+: .*?)</h3>", page)) == [
        "first: passed, 3 of 3 points",
        "second: failed, 0 of 4 points",
        "third: not run, 0 of 1 points",
    ]
    assert re.findall(r'<th scope="col">([^<]*)</th>', page)[-3:] == ["#", "t: 1 &gt; 2, 30 &lt;b&gt;", "a: audit"]
    assert "<td>2</td><td></td><td><code>SELECT 1 -&gt; &lt;i&gt;</code></td>" in page
    assert "In 1 of 2 schedules &lt;u&gt;" in page


def test_storm_that_could_not_be_finished_is_not_known_and_not_waited_for(anna):
    storm = {"name": "storm", "state": "not graded yet", "passed": False, "points": 0, "message": "", "evidence": None}
    verdict = VERDICT | {"checks": [*VERDICT["checks"], storm]}
    keep_record("anna", prediction=ANSWERS, verdict=verdict, checked_at="2026-01-01T10:30Z")

    page = content(anna.get(labs_url("_lab", 2)))

    assert "storm: not known</h3>" in page
    assert "Not passed yet: 3 of 8 points</strong>" in page


def test_who_was_checked_first_predicts_no_more(anna):
    keep_record("anna", verdict=VERDICT, checked_at="2026-01-01T10:30Z")

    page = content(anna.get(labs_url("_lab", 2)))

    assert "In 1 of 2 schedules" in page
    assert "A check has shown what happens, and there was no prediction before it." in page
    assert "You have seen what a check of lab 2 found: it is too late to predict." in content(predict(anna))
    assert LabRecord.objects.get().prediction is None


def test_list_shows_how_far_one_has_come(anna):
    keep_record("anna", prediction=ANSWERS, truth=TRUTH, verdict=VERDICT, passed=True, hint_count=2)
    keep_record("ben", 4, hint_count=3)

    page = content(anna.get(labs_url("")))

    rows = re.findall(r"<tr> <th scope=\"row\">.*?</tr>", page)
    cells = [re.findall("<td>(.*?)</td>", row) for row in rows]
    assert cells[1] == ["2 of 3 right", "2", "3 of 8", "passed"]
    assert all(row == ["-", "-", "-", "-"] for row in cells[:1] + cells[2:])
    assert len(rows) == len(all_labs())


def test_teacher_opens_a_students_lab_and_cannot_predict_for_them(teacher):
    keep_record("<i>zoe", hint_count=1, verdict=VERDICT, checked_at="2026-01-01T10:30Z")

    page = content(teacher.get(labs_url("_lab", 2), {"student": "<i>zoe"}))

    assert "The numbers and the progress of <strong>&lt;i&gt;zoe</strong>" in page
    assert "In 1 of 2 schedules" in page, "teachers need not predict"
    assert labs_url("_predict", 2) not in page
    assert labs_url("_hint", 2) not in page
    assert teacher.get(labs_url("_lab", 2), {"student": "\0"}).status_code == 200


def test_first_page_leads_to_the_labs(anna):
    assert f'href="{labs_url("")}">Labs</a>' in content(anna.get("/admin/"))


@pytest.mark.parametrize("number", [0, 99])
def test_error_no_such_lab(number, anna):
    assert anna.get(labs_url("_lab", number)).status_code == 404
    assert anna.post(labs_url("_hint", number)).status_code == 404


def test_queries_are_few_however_large_the_class(teacher, django_assert_max_num_queries):
    LabRecord.objects.bulk_create(
        LabRecord(student=f"student {number}", lab=lab.number, prediction=ANSWERS, verdict=VERDICT)
        for number in range(70)
        for lab in all_labs()
    )

    for page in (
        labs_url(""),
        labs_url("_lab", 2),
        labs_url("_board"),
        f"{labs_url('_board')}?names=yes&p=2",
        f"{labs_url('_board')}?lab=2",
    ):
        with django_assert_max_num_queries(8):
            teacher.get(page)

    assert "Page 2 of 2" in content(teacher.get(labs_url("_board"), {"names": "yes", "p": "2"}))

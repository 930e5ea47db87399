"""The code on a lab's page: the exercise, and beside the schedule that refutes a file, the student's own lines."""

import re
from typing import Any

import pytest

from accounts.labs.catalogue import all_labs
from tests.support.labs import ANSWERS, EVIDENCE, SHOWN, TRUTH, VERDICT, keep_record, labs_url
from tests.support.pages import content

pytestmark = pytest.mark.django_db

PATH = "/tmp/lab-gone/lab02.py"
TEXT = "def transfer(order):\n    x = '<b>'\n    post(order)\n\ndef audit(bank):\f\n    return []\n"
OTHER = {"file": "/elsewhere/lab02.py", "line": 1, "function": "other"}


def sent_by(*lines: int) -> list[dict[str, Any]]:
    return [OTHER, *({"file": PATH, "line": line, "function": "f"} for line in lines)]


def verdict(path: str = PATH, text: str = TEXT) -> dict[str, Any]:
    """The schedule "t a": t's step was sent by line 3, a's by line 6."""
    steps = [step | {"code": sent_by(line)} for step, line in zip(EVIDENCE["steps"], (3, 6), strict=True)]
    first, second, third = VERDICT["checks"]
    checks = [first, second | {"evidence": EVIDENCE | {"steps": steps}}, third]
    return VERDICT | {"checks": checks, "file": {"path": path, "text": text}}


def texts(lines: list[str]) -> list[str]:
    return [re.sub("<[^>]*>", "", line) for line in lines]


def lit_lines(page: str) -> list[str]:
    return [line.strip() for line in texts(re.findall('class="chosen" aria-current="step"><code>(.*?)</code>', page))]


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.name)
def test_exercise_is_on_its_page_line_by_line(lab, anna):
    page = anna.get(labs_url("_lab", lab.number)).content.decode()

    lines = re.findall(r'<li value="(\d+)"[^>]*><code>(.*?)</code></li>', page, re.DOTALL)
    assert [int(number) for number, _line in lines] == list(range(1, len(lines) + 1))
    shown = "\n".join(texts([line for _number, line in lines]))
    assert shown.replace("&quot;", '"').replace("&#39;", "'").replace("&gt;", ">").replace("&lt;", "<") + "\n" == (
        lab.exercise.read_text()
    )


@pytest.mark.parametrize(
    ("step", "lit"), [("", "post(order)"), ("1", "post(order)"), ("2", "return []"), ("9", "return []")]
)
def test_step_of_the_refuting_schedule_lights_the_students_own_line(step, lit, anna):
    keep_record("anna", prediction=ANSWERS, verdict=verdict())

    page = content(anna.get(labs_url("_lab", 2), {"step": step}))

    assert lit_lines(page) == [lit]
    assert "Checked: lab02.py" in page
    assert "&lt;b&gt;" in page
    assert 'href="?&amp;step=2#schedule"' in page


def test_teacher_sees_the_lines_of_a_student_and_goes_from_step_to_step(teacher):
    keep_record("a b", prediction=ANSWERS, verdict=verdict())

    page = content(teacher.get(labs_url("_lab", 2), {"student": "a b", "step": "2"}))

    assert lit_lines(page) == ["return []"]
    assert 'href="?student=a+b&amp;step=1#schedule"' in page


def test_lines_are_not_shown_to_another_student_or_before_the_prediction(anna):
    keep_record("ben", prediction=ANSWERS, verdict=verdict())
    keep_record("anna", verdict=verdict())

    for student in ("anna", "ben"):
        assert "post(order)" not in content(anna.get(labs_url("_lab", 2), {"student": student})).partition("Predict")[2]


def test_no_file_is_read_that_a_row_of_the_database_names(anna, tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_text("PASSWORD = 1\n")
    keep_record("anna", prediction=ANSWERS, verdict=verdict(str(secret), "x = 1\n"))

    page = content(anna.get(labs_url("_lab", 2)))

    assert "Checked: secret.py" in page
    assert "PASSWORD" not in page


def test_schedule_is_shown_alone_where_no_file_was_kept(anna):
    keep_record("anna", prediction=ANSWERS, verdict=VERDICT)

    page = content(anna.get(labs_url("_lab", 2)))

    assert "Checked: " not in page
    assert "take LOCK" in page


RUN = {"prediction": ANSWERS, "truth": TRUTH, "shown": SHOWN}


@pytest.mark.parametrize(("step", "lit"), [("", "move(order)"), ("2", "return '&lt;b&gt;'")])
def test_after_the_run_the_worst_schedule_of_the_exercise_is_beside_its_code(step, lit, anna):
    keep_record("anna", **RUN)

    page = content(anna.get(labs_url("_lab", 2), {"step": step}))

    assert "In all 2 schedules:" in page
    assert "1 of 2: an account ends with the wrong balance" in page
    assert "Without a thread &lt;s&gt;" in page
    assert "In the only schedule:" in page
    assert "The shortest in which an account ends with the wrong balance" in page
    assert "It read 20 &lt;u&gt;too much." in page
    assert "The exercise: lab02_missed_lock.py" in page
    assert lit_lines(page) == [lit]
    assert 'href="?of=exercise&amp;step=2#schedule"' in page


def test_run_without_a_wrong_schedule_says_so(anna):
    keep_record("anna", **RUN | {"shown": SHOWN | {"counts": [], "evidence": None, "detail": ""}})

    page = content(anna.get(labs_url("_lab", 2)))

    assert page.count("nothing goes wrong, and no session waits") == 2
    assert 'id="steps"' not in page


@pytest.mark.parametrize(
    ("of", "lit", "other"),
    [
        ("", "post(order)", 'href="?of=exercise#schedule"'),
        ("exercise", "move(order)", 'href="?#schedule"'),
    ],
)
def test_of_the_exercise_and_the_file_one_schedule_is_gone_through_and_the_other_a_link_away(of, lit, other, anna):
    keep_record("anna", **RUN, verdict=verdict())

    page = content(anna.get(labs_url("_lab", 2), {"of": of} if of else {}))

    assert lit_lines(page) == [lit]
    assert other in page
    assert page.count('id="schedule"') == 1
    assert page.count("take LOCK") == 2 + 1, "both schedules as tables, and the step that is lit"


def test_run_is_shown_to_the_teacher_and_no_other_student(anna, teacher):
    keep_record("ben", **RUN)

    assert "What happens" in content(teacher.get(labs_url("_lab", 2), {"student": "ben"}))
    assert "?student=ben&amp;of=exercise&amp;step=2#schedule" in content(
        teacher.get(labs_url("_lab", 2), {"student": "ben"})
    )
    assert "move(order)" not in content(anna.get(labs_url("_lab", 2), {"student": "ben"}))

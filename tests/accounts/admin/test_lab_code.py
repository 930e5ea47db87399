"""The code on a lab's page: the exercise, and beside the schedule that refutes a file, the student's own lines."""

import re
from typing import Any

import pytest

from accounts.labs.catalogue import all_labs
from tests.support.labs import ANSWERS, EVIDENCE, VERDICT, keep_record, labs_url
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

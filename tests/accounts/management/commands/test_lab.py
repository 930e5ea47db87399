"""`manage.py lab` as a student meets it."""

import json
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, load_command_class

from accounts.labs import records
from accounts.labs.catalogue import find_lab
from accounts.labs.grading import refused
from accounts.labs.verdict import CheckResult, LabVerdict, passed
from accounts.models import LabRecord
from tests.support.processes import finish, manage

pytestmark = pytest.mark.django_db(transaction=True)

LAB = find_lab(4)
ANSWERS = ("schedules=15", "torn=4", "error=-7", "after=0")


@pytest.fixture(autouse=True)
def my_file(settings, tmp_path) -> Path:
    """The student's file, in a folder of this test's."""
    settings.LABS_FOLDER = tmp_path / "my_labs"
    return settings.LABS_FOLDER / f"{LAB.name}.py"


def lab(*arguments: str) -> str:
    out = StringIO()
    call_command("lab", *arguments, "--student", "anna", stdout=out)
    return out.getvalue()


def predict(*answers: str) -> str:
    return lab("predict", "4", *(word for answer in answers for word in ("--answer", answer)))


def test_start_tells_the_story_with_the_students_own_numbers(my_file):
    text = " ".join(lab("start", "4").split())

    variant = LAB.variant("anna")
    assert "Lab 4: Torn total" in text
    assert f"one transfer of {variant.amount} from account" in text
    assert "Repair audit" not in text, "a task says that something is wrong"
    assert "\u2022 torn (number): In how many of them is the audit torn?" in text
    assert my_file.read_text() == LAB.exercise.read_text()


def test_task_follows_the_prediction():
    lab("start", "4")
    with pytest.raises(CommandError, match="Hints help to repair, and would answer the questions: predict in lab 4"):
        lab("hint", "4")
    predict(*ANSWERS)

    assert "Your task: Repair audit" in lab("start", "4")


def test_start_keeps_what_a_student_has_done(my_file):
    lab("start", "4")
    my_file.write_text("# my work\n")

    assert "as you left it" in lab("start", "4")
    assert my_file.read_text() == "# my work\n"

    assert "what you had is in lab04_torn_total." in " ".join(lab("start", "4", "--again").split())
    assert my_file.read_text() == LAB.exercise.read_text()
    assert [file.read_text() for file in my_file.parent.glob("*.bak")] == ["# my work\n"]


@pytest.mark.processes
def test_prediction_comes_before_the_run_and_stays():
    lab("start", "4")
    with pytest.raises(CommandError, match="First say what you expect: `manage.py lab predict 4`"):
        lab("run", "4")
    predict("schedules=30", "torn=1", "error=1", "after=1")
    predict(*ANSWERS)

    text = lab("run", "4")

    assert "15. You said 15: right." in text
    assert "4. You said 4: right." in text
    assert "You said -7." in text
    assert "4 of 15  an audit is torn" in text
    assert "SELECT 1 -> 5,000" in text
    assert "Your task: Repair audit" in text
    with pytest.raises(CommandError, match="You have asked at .* to see lab 4 run: what you predicted stays."):
        predict(*ANSWERS)
    record = LabRecord.objects.get(student="anna", lab=4)
    assert record.prediction == {"schedules": 15, "torn": 4, "error": -7, "after": 0}
    assert "3 of 4 right" in lab()


@pytest.mark.processes
def test_lockstep_never_hits_what_a_separate_auditor_does():
    call_command("lab", "start", "2", "--student", "anna", stdout=StringIO())
    out = StringIO()

    call_command("lab", "run", "2", "--student", "anna", "--anyway", stdout=out)

    shown = out.getvalue().partition("Now, in all ")[2].splitlines()
    assert shown[1].strip().endswith("an audit is torn")
    assert shown[3] == "The thread that made the transfer takes the audit after it, in lockstep: in the only schedule:"
    assert shown[4].strip() == "0 of 1  anything wrong, and no session waits"


@pytest.mark.processes
def test_who_only_looks_gives_no_prediction_any_more():
    lab("start", "4")

    assert "15." in lab("run", "4", "--anyway")

    with pytest.raises(CommandError, match="You have asked at .* to see lab 4"):
        predict(*ANSWERS)


@pytest.mark.processes
def test_check_of_a_wrong_answer_shows_the_schedule_that_refutes_it(my_file):
    lab("start", "4")
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("lab", "check", "4", "--student", "anna", stdout=out)

    assert end.value.code == 1
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines[0] == "FAILED  whole             0 of 3"
    assert lines[1].startswith("In 4 of 15 schedules an audit is torn. The shortest: t t t a t a.")
    assert any("UPDATE 1 SET balance = 4,972" in line for line in lines)
    assert lines[-1] == "Not passed yet: 0 of 8 points."


@pytest.mark.thorough
@pytest.mark.processes
def test_check_of_a_repair_as_json():
    status, out, err = finish(manage("lab", "check", "4", "--file", str(LAB.solution), "--no-storm", "--json"))

    verdict = json.loads(out)
    assert (status, err) == (0, "")
    assert {key: verdict[key] for key in ("lab", "passed", "score", "max_score")} == {
        "lab": 4,
        "passed": True,
        "score": 8,
        "max_score": 8,
    }
    assert [one.keys() for one in verdict["checks"]] == [
        {"name", "state", "passed", "points", "message", "evidence"}
    ] * 5


@pytest.mark.thorough
@pytest.mark.processes
def test_check_says_once_that_a_file_is_not_python(my_file):
    lab("start", "4")
    shown = []
    for code in ("def audit(:\n", LAB.exercise.read_text()):
        my_file.write_text(code)
        out = StringIO()
        with pytest.raises(SystemExit):
            call_command("lab", "check", "4", "--no-storm", "--student", "anna", stdout=out)
        shown.append(out.getvalue())

    assert shown[0].count("is not Python") == 1
    assert shown[1].count("Not run: first repair what failed in whole.") == 1


@pytest.mark.thorough
@pytest.mark.processes
def test_who_was_checked_first_predicts_no_more(my_file):
    lab("start", "4")
    with pytest.raises(SystemExit):
        lab("check", "4", "--no-storm")

    with pytest.raises(CommandError, match="You have seen what a check of lab 4 found: it is too late to predict."):
        predict(*ANSWERS)
    assert "15." in lab("run", "4")


def test_list_tells_the_last_check_from_an_earlier_pass():
    record = records.record_of("anna", LAB)
    records.keep(record, LabVerdict(4, 8, (CheckResult("whole", 8, passed("No audit is torn.")),)))
    assert "8 of 8       passed" in lab()

    records.keep(record, refused(LAB, "It is not Python."))

    assert "0 of 8       passed before" in lab()


def test_hints_unfold_one_by_one():
    predict(*ANSWERS)

    said = [lab("hint", "4") for _ in range(4)]

    assert [sum(line[:3] in (" 1 ", " 2 ", " 3 ") for line in text.splitlines()) for text in said] == [1, 2, 3, 3]
    assert "1 When does what a transfer has written" in said[0]
    assert LabRecord.objects.get(student="anna", lab=4).hint_count == 3


@pytest.mark.processes
def test_solution_and_what_to_read_next_are_for_those_who_have_passed(my_file):
    with pytest.raises(CommandError, match="Yours has not passed yet"):
        lab("solution", "4")
    assert lab("solution", "4", "--reveal") == LAB.solution.read_text()

    lab("start", "4")
    shutil.copyfile(LAB.solution, my_file)
    said = " ".join(lab("check", "4", "--no-storm").split())
    assert "Passed: 8 of 8 points." in said
    assert "Read next: \u2022 accounts/strategies/single_statement.py" in said
    assert lab("solution", "4") == LAB.solution.read_text()
    assert "passed" in lab()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("start", "99"), "There is no lab '99': choose one of 1, 2, "),
        (("check", "4"), "There is no file "),
        (("check", "4", "--file", "nowhere.py"), "There is no file nowhere.py: give the path of one that is there"),
        (("predict", "4", "--answer", "torn"), "--answer cannot be 'torn': write NAME=VALUE, such as torn=yes."),
        (("predict", "4", "--answer", "torn=4"), 'Lab 4 asks: "In how many orders can the four steps'),
        (("predict", "4", "--answer", "x=4"), "Lab 4 asks nothing called 'x': it asks schedules, torn, error, after."),
    ],
)
def test_error_one_sentence(arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        lab(*arguments)

    assert str(refusal.value).startswith(sentence)


def test_error_answer_that_cannot_be():
    with pytest.raises(CommandError) as refusal:
        predict("schedules=15", "torn=many", "error=1", "after=")

    question = "In how many of them is the audit torn?"
    reason = "'many' is no answer: give a whole number, such as 4 or -30. (As an option: --answer torn=VALUE.)"
    assert str(refusal.value) == f'Lab 4 asks: "{question}" {reason}'


def test_questions_are_asked_in_a_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("many\n15\n4\n-7\n0\n"))

    lab("predict", "4")

    assert LabRecord.objects.get(student="anna").prediction["schedules"] == 15


@pytest.mark.parametrize("action", ["start", "predict", "run", "check", "watch", "hint", "solution"])
def test_every_action_explains_itself(action, capsys):
    parser = load_command_class("accounts", "lab").create_parser("manage.py", "lab")

    with pytest.raises(SystemExit):
        parser.parse_args([action, "--help"])

    text = capsys.readouterr().out
    assert f"manage.py lab {action} " in text
    assert re.search(r"\n\n[A-Z][^\n]+\.\n", text)
    assert "--student NAME" in text

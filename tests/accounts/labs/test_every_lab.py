"""For each lab: the exercise fails, the solution passes, and each typical wrong answer fails for its own reason.

With THOROUGH=1 in the environment, the checks before the one that refutes a wrong answer are run too, and must pass;
and the exercises are checked twice, and the solutions at more places of an audit of a large bank.
"""

import re
from pathlib import Path

import pytest

from accounts.labs import large_bank
from accounts.labs.catalogue import Lab, all_labs
from accounts.labs.exercise_outcome import run_exercise
from accounts.labs.grading import check
from accounts.labs.verdict import LabVerdict
from accounts.models import Bank
from tests.support.thorough import THOROUGH, slow

LABS = all_labs()
WRONG_ANSWERS = [(lab, file) for lab in LABS for file in lab.wrong_answers]
# Each takes as long as ten others.
SLOW_SOLUTIONS = {
    "lab02_missed_lock",
    "lab03_unshared_lock",
    "lab05_atomic",
    "lab09_lock_impostors",
    "lab10_deadly_embrace",
    "lab13_your_own_race",
}
SLOW_WRONG_ANSWERS = {
    "lab03_unshared_lock-row_by_row",
    "lab09_lock_impostors-an_audit_that_adds_up",
    "lab09_lock_impostors-an_audit_that_skips",
    "lab11_for_update_still_tears-a_snapshot_that_locks",
    "lab12_write_skew-a_retry_inside",
    "lab12_write_skew-looks_again",
    "lab12_write_skew-serializable_and_no_retry",
}
HEADER = re.compile(r'"""(?P<check>\w+) refutes it: "(?P<phrase>.+)"\n')

pytestmark = pytest.mark.django_db(transaction=True)
every_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize("lab", slow(LABS, {"lab11_for_update_still_tears"}, name=lambda lab: lab.name))
def test_exercise_fails_with_the_same_marks_every_time(lab):
    first, *others = (check(lab, lab.exercise, student="anna", with_storm=False) for _ in range(2 if THOROUGH else 1))

    assert not first.is_passed
    assert first.score < first.max_score
    assert [marks(other) for other in others] == [marks(first)] * len(others)
    assert not Bank.objects.exists()


def marks(verdict: LabVerdict) -> list[tuple]:
    return [(check.name, check.outcome.is_passed, check.points) for check in verdict.checks]


@pytest.fixture
def fewer_places(monkeypatch) -> None:
    """In the large bank, transfers are made at both ends of the audit, and not in between: that halves the time."""
    if not THOROUGH:
        monkeypatch.setattr(large_bank, "MAX_PLACES", 4)


@pytest.mark.parametrize("lab", slow(LABS, SLOW_SOLUTIONS, name=lambda lab: lab.name))
def test_solution_passes(lab, fewer_places):
    verdict = check(lab, lab.solution, student="ben", with_storm=False)

    assert [check for check in verdict.checks if not check.outcome.is_passed] == []
    assert (verdict.is_passed, verdict.score) == (True, verdict.max_score)


@pytest.mark.thorough(every=6)
@pytest.mark.parametrize(
    "answer", slow(WRONG_ANSWERS, SLOW_WRONG_ANSWERS, name=lambda answer: f"{answer[0].name}-{answer[1].stem}")
)
def test_wrong_answer_fails_for_its_own_reason(answer: tuple[Lab, Path]):
    lab, file = answer
    reason = HEADER.match(file.read_text())
    assert reason, f'{file.name} begins with """NAME OF THE CHECK refutes it: "PHRASE OF ITS MESSAGE"'

    only = "" if THOROUGH else reason["check"]

    verdict = check(lab, file, student="anna", with_storm=False, until_refuted=True, only=only)

    first_failed = verdict.checks[-1]
    assert not first_failed.outcome.is_passed
    assert first_failed.name == reason["check"]
    assert reason["phrase"] in first_failed.outcome.message


@pytest.mark.thorough(every=6)
@every_lab
def test_every_question_has_an_answer_that_could_have_been_given_and_the_worst_schedule_its_code(lab):
    questions = {question.name: question for question in lab.questions(lab.variant("anna"))}

    outcome = run_exercise(lab, "anna")

    assert outcome.truths.keys() == questions.keys()
    assert all(questions[name].parse(str(answer)) == answer for name, answer in outcome.truths.items())
    worst, file = outcome.shown.observation.worst, outcome.shown.file
    lines = {step.line_in(file.path) for step in worst.steps} - {None}
    assert lines
    assert max(lines) <= len(file.text.splitlines())


@every_lab
def test_text_is_complete(lab):
    readme = lab.readme
    variant = lab.variant("anna")

    assert len(readme.hints) == 3
    assert readme.questions
    for text in (readme.story, readme.task, readme.read_next, *readme.hints):
        assert variant.fill(text)


@pytest.mark.thorough(every=4)
@every_lab
def test_what_is_read_before_predicting_does_not_say_what_comes_of_it(lab):
    before = f"{lab.readme.story} {lab.exercise.read_text()}"
    says = r"(is|was|are|were) (never |still |in \w+ \w+ )?(torn|lost)|loses|went missing|deadlocks?\b|[Rr]epair"

    assert re.search(says, before) is None


@every_lab
def test_files_are_short_and_ask_for_one_thing(lab):
    exercise = lab.exercise.read_text()

    assert exercise.count("TODO") == 1
    assert len(exercise.splitlines()) <= 40
    assert len(lab.wrong_answers) >= 3


@every_lab
def test_students_have_different_variants(lab):
    tasks = {lab.variant(f"student {number}").fill(lab.readme.story + lab.readme.task) for number in range(20)}

    assert len(tasks) > 10
    assert lab.variant("anna") == lab.variant("anna")

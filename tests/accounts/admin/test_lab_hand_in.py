"""Handing in on a lab's page: only where it is allowed, what is refused and why, and what becomes of the file."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.labs import hand_in_queue
from accounts.labs.catalogue import find_lab
from accounts.labs.verdict import LabVerdict
from accounts.models import LabRecord
from tests.support.hand_ins import CODE, another_checker, wait_in_line
from tests.support.labs import ANSWERS, VERDICT, keep_record, labs_url, log_in
from tests.support.pages import HTMX, content, log_in_with

pytestmark = pytest.mark.django_db(transaction=True)  # the lock is held by another connection

PAGE, ADDRESS = labs_url("_lab", 2), labs_url("_hand_in", 2)
LAB = find_lab(2)
AGAIN = "Check the same file again"


@pytest.fixture
def _allowed(settings) -> None:
    settings.LAB_HAND_IN = True


@pytest.fixture
def predicted(anna, _allowed) -> Client:
    """Anna's browser, after her prediction."""
    keep_record("anna", prediction=ANSWERS)
    return anna


def hand_in(client: Client, text: str = CODE, **file: bytes):
    """hand_in(anna, my_py=b"x"): the file my.py, beside the text of the box."""
    sent = [SimpleUploadedFile(name.replace("_", "."), data) for name, data in file.items()]
    return client.post(ADDRESS, {"text": text, "file": sent}, follow=True)


def form_of(page: str) -> str:
    """The form; "" if there is none."""
    found = re.search(r'<form [^>]*class="hand-in">.*?</form>', page)
    return found[0] if found else ""


# Who may.


def test_error_without_the_setting_there_is_neither_form_nor_address(anna):
    keep_record("anna", prediction=ANSWERS)

    page = content(anna.get(PAGE))
    answers = [anna.get(ADDRESS), anna.post(ADDRESS, {"text": CODE}), anna.post(ADDRESS)]

    assert ADDRESS not in page
    assert ">Hand in<" not in page
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "There is no such page" in answers[1].content.decode()
    assert LabRecord.objects.get().handed_in == ""


@pytest.mark.usefixtures("_allowed")
def test_error_without_the_permission_there_is_no_form():
    client = log_in_with("view_labrecord", "add_labrecord", name="anna")
    keep_record("anna", prediction=ANSWERS)

    assert form_of(content(client.get(PAGE))) == ""
    assert hand_in(client).status_code == 403
    assert LabRecord.objects.get().handed_in == ""


@pytest.mark.usefixtures("_allowed")
def test_error_before_the_prediction_there_is_no_form(anna):
    page = content(anna.get(PAGE))
    assert form_of(page) == ""
    assert "shown here, and you can hand in a file" in page

    assert "predict in lab 2 first" in content(hand_in(anna))
    assert LabRecord.objects.get().hand_in_state == ""


def test_error_teacher_hands_nothing_in_for_a_student(predicted, teacher):
    page = content(teacher.get(f"{PAGE}?student=anna"))

    assert form_of(page) == ""
    teacher.post(f"{ADDRESS}?student=anna", {"text": CODE, "student": "anna"})
    assert LabRecord.objects.get(student="anna").handed_in == ""


def test_list_of_labs_says_where_a_file_is_checked(anna, settings):
    assert "Your file is run and checked only in the terminal" in content(anna.get(labs_url("")))

    settings.LAB_HAND_IN = True
    assert "Your file is handed in on the lab's page, or checked in the terminal" in content(anna.get(labs_url("")))


# What is sent.


def test_box_holds_the_exercise_and_then_the_last_file(predicted):
    box = predicted.get(PAGE).context["hand_in"].form.text
    assert box == LAB.exercise.read_text()

    hand_in(predicted, "mine = '<b>'\r\n")
    LabRecord.objects.update(hand_in_state="checked")
    assert "mine = &#x27;&lt;b&gt;&#x27; </textarea>" in content(predicted.get(PAGE))


def test_file_that_was_chosen_counts(predicted):
    hand_in(predicted, "the text of the box", my_py=b"the file")

    assert LabRecord.objects.get().handed_in == "the file"


def test_text_of_the_box_counts_without_a_file(predicted):
    hand_in(predicted, "the text of the box")

    assert LabRecord.objects.get().handed_in == "the text of the box"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"notes_txt": b"x"}, "notes.txt is no Python file: choose one whose name ends in .py."),
        ({"my_py": b""}, "This is empty: choose your file, or write into the box."),
        ({"my_py": b"x" * 3_000_000}, "This has 3,000,000 bytes: hand in at most 20,000."),
        ({"my_py": b"\xff\xfe"}, "Line 1 is not in UTF-8: have your editor save the file in this encoding."),
        ({"<b>_txt": b"x"}, "&lt;b&gt;.txt is no Python file"),
    ],
)
def test_error_file_that_is_not_taken_is_named_beside_its_field_once(files, sentence, predicted):
    page = content(hand_in(predicted, "the text of the box", **files))

    assert page.count(sentence) == 1
    assert f'<p class="errorlist" id="why-file">{sentence}' in page
    assert re.search(r'<input type="file" [^>]*aria-invalid="true" aria-describedby="why-file" autofocus>', page)
    assert page.count("aria-invalid") == 1
    assert "the text of the box</textarea>" in page, "what was typed is still there"
    assert LabRecord.objects.get().hand_in_state == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This is empty: choose your file, or write into the box."),
        ("x" * 20_001, "This has 20,001 bytes: hand in at most 20,000."),
        ("x\n" * 1_001, "This has 1,001 lines: hand in at most 1,000."),
        ("x\0", "This holds a byte that is 0, as no text does: choose the Python file itself."),
    ],
)
def test_error_text_that_is_not_taken_is_named_beside_the_box_once(text, sentence, predicted):
    page = content(hand_in(predicted, text))

    assert page.count(sentence) == 1
    assert f'<p class="errorlist" id="why-text">{sentence}</p>' in page
    assert re.search(r'<textarea [^>]*aria-invalid="true" aria-describedby="why-text" autofocus>', page)
    assert LabRecord.objects.get().hand_in_state == ""


def test_error_text_of_megabytes_is_answered_by_a_page_of_ours(predicted):
    response = predicted.post(ADDRESS, {"text": "x" * 3_000_000})

    assert response.status_code == 400
    assert "More was sent than a page of ours takes" in response.content.decode()


# What becomes of it.


def test_file_waits_with_its_place_in_the_line_and_there_is_no_form(predicted):
    wait_in_line("ben", "carla")
    with another_checker():
        hand_in_queue.take()
        page = content(hand_in(predicted))

        assert "The file waits to be checked: 2 before it" in page
        assert 'hx-trigger="every 3s"' in page
        assert "No program checks files" not in page
        assert form_of(page) == ""


def test_place_in_the_line_without_a_program_that_checks(predicted):
    page = content(hand_in(predicted))

    assert "The file waits to be checked: it is the next one" in page
    assert "No program checks files at the moment: if this lasts, tell your teacher." in page


def test_error_second_file_while_one_waits_is_a_message(predicted):
    hand_in(predicted)

    page = content(hand_in(predicted, "another"))

    assert page.count("Your file for lab 2 is in the line: hand in the next one after its result.") == 1
    assert LabRecord.objects.get().handed_in == CODE


def test_page_of_another_lab_says_which_file_is_in_the_line(predicted):
    hand_in(predicted)
    keep_record("anna", 3, prediction={})

    page = content(predicted.get(labs_url("_lab", 3)))

    assert f'Your file for <a href="{PAGE}#hand-in">lab 2</a> is in the line.' in page
    assert form_of(page) == ""
    assert "hx-get" not in page


def test_part_is_reloaded_until_there_is_a_result_and_then_the_page(predicted):
    hand_in(predicted)
    with another_checker():
        taken = hand_in_queue.take()
        part = predicted.get(PAGE, headers=HTMX)
        assert "The file is being checked." in content(part)
        # From the page of the address PAGE#hand-in, a link to the same would load nothing.
        assert f'<a id="look-again" href="{PAGE}">' in content(part)
        assert "<html" not in part.content.decode()

        hand_in_queue.finish(taken, LabVerdict.from_values(VERDICT))
        assert predicted.get(PAGE, headers=HTMX)["HX-Refresh"] == "true"

    page = content(predicted.get(PAGE))
    assert "Not passed yet: 3 of 8 points" in page
    assert 'is checked: see <a href="#check">the last check</a>' in page
    assert form_of(page)


def test_reload_of_a_page_without_a_file_in_the_line_leads_to_the_whole_page(predicted, settings):
    assert predicted.get(PAGE, headers=HTMX)["HX-Refresh"] == "true"

    hand_in(predicted)
    settings.LAB_HAND_IN = False
    assert predicted.get(PAGE, headers=HTMX)["HX-Refresh"] == "true"


def test_check_that_was_ended_in_the_middle_says_so_and_the_file_is_in_the_box(predicted):
    with another_checker():
        hand_in(predicted, "mine = 1\n")
        hand_in_queue.take()

    page = content(predicted.get(PAGE))

    assert "Not graded yet. The program that checked it was ended in the middle. The file is kept." in page
    assert "mine = 1 </textarea>" in form_of(page)
    assert LabRecord.objects.get().hand_in_state == "checking", "a look at a page writes nothing"
    assert "The file waits to be checked" in content(hand_in(predicted, "mine = 1\n"))


def test_check_that_has_no_result_says_why(predicted):
    hand_in(predicted)
    hand_in_queue.end(hand_in_queue.take(), "The server <is> gone.")

    assert "Not graded yet. The server &lt;is&gt; gone. The file is kept." in content(predicted.get(PAGE))


UNDECIDED = {"name": "first", "state": "not graded yet", "passed": False, "points": 8, "message": "?", "evidence": None}


@pytest.mark.parametrize("is_undecided", [True, False])
def test_file_that_was_not_graded_is_checked_again_by_one_button(is_undecided, predicted):
    hand_in(predicted, "mine = 1\n")
    taken = hand_in_queue.take()
    if is_undecided:
        hand_in_queue.finish(taken, LabVerdict.from_values(VERDICT | {"checks": [UNDECIDED]}))
    else:
        hand_in_queue.end(taken, "The server is gone.")
    assert AGAIN in content(predicted.get(PAGE))

    page = content(predicted.post(ADDRESS, {"again": "1"}, follow=True))

    assert "The file waits to be checked" in page
    assert AGAIN not in page
    assert LabRecord.objects.get().handed_in == "mine = 1\n"


def test_file_that_was_graded_is_not_checked_again_by_a_button(predicted):
    hand_in(predicted)
    hand_in_queue.finish(hand_in_queue.take(), LabVerdict.from_values(VERDICT))

    assert AGAIN not in content(predicted.get(PAGE))


def test_error_nothing_was_handed_in_that_could_be_checked_again(predicted):
    assert "This is empty" in content(predicted.post(ADDRESS, {"again": "1"}, follow=True))
    assert LabRecord.objects.get().hand_in_state == ""


def test_teacher_sees_what_became_of_a_students_file(predicted, teacher):
    hand_in(predicted)

    page = content(teacher.get(f"{PAGE}?student=anna"))

    assert "The file waits to be checked: it is the next one" in page
    assert f'hx-get="{PAGE}?student=anna"' in page
    keep_record("anna", 3, prediction={})
    assert "A file for" in content(teacher.get(f"{labs_url('_lab', 3)}?student=anna"))


def test_no_student_sees_another_ones_file(predicted):
    hand_in(predicted, "a secret of mine")
    ben = log_in("ben", "student")

    assert "a secret of mine" not in content(ben.get(f"{PAGE}?student=anna"))

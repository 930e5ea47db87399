"""Files of other people's that commands read: whatever is in them, one sentence and status 1."""

import os
import shutil

import pytest
from django.core.management import CommandError, call_command

from accounts.labs.catalogue import find_lab
from accounts.labs.hand_ins import collect

TRANSFER = "def transfer(order):\n    pass\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("import sys\nsys.exit(0)\n", "it ends the program while it is imported: SystemExit(0); line 2): repair it"),
        ("raise SystemExit\n", "it ends the program while it is imported: SystemExit(); line 1): repair it first."),
        ("def f():\n    f()\nf()\n", "cannot be imported (RecursionError: maximum recursion depth exceeded"),
        ("class Mine(BaseException): pass\nraise Mine('no')\n", "cannot be imported (Mine: no; line 2): repair it"),
        (
            "class Mine(Exception):\n  def __str__(self): raise ValueError\nraise Mine\n",
            "(Mine; line 3): repair",
        ),
        ("raise MemoryError\n", "cannot be imported (MemoryError; line 1): repair it first."),
        (f"x = {'-' * 100_000}1\n", "is not Python (it is nested too deeply): repair it first."),
        (f"x = {'+'.join(['1'] * 50_000)}\n", "is not Python (it is nested too deeply): repair it first."),
        ("x = 1\0\n", "is not Python ("),
    ],
)
def test_error_strategy_that_cannot_be_loaded(content, sentence, tmp_path, db):
    file = tmp_path / "mine.py"
    file.write_text(content + TRANSFER)

    with pytest.raises(CommandError) as refusal:
        call_command("explore", "--transfer-with", str(file), "--audits", "0")

    assert sentence in str(refusal.value)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", ["sys.stdout.close()", "sys.stdout = None", "print('first')"])
def test_strategy_that_plays_with_the_streams_does_not_disturb_the_answer(line, tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(f"import sys\n{line}\n{TRANSFER}")

    call_command("explore", "--transfer-with", str(file), "--audits", "0", "--json")

    assert capsys.readouterr().out.startswith("{")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\0" * 200_000, "it has more than 100,000 bytes"),
        (b"anna\nM\xfcller\n", "it is not text in UTF-8, in line 2"),
        (b"anna\n\0\n", "it is not text in UTF-8, in line 2"),
    ],
)
def test_error_list_of_names_that_is_none(content, reason, tmp_path, db):
    file = tmp_path / "class.txt"
    file.write_bytes(content)

    with pytest.raises(CommandError) as refusal:
        call_command("students", "--file", str(file))

    assert str(refusal.value).startswith(f"The file {file} cannot be read ({reason}): give a text file")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no /dev/zero here")
@pytest.mark.parametrize("file", ["/dev/zero", "/"])
def test_error_list_of_names_without_an_end(file, db):
    with pytest.raises(CommandError, match=f"The file {file} cannot be read"):
        call_command("students", "--file", file)


def test_list_of_names_may_be_in_utf_16(tmp_path, db, capsys):
    file = tmp_path / "class.txt"
    file.write_bytes("anna\r\njörg\r\n".encode("utf-16"))

    call_command("students", "--file", str(file))

    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == ["name", "anna", "jörg"]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("name", ["LAB06.PY", "Lab06.Py"])
def test_capital_letters_in_a_file_s_name_do_not_matter(name, tmp_path, capsys):
    lab = find_lab("6")
    student = tmp_path / "anna"
    student.mkdir()
    shutil.copyfile(lab.solution, student / name)

    hand_ins, unknown = collect(tmp_path)
    call_command("lab", "check", "6", "--student", "anna", "--file", str(student / name), "--no-storm", "--json")

    assert [hand_in.files for hand_in in hand_ins] == [(student / name,)]
    assert unknown == []
    assert '"passed": true' in capsys.readouterr().out


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 123456"), OSError("No username set")])
def test_error_user_without_a_name(error, monkeypatch, db):
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(error))

    with pytest.raises(CommandError, match="This system knows no name of yours: say one with --student NAME."):
        call_command("lab")


@pytest.mark.parametrize("name", [" ", "x" * 151, "a\nb", "M\udcfcller", "\0"])
def test_error_name_that_cannot_be_kept(name, db):
    with pytest.raises(CommandError, match="A student's name cannot be .*: say one with --student NAME"):
        call_command("lab", "--student", name)

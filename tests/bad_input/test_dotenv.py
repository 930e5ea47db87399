"""The file .env, as people and Windows write it: read, or refused with its line."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from bankproject import dotenv


@pytest.fixture
def parsed(tmp_path):
    """parsed("NAME=value"): the settings in a file of this content, text or bytes."""

    def parsed(content: str | bytes) -> dict[str, str]:
        file = tmp_path / ".env"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return dotenv.parse(file)

    return parsed


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("NAME = value", "value"),
        ("  export NAME=value  ", "value"),
        ("NAME=", ""),
        ("NAME=''", ""),
        ("NAME='a b # c'", "a b # c"),
        ('NAME="a \\"b\\" \\\\ c"  # said', 'a "b" \\ c'),
        ("NAME=C:\\new", "C:\\new"),
        ('NAME="C:\\new"', "C:\\new"),
        ("NAME=a b", "a b"),
        ("NAME=a#b", "a#b"),
        ("NAME=a # b", "a"),
        ("NAME= # nothing", ""),
        ("NAME=#a", "#a"),
        ("NAME=$ecret", "$ecret"),
        ("NAME=postgres://u:p@h/d?options=-c%20a=b", "postgres://u:p@h/d?options=-c%20a=b"),
        ("NAME=Müller", "Müller"),
    ],
)
def test_line_is_a_setting(line, value, parsed):
    assert parsed(f"# a comment\n\n{line}\nLAST=1") == {"NAME": value, "LAST": "1"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_file_may_come_from_windows(encoding, end, parsed):
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""

    assert parsed(f"{mark}FIRST=1{end}SECOND=ü{end}".encode(encoding)) == {"FIRST": "1", "SECOND": "ü"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"A=1\nB=M\xfcller\n", "line 2, is not text in UTF-8: save the file as UTF-8."),
        (b"\xff\xfeA\x00=", "line 1, is not text in UTF-8"),
        (b"A=1\nB=\x00\n", "line 2, is not text in UTF-8"),
        ("A=1\n\nsecret\n", "line 3, is no setting: write NAME=value"),
        ("A='secret\n", "line 1, is no setting"),
        ('A="secret\n', "line 1, is no setting"),
        ("A='secret' and more\n", "line 1, is no setting"),
        ("NAME: secret\n", "line 1, is no setting"),
        ("set NAME=secret\n", "line 1, is no setting"),
        ("$env:NAME = 'secret'\n", "line 1, is no setting"),
        ("=secret\n", "line 1, is no setting"),
    ],
)
def test_error_line_that_is_no_setting(content, sentence, parsed, tmp_path):
    with pytest.raises(ImproperlyConfigured) as refusal:
        parsed(content)

    assert str(refusal.value).startswith(f"{tmp_path / '.env'}, {sentence}")
    assert "secret" not in str(refusal.value)


def test_what_the_environment_says_wins_and_children_do_not_read_again(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("BANK_TEST_A=file\nBANK_TEST_B=file\nBANK_TEST_C=file\n")
    monkeypatch.setattr(os, "environ", {"BANK_TEST_A": "shell", "BANK_TEST_B": ""})

    dotenv.read(file)
    assert [os.environ[f"BANK_TEST_{letter}"] for letter in "ABC"] == ["shell", "", "file"]

    del os.environ["BANK_TEST_C"]
    dotenv.read(file)
    assert "BANK_TEST_C" not in os.environ


def test_folder_of_this_name_is_no_file(tmp_path):
    (tmp_path / ".env").mkdir()

    dotenv.read(tmp_path / ".env")

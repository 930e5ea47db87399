"""Files that commands are to write: refused before the work, written whole or not at all, never said to be if not."""

import os

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import BankError
from accounts.management.output import check_targets, write_whole


def check(overwrite: bool = False, **names: str) -> None:
    check_targets({f"--{name}": file for name, file in names.items()}, overwrite=overwrite, overwrite_option="--force")


def test_success_of_files_that_can_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    check(html="a.html", json="./b.json", csv="-")
    check(html="/dev/null")
    write_whole("a.html", "text\n")

    assert (tmp_path / "a.html").read_text() == "text\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"html": ""}, "--html cannot be '': give the name of a file."),
        ({"html": "folder"}, "--html cannot be 'folder': give the name of a file."),
        ({"html": "no/such/a.html"}, "There is no folder 'no/such' for a.html: create it first."),
        ({"html": "there"}, "there is there already: give another name, or --force to replace it."),
        ({"html": "there/a.html"}, "there/a.html cannot be written (Not a directory): name another file."),
        ({"html": "x" * 300}, f"{'x' * 100}... cannot be written (File name too long): name another file."),
        ({"html": "circle"}, "circle cannot be written (Too many levels of symbolic links): name another file."),
        ({"html": "a", "json": "a"}, "--html and --json cannot both be a: name another file for one of them."),
        ({"html": "a", "json": "./folder/../a"}, "--html and --json cannot both be ./folder/../a"),
        ({"html": "link", "json": "linked"}, "--html and --json cannot both be linked"),
        ({"html": "-", "csv": "-"}, "--html and --csv cannot both be -"),
    ],
)
def test_error_file_that_cannot_be_written(names, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "there").write_text("three months of work")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "link").symlink_to("linked")

    with pytest.raises(BankError) as refusal:
        check(**names)

    assert str(refusal.value).startswith(sentence)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/full")
def test_error_device_that_is_full_is_left_a_device():
    check(html="/dev/full")

    with pytest.raises(BankError, match="/dev/full cannot be written .No space left on device.: name another file."):
        write_whole("/dev/full", "text")

    assert not os.path.isfile("/dev/full")


def test_error_half_way_leaves_what_was_there(tmp_path, monkeypatch):
    file = tmp_path / "marks.csv"
    file.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    with pytest.raises(BankError, match="No space left on device"):
        write_whole(str(file), "new")

    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["marks.csv"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_marks_are_private_and_other_files_are_not(tmp_path):
    write_whole(str(tmp_path / "marks.csv"), "", is_private=True)
    write_whole(str(tmp_path / "storm.html"), "")

    assert (tmp_path / "marks.csv").stat().st_mode & 0o077 == 0
    assert (tmp_path / "storm.html").stat().st_mode & 0o400


def test_error_report_says_only_what_it_wrote(storm, tmp_path, capsys):
    with pytest.raises(CommandError, match="/dev/full cannot be written .No space left on device."):
        call_command("report", "last", "--csv", "/dev/full", "--force")
    assert "Wrote" not in capsys.readouterr().err

    with pytest.raises(CommandError, match="--json and --csv cannot both be"):
        call_command("report", "last", "--json", str(tmp_path / "x"), "--csv", str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []

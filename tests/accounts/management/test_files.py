"""A file is written whole or not at all."""

import os
import stat

import pytest

from accounts.errors import BankError
from accounts.management import files
from accounts.management.files import write_whole


def test_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    file = tmp_path / "marks.csv"
    file.write_text("old")

    write_whole(file, "new\n", mode=0o600)

    assert (file.read_text(), [path.name for path in tmp_path.iterdir()]) == ("new\n", ["marks.csv"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_error_what_was_there_stays(tmp_path, monkeypatch):
    file = tmp_path / "marks.csv"
    file.write_text("old")

    def refuse(*_paths) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", refuse)

    with pytest.raises(BankError, match="marks.csv cannot be written: No space left on device."):
        write_whole(file, "new")

    assert (file.read_text(), os.listdir(tmp_path)) == ("old", ["marks.csv"])


def test_error_folder_that_is_not_there(tmp_path):
    with pytest.raises(BankError, match="cannot be written: No such file or directory."):
        write_whole(tmp_path / "nowhere" / "x", "text")


def test_text_that_is_no_unicode_is_written_all_the_same(tmp_path):
    write_whole(tmp_path / "x", "M\udcfcller")

    assert (tmp_path / "x").read_text() == "M?ller"

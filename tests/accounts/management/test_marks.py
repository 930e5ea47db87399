"""A class's marks are written to a file, and never over another one."""

import pytest

from accounts.errors import BankError
from accounts.management.marks import check_target, write_csv


def test_error_marks_that_could_not_be_written(tmp_path):
    (tmp_path / "marks.csv").write_text("by hand\n")

    with pytest.raises(BankError, match="marks.csv is there already: name another file, or say --overwrite."):
        check_target(tmp_path / "marks.csv", overwrite=False)
    with pytest.raises(BankError, match="--csv cannot be .*: name a file in a folder that is there."):
        check_target(tmp_path / "nowhere" / "marks.csv", overwrite=False)
    check_target(tmp_path / "marks.csv", overwrite=True)
    write_csv(tmp_path / "marks.csv", [])
    assert "by hand" not in (tmp_path / "marks.csv").read_text()

"""A class's marks are written to a file, and never over another one."""

import pytest

from accounts.errors import BankError
from accounts.management.marks import write_csv
from accounts.management.output import check_targets


def test_error_marks_that_could_not_be_written(tmp_path):
    (tmp_path / "marks.csv").write_text("by hand\n")

    def check(name: str, *, overwrite: bool) -> None:
        check_targets({"--csv": str(tmp_path / name)}, overwrite=overwrite, overwrite_option="--overwrite")

    with pytest.raises(BankError, match="marks.csv is there already: give another name, or --overwrite to replace it."):
        check("marks.csv", overwrite=False)
    with pytest.raises(BankError, match="There is no folder .*nowhere' for marks.csv: create it first."):
        check("nowhere/marks.csv", overwrite=False)
    check("marks.csv", overwrite=True)
    write_csv(tmp_path / "marks.csv", [])
    assert "by hand" not in (tmp_path / "marks.csv").read_text()

"""What is kept of a file that was checked: text that a database takes and a page can show."""

import pytest

from accounts.labs.checked_file import MAX_BYTES, MAX_LINES, CheckedFile, read_checked_file


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        (b"", ""),
        (b"x = '\0'\n", "x = '\ufffd'\n"),
        (b"# \xe4\xff\n", "# \ufffd\ufffd\n"),
        (b"#" * MAX_BYTES, "#" * MAX_BYTES),
    ],
)
def test_text_is_kept(tmp_path, code, text):
    file = tmp_path / "lab02.py"
    file.write_bytes(code)

    kept = read_checked_file(file)

    assert kept == CheckedFile(str(file), text)
    assert CheckedFile.from_values(kept.as_values()) == kept


@pytest.mark.parametrize("code", [b"#" * (MAX_BYTES + 1), b"\n" * (MAX_LINES + 1)])
def test_file_that_is_too_long_for_a_page_is_not_kept(tmp_path, code):
    file = tmp_path / "lab02.py"
    file.write_bytes(code)

    assert read_checked_file(file) is None


def test_verdict_of_a_version_that_kept_no_file_has_none():
    assert CheckedFile.from_values(None) is None

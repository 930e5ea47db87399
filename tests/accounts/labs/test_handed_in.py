"""What may be handed in, and the sentence on what may not."""

import pytest

from accounts.errors import BankError
from accounts.labs.checked_file import MAX_BYTES, MAX_LINES
from accounts.labs.handed_in import check_size, check_text, decode


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
        ("name = 'Zoë'\n".encode(), "name = 'Zoë'\n"),
        (b"x" * MAX_BYTES, "x" * MAX_BYTES),
        (b"\n" * MAX_LINES + b"x", "\n" * MAX_LINES + "x"),
        (b"this is no Python", "this is no Python"),
    ],
)
def test_text_is_taken_with_the_line_ends_of_python(sent, text):
    assert decode(sent) == check_text(sent.decode()) == text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"", "This is empty: choose your file, or write into the box."),
        (b" \r\n\n", "This is empty: choose your file, or write into the box."),
        (b"x" * (MAX_BYTES + 1), "This has 20,001 bytes: hand in at most 20,000."),
        ("é".encode() * (MAX_BYTES // 2 + 1), "This has 20,002 bytes: hand in at most 20,000."),
        (b"\n" * (MAX_LINES + 1) + b"x", "This has 1,001 lines: hand in at most 1,000."),
        (b"x = 1\n\0", "This holds a byte that is 0, as no text does: choose the Python file itself."),
        (b"x = 1\ny = '\xe9'\n", "Line 2 is not in UTF-8: have your editor save the file in this encoding."),
    ],
)
def test_error_text_that_is_not_taken(sent, sentence):
    with pytest.raises(BankError) as refusal:
        decode(sent)

    assert str(refusal.value) == sentence


def test_error_size_is_refused_before_the_file_is_read():
    with pytest.raises(BankError, match="This has 5,000,000 bytes"):
        check_size(5_000_000)

"""What may be handed in on a lab's page: a short text in UTF-8. Whether it is Python, its check finds out."""

from accounts.errors import BankError
from accounts.labs.checked_file import MAX_BYTES, MAX_LINES  # what is longer could not be shown with its lines


def check_size(byte_count: int) -> None:
    """Raises BankError for a file that is too long, or empty."""
    if not byte_count:
        raise BankError("This is empty: choose your file, or write into the box.")
    if byte_count > MAX_BYTES:
        raise BankError(f"This has {byte_count:,} bytes: hand in at most {MAX_BYTES:,}.")


def decode(sent: bytes) -> str:
    """The text of a file that was sent. Raises BankError for one that is not taken, with the reason."""
    try:
        return check_text(sent.decode())
    except UnicodeDecodeError as error:
        line = sent[: error.start].count(b"\n") + 1
        raise BankError(f"Line {line} is not in UTF-8: have your editor save the file in this encoding.") from error


def check_text(text: str) -> str:
    """The text, with line ends as Python reads them. Raises BankError for one that is not taken, with the reason."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    check_size(len(text.encode()) if text.strip() else 0)
    if "\0" in text:
        raise BankError("This holds a byte that is 0, as no text does: choose the Python file itself.")
    if (line_count := text.count("\n")) > MAX_LINES:
        raise BankError(f"This has {line_count:,} lines: hand in at most {MAX_LINES:,}.")
    return text

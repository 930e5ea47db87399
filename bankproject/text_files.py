"""Text files that people write, on Windows too: UTF-8, with a byte order mark or without one, or UTF-16 with one."""

import codecs

ENCODINGS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class NotText(ValueError):
    """The bytes are no text, from `line_number` on."""

    def __init__(self, line_number: int) -> None:
        super().__init__(f"it is not text in UTF-8, in line {line_number}")
        self.line_number = line_number


def decode(content: bytes) -> str:
    """The text. Raises NotText for anything else; also for what holds zero bytes, as no text does."""
    encoding = next((encoding for mark, encoding in ENCODINGS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotText(content.count(b"\n", 0, error.start) + 1) from error
    if "\0" in text:
        raise NotText(text.count("\n", 0, text.index("\0")) + 1)
    return text

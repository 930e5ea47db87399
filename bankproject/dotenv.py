"""The file .env: settings that are kept beside manage.py. What the environment itself says wins over the file.

One setting a line, NAME=value, as a shell writes it: spaces around the equals sign, "export" before the name, quotes
around the value, empty lines and comments are allowed. Nothing is filled in: a dollar sign is a dollar sign.
"""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from bankproject.text_files import NotText, decode

# Set, for this process and those that it starts, to the file that was read: they have its settings already.
ALREADY_READ = "BANK_ENV_FILE"

LINE_END = re.compile(r"\r\n|\r|\n")
SETTING = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=(?P<value>.*)", re.ASCII)
COMMENT = r"(?:\s+#.*)?"
LITERAL = re.compile(r"\s*'([^']*)'" + COMMENT)
ESCAPED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"' + COMMENT)
PLAIN = re.compile(r"""(?!\s*['"])(.*?)""" + COMMENT)


def read(file: Path) -> None:
    """Put the file's settings into the environment, if there is such a file and this was not done before.

    Raises ImproperlyConfigured, with the number of the line, for a file that is not text or a line that is no setting.
    """
    if not file.is_file() or os.environ.get(ALREADY_READ) == str(file):
        return
    for name, value in parse(file).items():
        os.environ.setdefault(name, value)
    os.environ[ALREADY_READ] = str(file)


def parse(file: Path) -> dict[str, str]:
    """The file's settings; of two of one name, the last. Raises ImproperlyConfigured as read() does."""
    settings = {}
    for number, line in enumerate(LINE_END.split(_text(file)), start=1):
        line = line.strip()
        if line and not line.startswith("#"):
            name, value = _parse_line(line, where=f"{file}, line {number}")
            settings[name] = value
    return settings


def _text(file: Path) -> str:
    try:
        return decode(file.read_bytes())
    except OSError as error:
        raise ImproperlyConfigured(
            f"{file} cannot be read ({error.strerror}): let yourself read it, or remove it."
        ) from error
    except NotText as error:
        raise ImproperlyConfigured(
            f"{file}, line {error.line_number}, is not text in UTF-8: save the file as UTF-8."
        ) from error


def _parse_line(line: str, *, where: str) -> tuple[str, str]:
    """The name and the value. The line is not shown when it is refused: it may hold a password."""
    setting = SETTING.fullmatch(line)
    value = _parse_value(setting["value"]) if setting else None
    if setting is None or value is None:
        raise ImproperlyConfigured(
            f"{where}, is no setting: write NAME=value, and a value with spaces or # in quotes, 'like this'."
        )
    return setting["name"], value


def _parse_value(text: str) -> str | None:
    """What stands behind the equals sign, without quotes and comment; None where a quote is not closed."""
    if match := LITERAL.fullmatch(text):
        return match[1]
    if match := ESCAPED.fullmatch(text):
        return re.sub(r'\\(["\\])', r"\1", match[1])
    match = PLAIN.fullmatch(text)
    return match[1].strip() if match else None

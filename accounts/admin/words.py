"""The page of words: docs/glossary.md, for readers who meet one of them on a page."""

from typing import NamedTuple

from django.conf import settings
from django.http import Http404
from django.utils.text import slugify

GLOSSARY = settings.BASE_DIR / "docs" / "glossary.md"


class Word(NamedTuple):
    """One row of the glossary. `anchor` is its place on the page: of "step, schedule", that is "step"."""

    anchor: str
    word: str
    meaning: str


class Section(NamedTuple):
    """A heading of the glossary, and its rows."""

    title: str
    words: list[Word]


def read_glossary() -> list[Section]:
    """The glossary's sections. Raises Http404 where the docs are not installed."""
    if not GLOSSARY.is_file():
        raise Http404("The glossary is not installed.")
    _intro, *sections = GLOSSARY.read_text(encoding="utf-8").split("\n## ")
    return [_section(text) for text in sections]


def _section(text: str) -> Section:
    """A heading, and a table: `| word | meaning |`, `|---|---|`, then a row for each word."""
    title, *lines = text.splitlines()
    _heading, _rule, *rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return Section(title, [Word(slugify(word.partition(",")[0]), word, meaning) for word, meaning in rows])

"""Reads a lab's README.md: a title, and five sections that commands and pages show one by one. Pure.

# The lock that was missed
## Story          what happened
## Task           what the student is to do, in `exercise.py`
## Predict        - `torn` (number): In how many ...?      one line for each question
## Hints          1. ...  2. ...  3. ...                   from a nudge to nearly the answer
## Read next      - ...
"""

import re
from dataclasses import dataclass

SECTIONS = ("Story", "Task", "Predict", "Hints", "Read next")
QUESTION = re.compile(r"- `(?P<name>\w+)` \((?P<kind>[^)]+)\): (?P<text>.+)", re.DOTALL)


@dataclass(frozen=True)
class Readme:
    """The parts of the text, with their letters in braces not filled in yet."""

    title: str
    story: str
    task: str
    questions: tuple[tuple[str, str, str], ...]  # name, kind of answer, text
    hints: tuple[str, ...]
    read_next: str


def parse(text: str) -> Readme:
    """The parts of a README. Raises ValueError for one that has other sections."""
    head, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    sections = {name.strip(): body.strip() for name, _, body in (part.partition("\n") for part in rest)}
    if tuple(sections) != SECTIONS:
        raise ValueError(f"the sections are {', '.join(sections)}: they should be {', '.join(SECTIONS)}.")
    return Readme(
        title=head.strip().removeprefix("# "),
        story=sections["Story"],
        task=sections["Task"],
        questions=tuple(_question(item) for item in _items(sections["Predict"], r"- ")),
        hints=tuple(item.partition(" ")[2] for item in _items(sections["Hints"], r"\d\. ")),
        read_next=sections["Read next"],
    )


def _items(text: str, mark: str) -> list[str]:
    """The items of a list; lines that go on are joined."""
    items = re.split(rf"^(?={mark})", text, flags=re.MULTILINE)
    return [item.strip() if "```" in item else " ".join(item.split()) for item in items if re.match(mark, item)]


def _question(item: str) -> tuple[str, str, str]:
    match = QUESTION.fullmatch(item)
    if match is None:
        raise ValueError(f"{item!r} is no question: write - `name` (number): text")
    return match["name"], match["kind"], match["text"]

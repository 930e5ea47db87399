"""The teacher's guide is run: each command that it gives, as small as can be, shows the class what the guide says."""

import re
import shlex
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.storms.lecture import SCENES
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = (Path(settings.BASE_DIR) / "docs" / "teachers-guide.md").read_text(encoding="utf-8")
STEP = re.compile(r"```sh\npython manage\.py ([^\n]+)\n```\n\n```text\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"^n([,:]?)$")
SMALL = ["--transfers", "120", "--audits", "60"]
SIZES = {"2,000": "120", "200": "60"}  # what the guide says of a storm of the usual size
MAX_TRIES = 6  # a weak strategy fails by luck: here, often


def steps() -> list[tuple[str, list[str]]]:
    """The guide's commands with the lines that the class sees."""
    return [(command, lines.strip().splitlines()) for command, lines in STEP.findall(GUIDE)]


def steps_to_run() -> list[tuple[str, list[str]]]:
    """All but the storms that no later command looks at: other tests run such storms on workers."""
    storms = [step for step in steps() if step[0].startswith("storm")]
    left_out = [] if THOROUGH else [*storms[:2], storms[3]]
    return [step for step in steps() if step not in left_out]


def as_pattern(line: str) -> re.Pattern:
    """The line, in whatever frame it is printed; `n` is any number but 0."""
    number = r"[-+]?[1-9][\\d,]*\1"
    words = [NUMBER.sub(number, word) if NUMBER.match(word) else re.escape(word) for word in line.split()]
    return re.compile(r"(?<![\w,])" + r"\W*\s\W*".join(words))


def run(command: str) -> str:
    """What the command prints; a storm is a small one."""
    name, *arguments = shlex.split(command)
    out = StringIO()
    with suppress(SystemExit):  # a check that fails
        call_command(name, *arguments, *(SMALL if name == "storm" else []), stdout=out, stderr=out)
    return out.getvalue()


def missing(lines: list[str], shown: str) -> list[str]:
    """The lines that the class does not see."""
    for usual, small in SIZES.items():
        lines = [re.sub(rf"(?<![\d,]){usual}(?![\d,])", small, line) for line in lines]
    return [line for line in lines if not as_pattern(line).search(shown)]


@pytest.mark.processes
def test_lesson_shows_what_the_guide_says(settings, tmp_path, monkeypatch):
    settings.LABS_FOLDER = tmp_path / "my_labs"
    monkeypatch.chdir(tmp_path)

    for command, lines in steps_to_run():
        by_luck = [line for line in lines if any(NUMBER.match(word) for word in line.split())]
        for _ in range(MAX_TRIES):
            shown = run(command)
            assert set(missing(lines, shown)) <= set(by_luck), f"{command} shows:\n{shown}"
            if not missing(by_luck, shown):
                break
        assert missing(by_luck, shown) == [], f"{command} shows:\n{shown}"


def test_lesson_has_all_its_steps():
    commands = [command.split()[0] for command, _lines in steps()]

    assert {name: commands.count(name) for name in commands} == {
        **{"storm": 5, "explain": 1, "explore": 5, "lab": 4, "report": 1},
    }


def test_table_of_the_lecture_is_that_of_its_scenes():
    row = r"^\| (\d) \| (\w+), (\w+) \| (\d) process(?:es)?(?:, (\d) threads)? \| (\w+) \|"
    told = re.findall(row, GUIDE, re.MULTILINE)

    assert [(of, by, int(workers), int(threads or 1), outcome) for _, of, by, workers, threads, outcome in told] == [
        (scene.transfer_with, scene.audit_with, scene.worker_count, scene.thread_count, scene.expected.value)
        for scene in SCENES
    ]


def test_buttons_and_links_of_the_lesson_are_on_the_pages():
    """Those in italics; a colon or a number begins what differs from page to page."""
    lesson = GUIDE.partition("## The lesson")[2].partition("## The same in a terminal")[0]
    labels = [label for label in re.findall(r"\*([A-Z][^*]*)\*", lesson) if not label.startswith("Ask:")]
    words = {re.split(r":| \d", label)[0] for label in labels}
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (settings.BASE_DIR / "accounts").rglob("*.html"))

    assert len(words) > 12
    assert {word for word in words if not re.search(rf"(?i)[>,]{re.escape(word)}", pages)} == set()


@pytest.mark.parametrize(
    ("line", "shown", "is_seen"),
    [
        ("torn audits      n of 200", "│ torn audits    │ 23 of 200 │", True),
        ("torn audits      n of 200", "│ torn audits    │ 0 of 200 │", False),
        ("torn audits      0 of 200", "│ torn audits    │ 10 of 200 │", False),
        ("drift            n", "│ drift          │ -1,089 │", True),
        ("drift            n", "│ drift          │ 0 │", False),
        ("6 of 84  torn audit", "      6 of 84  torn audit", True),
        ("6 of 84  torn audit", "      16 of 84  torn audit", False),
    ],
)
def test_lines_of_the_guide_are_compared(line, shown, is_seen):
    assert bool(as_pattern(line).search(shown)) == is_seen

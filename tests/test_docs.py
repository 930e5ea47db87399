"""What the documents say is so: their commands exist and take these options, their files and links are there."""

import ast
import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from accounts import strategies
from accounts.scenes.catalogue import SCENES
from accounts.strategies.shared.promises import Among

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
STRATEGIES = sorted((ROOT / "accounts" / "strategies").glob("[!_]*.py"))
COMMAND = re.compile(r"python manage\.py ([^`\n]+)")
END_OF_COMMAND = {">", "|", "&&", ";"}


def commands() -> list[tuple[str, str]]:
    return sorted({(file.name, found.strip()) for file in DOCUMENTS for found in COMMAND.findall(file.read_text())})


def words(command: str) -> list[str]:
    """As a shell would split it, up to its end."""
    return list(takewhile(lambda word: word not in END_OF_COMMAND, shlex.split(command, comments=True)))


OF_THE_ROOT = sorted(ROOT.glob("*.md"))
FILE = re.compile(r"\b(?:accounts|bankproject|docs|interleavings|tests)/[\w/]+\.(?:py|html|md)\b")


@pytest.mark.parametrize("document", sorted({*OF_THE_ROOT, *DOCUMENTS}), ids=lambda file: file.name)
def test_files_that_a_document_names_are_there(document):
    assert [file for file in FILE.findall(document.read_text()) if not (ROOT / file).exists()] == []


SOURCES = sorted(file for room in ("accounts", "bankproject", "interleavings") for file in (ROOT / room).rglob("*.py"))
NAMED_FILE = re.compile(r"[\w/]*\b[a-z_]+\.(?:py|html)\b")
EXAMPLES = {"file.py"}


def docstrings(file: Path) -> list[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, kinds)]
    return [ast.get_docstring(node) or "" for node in nodes]


def test_files_that_a_docstring_names_are_there():
    rooms = [ROOT / name for name in ("accounts", "bankproject", "docs", "interleavings", "tests")]
    there = {str(file.relative_to(ROOT)) for room in rooms for kind in ("*.py", "*.html") for file in room.rglob(kind)}
    there.add("manage.py")

    missing = [
        (file.name, name)
        for file in SOURCES
        for docstring in docstrings(file)
        for name in NAMED_FILE.findall(docstring)
        if name not in EXAMPLES and not any(f"/{path}".endswith(f"/{name.lstrip('/')}") for path in there)
    ]

    assert missing == []


@pytest.mark.parametrize(("document", "command"), commands())
def test_command_in_a_document_exists_and_takes_these_options(document, command):
    name, *arguments = words(command)

    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    parser.parse_args(arguments)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_in_a_document_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


# One sentence or two on one line; and where to read on, which in PostgreSQL's manual is a section with its number.
PROMISE = re.compile(r"[A-Z].+\.")
PLACE = re.compile(
    r"""\((?:[^()]+;\ )?
        (?:PostgreSQL\ documentation:\ \d+(?:\.\d+)+\ [A-Z]
        |(?:Django|Python|filelock)\ documentation:\ [\w"])""",
    re.VERBOSE,
)


@pytest.mark.parametrize("file", STRATEGIES, ids=lambda file: file.stem)
def test_strategy_says_what_it_promises_and_where_that_is_written(file):
    docstring = ast.get_docstring(ast.parse(file.read_text()))
    first, _, rest = docstring.partition("\n\n")

    assert PROMISE.fullmatch(first)
    assert PLACE.search(" ".join(rest.split()))


@pytest.mark.parametrize("file", STRATEGIES, ids=lambda file: file.stem)
def test_strategy_fits_one_screen(file):
    assert len(file.read_text().splitlines()) <= 60


def test_table_of_faults_says_what_the_strategies_themselves_promise():
    """A strategy may be missing in the table; one that is there is in its row."""
    table = (ROOT / "docs" / "faults.md").read_text().partition("## Who promises what")[2]
    rows = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in table.splitlines() if line.startswith("| `")]

    exact, once, nothing = ({(strategies.is_transactional(name), keeps_money(name)) for name in row} for row in rows)
    assert (exact, once, nothing) == ({(True, True)}, {(True, False)}, {(False, False)})


NUMBERS = dict(enumerate(["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"], 10))


@pytest.mark.parametrize("document", ["README.md", "docs/pages.md"])
def test_documents_know_how_many_scenes_there_are(document):
    assert f"{NUMBERS[len(SCENES)]} scenes" in (ROOT / document).read_text().lower()


def keeps_money(name: str) -> bool:
    return strategies.transfers_hold(name, under_kills=True) is Among.EVERYONE

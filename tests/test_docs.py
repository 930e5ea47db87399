"""What the documents say is so: their commands exist and take these options, their files and links are there."""

import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
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


@pytest.mark.parametrize(("document", "command"), commands())
def test_command_in_a_document_exists_and_takes_these_options(document, command):
    name, *arguments = words(command)

    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    parser.parse_args(arguments)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_in_a_document_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_strategy_says_what_it_promises_and_where_that_is_written():
    for file in sorted((ROOT / "accounts" / "strategies").glob("[!_]*.py")):
        docstring = file.read_text().split('"""')[1]
        assert "documentation:" in docstring, file.name
        assert len(file.read_text().splitlines()) <= 60, f"{file.name} does not fit one screen"

"""The glossary as a page: every word that the pages link to is on it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.http import Http404
from django.urls import reverse

from accounts.admin import words
from accounts.admin.words import read_glossary

TEMPLATES = Path(settings.BASE_DIR) / "accounts" / "templates"


def test_glossary_has_its_sections_and_words():
    sections = read_glossary()

    assert sections[0].title == "The bank and its money"
    assert all(word.anchor and word.word and word.meaning for section in sections for word in section.words)
    anchors = [word.anchor for section in sections for word in section.words]
    assert len(anchors) == len(set(anchors)) > 40


def test_every_word_that_a_page_links_to_is_there():
    text = "".join(file.read_text(encoding="utf-8") for file in TEMPLATES.rglob("*.html"))
    linked = set(re.findall(r"(?:words }}|accounts_storm_words\" %})#([\w-]+)", text))

    assert {"torn-audit", "drift", "step", "session", "schedule"} <= linked
    assert linked <= {word.anchor for section in read_glossary() for word in section.words}


def test_page_shows_words_with_their_meaning(admin_client):
    content = admin_client.get(reverse("admin:accounts_storm_words")).content.decode()

    assert '<dt id="row-lock">row lock</dt><dd><p><code>SELECT ... FOR UPDATE</code>, in Django' in content
    assert "<em>final</em> total is not its opening total" in content


def test_without_the_docs_there_is_no_such_page(monkeypatch):
    monkeypatch.setattr(words, "GLOSSARY", Path("no/such/file.md"))

    with pytest.raises(Http404):
        read_glossary()

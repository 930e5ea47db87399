"""The command that draws the README's pictures, and the pictures."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.management import chromium

pytestmark = pytest.mark.django_db

IMAGES = Path(settings.BASE_DIR) / "docs" / "images"


def test_error_without_a_browser(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)

    with pytest.raises(CommandError, match="There is no Chromium: none of chromium, .* Install one first."):
        call_command("screenshots")


def test_browser_may_be_named(monkeypatch, tmp_path):
    named = tmp_path / "my-browser"
    named.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(named))

    assert chromium.find_chromium() == str(named)


def test_error_no_such_folder(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/bin/sh")

    with pytest.raises(CommandError, match="There is no folder 'no/such': create it first."):
        call_command("screenshots", "--folder", "no/such")


def test_pictures_are_small():
    assert {file.name: file.stat().st_size for file in IMAGES.glob("*.png") if file.stat().st_size > 150_000} == {}
    assert len(list(IMAGES.glob("*.png"))) == 6

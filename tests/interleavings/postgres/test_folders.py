"""What the embedded server asks of the operating system, and does not take from others."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interleavings.postgres import folders
from interleavings.postgres.data import make_data
from interleavings.postgres.errors import EmbeddedServerError


@pytest.fixture
def long_and_short(tmp_path, monkeypatch) -> Iterator[tuple[Path, Path]]:
    """A path of data that is too long for a socket, and the folder of its socket: in tmp_path, or where that is long,
    in /tmp, where nothing may be left for the next run."""
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(tmp_path))
    data = tmp_path / ("long" * 30)
    short = folders.socket_folder(data)
    yield data, short
    short.unlink() if short.is_symlink() else short.rmdir()


@pytest.mark.skipif(folders.WINDOWS, reason="Windows has no Unix sockets")
def test_error_on_a_socket_folder_that_leads_elsewhere(long_and_short, tmp_path):
    data, planted = long_and_short
    planted.rmdir()
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o700)
    planted.symlink_to(victim)

    with pytest.raises(EmbeddedServerError, match=f"{planted} is not private to you: remove it"):
        folders.socket_folder(data)

    assert victim.stat().st_uid == os.getuid()


@pytest.mark.skipif(not folders.AS_ROOT, reason="only root can give something away")
def test_owner_of_what_a_link_leads_to_is_never_changed(tmp_path):
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.touch()
    link.symlink_to(victim)

    folders.give_to_server(link)

    assert victim.stat().st_uid == 0


@pytest.mark.skipif(folders.WINDOWS, reason="Windows has no Unix sockets")
def test_error_on_a_socket_folder_that_others_can_read(long_and_short):
    data, short = long_and_short
    short.chmod(0o755)

    with pytest.raises(EmbeddedServerError, match="is not private to you"):
        folders.socket_folder(data)


@pytest.fixture
def no_settings(tmp_path, monkeypatch) -> Iterator[Path]:
    """A folder in which a program without settings runs."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    monkeypatch.chdir(tmp_path)
    folders.default_folder.cache_clear()
    yield tmp_path
    folders.default_folder.cache_clear()


@pytest.mark.parametrize("path", ["shop_settings.py", "a_shop/settings.py", "a_shop/settings/tests.py"])
def test_folder_that_no_setting_names_is_in_the_project(path, no_settings, monkeypatch):
    file = no_settings / "project" / path
    file.parent.mkdir(parents=True)
    file.touch()
    name = path.removesuffix(".py").replace("/", ".")
    monkeypatch.syspath_prepend(no_settings / "project")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", name)
    importlib.import_module(name)

    folder = folders.default_folder()

    for module in [module for module in sys.modules if module.startswith(("shop_settings", "a_shop"))]:
        del sys.modules[module]
    assert folder == no_settings / "project" / ".interleavings" / "postgres"
    assert (folder.parent / ".gitignore").read_text() == "*\n"


def test_folder_without_settings_is_in_the_present_one(no_settings):
    assert folders.default_folder() == no_settings / ".interleavings" / "postgres"


def test_error_folder_that_cannot_be_made(no_settings):
    (no_settings / ".interleavings").touch()

    with pytest.raises(EmbeddedServerError, match=".interleavings cannot be made .* or name another folder as HOST in"):
        folders.default_folder()


@pytest.mark.skipif(folders.WINDOWS, reason="Windows has no user ids")
def test_error_user_id_without_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "AS_ROOT", False)
    monkeypatch.setattr(folders.os, "geteuid", lambda: 2**31 - 7)

    with pytest.raises(
        EmbeddedServerError, match=r"^The user id 2147483641 has no name on this system, and PostgreSQL"
    ):
        make_data(tmp_path)

    assert list(tmp_path.iterdir()) == []

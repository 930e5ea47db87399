"""What the embedded server asks of the operating system, and does not take from others."""

import os
from pathlib import Path

import pytest

from bankproject.embedded import folders
from bankproject.embedded.errors import EmbeddedServerError


@pytest.mark.skipif(folders.WINDOWS, reason="Windows has no Unix sockets")
def test_error_on_a_socket_folder_that_leads_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(tmp_path))
    data = tmp_path / ("long" * 30)
    planted = folders.socket_folder(data)
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
def test_error_on_a_socket_folder_that_others_can_read(tmp_path, monkeypatch):
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(tmp_path))
    data = tmp_path / ("long" * 30)
    Path(folders.socket_folder(data)).chmod(0o755)

    with pytest.raises(EmbeddedServerError, match="is not private to you"):
        folders.socket_folder(data)

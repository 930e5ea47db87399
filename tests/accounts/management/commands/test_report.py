"""`manage.py report`: files that are written whole, and never over another file."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


def test_json_and_csv_hold_the_reports(torn_storm, tmp_path):
    call_command("report", "last", "--json", str(tmp_path / "a.json"), "--csv", str(tmp_path / "a.csv"))

    report = json.loads((tmp_path / "a.json").read_text())
    assert report["storms"][0]["audits"]["torn"] == 1
    assert report["versions"]["PostgreSQL"].startswith("18")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text()))
    assert (row["id"], row["audits.torn"]) == (str(torn_storm.pk), "1")


def test_without_an_option_it_is_printed(torn_storm, capsys):
    call_command("report", "last")

    assert "torn audits" in capsys.readouterr().out


def test_error_file_that_is_there_already_is_left_alone_unless_forced(torn_storm, tmp_path):
    file = tmp_path / "thesis.html"
    file.write_text("three months of work")

    with pytest.raises(CommandError, match=r"thesis\.html is there already: give another name, or --force"):
        call_command("report", "last", "--html", str(file), "--csv", str(tmp_path / "new.csv"))
    assert file.read_text() == "three months of work"
    assert not (tmp_path / "new.csv").exists()

    call_command("report", "last", "--html", str(file), "--force")
    assert file.read_text().startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.html"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "--html cannot be '': give the name of a file."),
        (".", "--html cannot be '.': give the name of a file."),
        ("no/such/folder/a.html", "There is no folder 'no/such/folder' for a.html: create it first."),
    ],
)
def test_error_file_that_cannot_be_written(name, sentence, torn_storm):
    with pytest.raises(CommandError) as refusal:
        call_command("report", "last", "--html", name)

    assert str(refusal.value).startswith(sentence)


def test_error_storm_that_is_not_there():
    with pytest.raises(CommandError, match="There is no storm '12'"):
        call_command("report", "12")

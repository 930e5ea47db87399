"""Reports for handing in: complete in themselves, written by a command and by a button, never over another file."""

import csv
import io
import json
import re

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Audit, Storm
from accounts.reporting import document
from accounts.storms import jobs
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm
from tests.support import storms as torn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def storm() -> Storm:
    """A storm of three transfers, with one whole audit and one that read account 1 too early."""
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=3, audit_count=2)
    launch(storm, queue="nowhere")
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    jobs.run(storm.pk, [], [0])
    whole = storm.audits.get()
    accounts = storm.bank.accounts.order_by("pk").values_list("pk", "opening_balance")
    early = [[account, opening, None] for account, opening in accounts]
    readings = [early[0], *whole.readings[1:]]
    Audit.objects.create(
        **{"bank": storm.bank, "storm": storm, "number": 1, "status": "taken", "readings": readings},
        **{"total": sum(reading[1] for reading in readings), "expected_total": whole.expected_total},
        **{"started_at": whole.started_at, "ended_at": whole.ended_at},
    )
    jobs.run(storm.pk, [], [])
    storm.refresh_from_db()
    return storm


def text(html: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL).split())


def test_html_says_what_was_run_and_what_it_came_to(storm, tmp_path, capsys):
    call_command("report", "last", "--html", str(tmp_path / "storm.html"))

    html = (tmp_path / "storm.html").read_text()
    words = text(html)
    assert "It is torn: the money is right, but 1 of 2 audits saw half a transfer." in words
    assert "3 transfers of 1 to 100, 2 audits, 6 accounts, seed 1, 44,500 in all" in words
    assert re.search(r"PostgreSQL 18\S*, Python 3\S+, Django \d", words)
    assert html.count('<svg class="totals" ') == html.count('<svg class="cut" ') == 1
    assert '<g class="crossing">' in html
    assert "All 6. account opening should be is off by" in words
    assert f"Wrote {tmp_path / 'storm.html'}." in capsys.readouterr().err


def test_html_draws_the_lowest_and_the_highest_and_says_how_many_audits_are_drawn(monkeypatch, storm, capsys):
    monkeypatch.setattr(document, "MAX_AUDITS", 1)  # then only the first is chosen; the second is the torn one

    call_command("report", "last", "--html", "-")

    torn = storm.audits.get(torn=True)
    assert torn.total != 44_500
    assert f"2 audits: from {min(torn.total, 44_500):,} to" in text(capsys.readouterr().out)

    last = storm.audits.order_by("-number").first()
    Storm.objects.update(audit_count=5)
    more = {"bank_id": storm.bank_id, "storm": storm, "status": "taken", "expected_total": 44_500, "total": 44_500}
    Audit.objects.bulk_create(Audit(number=last.number + place, torn=False, **more) for place in (1, 2, 3))
    call_command("report", "last", "--html", "-")

    assert "2 of 5 audits are drawn, among them the lowest, the highest" in text(capsys.readouterr().out)


def test_html_asks_for_no_other_file(storm, capsys):
    call_command("report", "last", "--html", "-")

    html = capsys.readouterr().out
    assert not re.search(r"<(script|link|img|iframe|a|form)\b|@import|url\((?!#)|https?://", html)


def test_html_unfolds_its_long_tables_for_the_printer(capsys):
    many = torn.launched_storm(transfer_count=40, account_count=30)
    before = torn.read(many.bank)
    torn.apply(many, many.transfers.all())
    audit = torn.keep_audit(many, [*before[:15], *torn.read(many.bank)[15:]])

    call_command("report", "last", "--html", "-")

    html = capsys.readouterr().out
    assert html.count("<details") == len(re.findall(r"<details[^>]* open>", html)) == 3
    assert all(f"<td>{seen['transfer']}</td>" in html for seen in audit.explanation["half_seen"])
    assert not re.search(r"<(script|link|img|iframe|a|form)\b|https?://", html)


def test_html_of_several_storms_has_their_comparison_and_a_section_for_each(storm, capsys):
    other = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=1, audit_count=0)
    launch(other, queue="nowhere")

    call_command("report", str(storm.pk), "last", str(storm.pk), "--html", "-")

    html = capsys.readouterr().out
    assert html.count("<section>") == 2
    assert html.count('class="verdict ') == 2
    assert "It is running: this is how far it had come." in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_html_escapes_markup(storm, capsys):
    Storm.objects.filter(pk=storm.pk).update(reason="<script>alert(1)</script>")

    call_command("report", "last", "--html", "-")

    assert "<script" not in capsys.readouterr().out


def test_json_and_csv_hold_the_reports(storm, tmp_path):
    call_command("report", "last", "--json", str(tmp_path / "a.json"), "--csv", str(tmp_path / "a.csv"))

    report = json.loads((tmp_path / "a.json").read_text())
    assert report["storms"][0]["audits"]["torn"] == 1
    assert report["versions"]["PostgreSQL"].startswith("18")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text()))
    assert (row["id"], row["audits.torn"]) == (str(storm.pk), "1")


def test_without_an_option_it_is_printed(storm, capsys):
    call_command("report", "last")

    assert "torn audits" in capsys.readouterr().out


def test_error_file_that_is_there_already_is_left_alone_unless_forced(storm, tmp_path):
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
def test_error_file_that_cannot_be_written(name, sentence, storm):
    with pytest.raises(CommandError) as refusal:
        call_command("report", "last", "--html", name)

    assert str(refusal.value).startswith(sentence)


def test_error_storm_that_is_not_there():
    with pytest.raises(CommandError, match="There is no storm '12'"):
        call_command("report", "12")


# The button.


def report_url(*pks: int) -> str:
    return f"{reverse('admin:accounts_storm_report')}?storms={','.join(map(str, pks))}"


def test_storm_s_page_and_the_comparison_have_a_button_that_downloads(storm, client):
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_storm"))
    client.force_login(viewer)
    address = report_url(storm.pk)
    for page in (
        reverse("admin:accounts_storm_change", args=[storm.pk]),
        f"/admin/accounts/storm/compare/?like={storm.pk}",
    ):
        assert address in client.get(page).content.decode()

    response = client.get(address)

    assert response.headers["Content-Disposition"] == f'attachment; filename="storm-{storm.pk}.html"'
    assert "It is torn" in response.content.decode()


def test_error_download_without_the_permission_or_without_a_storm(storm, client, admin_client):
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get(report_url(storm.pk)).status_code == 403

    response = admin_client.get(report_url(777_777), follow=True)

    assert "There is no such storm to report." in response.content.decode()


def test_download_of_a_stopped_storm_judges_it(admin_client):
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=3, audit_count=1)
    launch(storm, queue="nowhere")
    end_storm(storm, Storm.State.STOPPED, "Enough.")

    content = admin_client.get(report_url(storm.pk)).content.decode()

    assert "It was not finished: it is stopped." in content


def test_report_of_a_storm_that_has_not_ended_is_not_kept(admin_client, capsys):
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=3, audit_count=1)
    launch(storm, queue="nowhere")
    for state in ("running", "planned"):
        Storm.objects.update(state=state)

        assert f"It is {state}: this is how far it had come." in admin_client.get(report_url(storm.pk)).content.decode()
        call_command("report", "last", "--json", "-")

        assert json.loads(capsys.readouterr().out)["storms"][0]["transfers"]["pending"] == 3
        storm.refresh_from_db()
        assert storm.report is None

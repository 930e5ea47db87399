"""Reports for handing in: complete in themselves, written by a command and by a button, never over another file."""

import json
import re
from datetime import datetime, timezone

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Audit, Storm
from accounts.reporting import document
from accounts.storms import jobs
from accounts.storms.launch import launch, plan_storm
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


def test_html_says_what_was_run_and_its_result(storm, tmp_path, capsys):
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


def test_html_says_its_own_time_in_utc(monkeypatch, settings, storm):
    """It may be read anywhere."""
    settings.TIME_ZONE = "Asia/Tokyo"
    made_at = datetime(2026, 1, 1, 20, 30, tzinfo=timezone.utc)
    monkeypatch.setattr(document.timezone, "now", lambda: made_at)

    assert "Torn Totals, 2026-01-01 20:30 UTC," in document.as_html([storm])


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


# The button.


def report_url(*pks: int) -> str:
    return f"{reverse('admin:accounts_storm_report')}?storms={','.join(map(str, pks))}"


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

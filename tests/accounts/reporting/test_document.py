"""A report for handing in is complete in itself."""

import json
import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Audit, Storm
from accounts.reporting import document
from tests.support.storms import apply, keep_audit, launched_storm, read

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


def text(html: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL).split())


def test_html_shows_the_plan_and_the_result(torn_storm, tmp_path, capsys):
    call_command("report", "last", "--html", str(tmp_path / "storm.html"))

    html = (tmp_path / "storm.html").read_text()
    words = text(html)
    assert "It is torn: the money is right, and 1 of 2 audits are not." in words
    assert "3 transfers of 1 to 100, 2 audits, 6 accounts with 44,500 in all, seed 1" in words
    assert re.search(r"PostgreSQL 18\S*, Python 3\S+, Django \d", words)
    assert html.count("<svg") == 2
    assert '<g class="crossing">' in html
    assert "All 6. account opening should be is off by" in words
    assert f"Wrote {tmp_path / 'storm.html'}." in capsys.readouterr().err


def test_html_draws_the_extremes_and_counts_what_is_drawn(monkeypatch, torn_storm, capsys):
    monkeypatch.setattr(document, "MOST_AUDITS", 1)  # then only the first is chosen; the second is the torn one

    call_command("report", "last", "--html", "-")

    torn = torn_storm.audits.get(torn=True)
    assert torn.total != 44_500
    assert f"2 audits in the order of the plan, from {min(torn.total, 44_500):,} to" in text(capsys.readouterr().out)

    last = torn_storm.audits.order_by("-number").first()
    Storm.objects.update(audit_count=5)
    more = {
        "bank_id": torn_storm.bank_id,
        "storm": torn_storm,
        "status": "taken",
        "expected_total": 44_500,
        "total": 44_500,
    }
    Audit.objects.bulk_create(Audit(number=last.number + place, torn=False, **more) for place in (1, 2, 3))
    call_command("report", "last", "--html", "-")

    assert "2 of 5 audits are drawn, among them the lowest, the highest" in text(capsys.readouterr().out)


def test_html_loads_nothing_from_elsewhere(torn_storm, capsys):
    call_command("report", "last", "--html", "-")

    html = capsys.readouterr().out
    assert not re.search(r"<(script|link|img|iframe|a|form)\b|@import|url\((?!#)|https?://", html)


def test_html_unfolds_its_long_tables_for_the_printer(capsys):
    many = launched_storm(transfer_count=40, account_count=30)
    before = read(many.bank)
    apply(many, many.transfers.all())
    audit = keep_audit(many, [*before[:15], *read(many.bank)[15:]])

    call_command("report", "last", "--html", "-")

    html = capsys.readouterr().out
    assert html.count("<details") == html.count("<details open>") == 2
    assert all(f"<td>{seen['transfer']}</td>" in html for seen in audit.explanation["half_seen"])
    assert not re.search(r"<(script|link|img|iframe|a|form)\b|https?://", html)


def test_html_of_several_storms_has_their_comparison_and_a_section_for_each(torn_storm, capsys):
    launched_storm(audit_with="row_lock", transfer_count=1, audit_count=0)

    call_command("report", str(torn_storm.pk), "last", str(torn_storm.pk), "--html", "-")

    html = capsys.readouterr().out
    assert html.count("<section>") == 2
    assert html.count('class="verdict') == 2
    assert "It is running: this is how far it had come." in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_html_escapes_markup(torn_storm, capsys):
    Storm.objects.filter(pk=torn_storm.pk).update(reason="<script>alert(1)</script>")

    call_command("report", "last", "--html", "-")

    assert "<script" not in capsys.readouterr().out


# The button.


def report_url(*pks: int) -> str:
    return f"{reverse('admin:accounts_storm_report')}?storms={','.join(map(str, pks))}"


def test_report_of_a_storm_that_has_not_ended_is_not_kept(admin_client, capsys):
    storm = launched_storm(transfer_count=3)
    for state in ("running", "planned"):
        Storm.objects.update(state=state)

        page = admin_client.get(report_url(storm.pk)).content.decode()
        assert f"It is {state}: this is how far it had come." in page
        call_command("report", "last", "--json", "-")

        assert json.loads(capsys.readouterr().out)["storms"][0]["transfers"]["pending"] == 3
        storm.refresh_from_db()
        assert storm.report is None

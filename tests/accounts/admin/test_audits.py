"""An audit's page: what kind it is, its cut as a picture, the same as tables, and as a schedule on request."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from django.urls import reverse

from accounts.admin.links import moment
from accounts.models import Audit, Bank, SavedExploration, Storm, Transfer
from accounts.storms.report_text import facts
from tests.support.explorations import wait_for_explorations
from tests.support.pages import log_in_with
from tests.support.storms import apply, keep_audit, launched_storm, read, torn_audit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def torn() -> Audit:
    return torn_audit()


def cross(storm: Storm) -> None:
    """Plan two transfers of the same amount, from account 1 to 2 and from 3 to 4."""
    pks = storm.bank.account_pks
    for transfer, (source, target) in zip(storm.transfers.order_by("pk"), ((0, 1), (2, 3)), strict=True):
        Transfer.objects.filter(pk=transfer.pk).update(source=pks[source], target=pks[target], amount=50)


@pytest.fixture
def lucky() -> Audit:
    """It saw one transfer of 50 as missing, and another one as too much."""
    storm = launched_storm(transfer_count=2)
    cross(storm)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    after = read(storm.bank)
    return keep_audit(storm, [before[0], after[1], after[2], before[3], *after[4:]])


def url(audit: Audit, name: str = "change") -> str:
    return reverse(f"admin:accounts_audit_{name}", args=[audit.pk])


def page(client, audit: Audit) -> str:
    return " ".join(client.get(url(audit)).content.decode().split())


def test_torn_audit_is_drawn_as_a_cut_that_an_arrow_crosses(torn, admin_client):
    content = page(admin_client, torn)

    assert (
        f"Torn: 77 was counted twice. Account 1 was read before transfer {Transfer.objects.get().pk}, account 6"
        in content
    )
    assert content.count('<g class="crossing">') == 1
    assert re.search(r'<svg class="cut"[^>]* role="img" aria-labelledby="cut-title-\d+ cut-text-\d+"', content)


def test_numbers_of_the_picture_are_in_tables(torn, admin_client):
    words = " ".join(re.sub(r"<[^>]+>", " ", page(admin_client, torn)).split())
    moved = Transfer.objects.get().pk

    assert f"{moved} 1 6 77 6 +77 shown above seen on one account only: 1 +77 the audit is off by +77" in words
    assert f"1 5,000 opening {moved}" in words  # read at its opening; next comes the transfer


def test_half_seen_transfer_is_told_as_a_timeline(torn, admin_client):
    words = " ".join(re.sub(r"<[^>]+>", " ", page(admin_client, torn)).split())

    assert (
        "1 reads account 1: 5,000, before the transfer 2 moves 77 from 1 to 6 3 reads account 6: 9,077, after" in words
    )


def test_another_half_seen_transfer_can_be_told(lucky, admin_client):
    first, second = Transfer.objects.order_by("pk")

    for transfer in (first, second):
        content = admin_client.get(url(lucky), {"transfer": transfer.pk}).content.decode()
        assert f'<h2 id="order">Transfer {transfer.pk} as the audit saw it' in content
        other = second if transfer == first else first
        assert re.findall(r'<a href="\?transfer=(\d+)#order">show its order</a>', content) == [str(other.pk)]


def test_audit_that_is_right_by_luck_says_so(lucky, admin_client):
    content = page(admin_client, lucky)

    assert "Torn, and right by luck: 2 transfers were seen on one account only, and they cancel out." in content
    assert content.count('<g class="crossing">') == 2


def test_whole_audit_is_drawn_without_a_crossing_arrow(admin_client):
    storm = launched_storm(transfer_count=3)
    apply(storm, storm.transfers.all())
    content = page(admin_client, keep_audit(storm, read(storm.bank)))

    assert "Right: it saw each transfer on both of its accounts, or on neither." in content
    assert "It read 44,500, and 44,500 was expected." in content
    assert "What the audit is off by" not in content
    assert '<g class="seen">' in content
    assert '<g class="crossing">' not in content


def test_whole_audit_of_money_that_drifted_blames_the_lost_updates(admin_client):
    storm = launched_storm(transfer_count=2, transfer_with="no_transaction")
    cross(storm)
    first, second = storm.transfers.order_by("pk")
    Transfer.objects.filter(pk=second.pk).update(source=first.source, target=first.target)
    apply(storm, [first])
    storm.bank.accounts.filter(pk=first.source_id).update(balance=5000, last_transfer=None)  # not seen by the second
    apply(storm, [second])
    content = page(admin_client, keep_audit(storm, read(storm.bank)))

    assert "Not torn: the money is wrong, not the audit. 1 update lost by then makes the total 50 too high." in content
    assert "seen on one account only:</th>" not in content


def test_audit_without_readings_is_unknown(admin_client):
    storm = launched_storm(transfer_count=1, audit_with="single_sum")
    apply(storm, storm.transfers.all())
    content = page(admin_client, keep_audit(storm, 44_500))

    assert "It kept only its sum, not what it read: whether it is torn is not known." in content
    assert "<svg class=" not in content


def test_failed_audit_says_why(admin_client):
    audit = keep_audit(launched_storm(transfer_count=1), None, status="failed", reason="Deadlock <40P01>")

    assert "It failed, and read nothing: Deadlock &lt;40P01&gt;" in page(admin_client, audit)


def test_audit_of_a_running_storm_is_not_judged_yet(admin_client):
    storm = launched_storm(transfer_count=1)

    assert "It has not been checked yet" in page(admin_client, keep_audit(storm, read(storm.bank)))


def test_account_that_was_not_read_is_named(admin_client):
    storm = launched_storm(transfer_count=1)
    apply(storm, storm.transfers.all())
    audit = keep_audit(storm, read(storm.bank)[:5])  # not account 6, into which a transfer paid 77
    content = page(admin_client, audit)
    in_the_list = admin_client.get(reverse("admin:accounts_audit_changelist")).content.decode()
    storm.refresh_from_db()

    assert audit.torn is False
    assert "Incomplete: it did not read account 6, which makes the total 9,077 too low." in content
    assert "incomplete: did not read account 6 (9,077 short)" in content
    assert 'accounts that were not read: 1</th><td class="number">-9,077</td>' in content
    assert "seen on one account only:" not in content
    assert "not read</text>" in content
    assert '<td class="field-judgement">incomplete</td>' in in_the_list
    assert dict(facts(storm.report))["torn audits"] == "0 of 1, 1 incomplete"


def test_audit_that_skipped_an_account_with_no_money_is_incomplete_and_right_by_luck(admin_client):
    storm = launched_storm(transfer_count=1)
    storm.bank.accounts.filter(number=6).update(opening_balance=0, balance=0)
    Bank.objects.filter(pk=storm.bank_id).update(opening_total=35_500)
    storm.transfers.update(target=storm.bank.account_pks[1])
    apply(storm, storm.transfers.all())
    content = page(admin_client, keep_audit(storm, read(storm.bank)[:5], expected_total=35_500))

    assert "Incomplete: it did not read account 6, which held nothing." in content
    assert "incomplete: did not read account 6 (which held nothing). The total is right by luck." in content


def test_readings_are_shown_once_also_of_accounts_that_are_not_drawn(admin_client):
    storm = launched_storm(transfer_count=40, account_count=30)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    content = page(admin_client, keep_audit(storm, [*before[:15], *read(storm.bank)[15:]]))

    tables = content.partition("What it read, and what came next")[2]
    assert sorted(map(int, re.findall(r'<th scope="row">(\d+)</th>', tables))) == list(range(1, 31))
    assert "20 more accounts" in content
    assert "field-its_readings" not in content


def test_readings_of_an_audit_that_is_not_judged_are_shown(admin_client):
    storm = launched_storm(transfer_count=1)
    words = " ".join(re.sub(r"<[^>]+>", " ", page(admin_client, keep_audit(storm, read(storm.bank)))).split())

    assert "What it read account read written by transfer 1 5,000 opening" in words


def test_long_table_is_folded_after_ten_rows_and_its_sum_is_in_sight(admin_client):
    storm = launched_storm(transfer_count=40, account_count=30)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    audit = keep_audit(storm, [*before[:15], *read(storm.bank)[15:]])
    count = len(audit.explanation["half_seen"])
    content = page(admin_client, audit)

    in_sight, fold, _rest = content.partition("<details>")
    assert count > 12
    assert in_sight.count("#order") + in_sight.count("shown above") == 10
    assert "the audit is off by" in in_sight
    assert f"{fold}<summary>{count - 10} more transfers</summary>" in content


def test_storm_and_the_torn_audits_before_and_after_are_linked_at_the_top(admin_client):
    storm = launched_storm(transfer_count=2, audit_count=4)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    late = read(storm.bank)
    torn = [before[0], *late[1:]]
    first, _whole, second, third = (keep_audit(storm, late if n == 1 else torn, number=n) for n in range(4))

    def links(audit: Audit) -> list[tuple[str, str]]:
        top = page(admin_client, audit).partition('<nav class="onward"')[2].partition("</nav>")[0]
        return [(text, address) for address, text in re.findall(r'<a href="([^"]+)">([^<]+)</a>', top)]

    its_storm = (str(storm), reverse("admin:accounts_storm_change", args=[storm.pk]))
    assert links(first) == [its_storm, ("next torn audit", url(second))]
    assert links(second) == [its_storm, ("previous torn audit", url(first)), ("next torn audit", url(third))]
    assert links(third) == [its_storm, ("previous torn audit", url(second))]


def test_page_says_when_an_audit_began_and_how_long_it_took(torn, admin_client):
    began = torn.storm.started_at
    torn.started_at, torn.ended_at = began + timedelta(seconds=1.25), began + timedelta(seconds=1.2625)
    torn.save()

    assert "second 1.250 of the storm, took 12.5 ms" in page(admin_client, torn)


def test_page_of_a_transfer_begins_with_what_it_moved(torn, admin_client):
    content = admin_client.get(reverse("admin:accounts_transfer_change", args=[Transfer.objects.get().pk])).content

    rows = re.findall(r"form-row field-(\w+)", content.decode())
    assert rows[:4] == ["source", "target", "amount", "status"]
    assert "started_at" not in rows
    assert "of the storm, took" in content.decode()


def test_page_of_a_transfer_that_has_not_begun_says_so(admin_client):
    pending = launched_storm(transfer_count=1).transfers.get()

    content = admin_client.get(reverse("admin:accounts_transfer_change", args=[pending.pk])).content.decode()

    assert "It has not begun." in content


@pytest.mark.parametrize("account_count", [2, 300])
def test_page_draws_few_lanes_and_needs_few_queries(account_count, admin_client, django_assert_max_num_queries):
    storm = launched_storm(transfer_count=40, account_count=account_count)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    audit = keep_audit(storm, [*before[: account_count // 2], *read(storm.bank)[account_count // 2 :]])

    with django_assert_max_num_queries(15):
        content = page(admin_client, audit)

    assert 2 <= content.count('class="lane"') <= 12


def test_page_escapes_markup(torn, admin_client):
    torn.explanation["story"] = "<script>alert(1)</script>"
    torn.save()

    assert "<script>alert" not in page(admin_client, torn)


# As a schedule.


def test_half_seen_transfer_is_explored_in_a_scratch_bank_by_those_who_may(torn, admin_client):
    banks = Bank.objects.count()

    response = admin_client.post(url(torn, "schedules"), {"transfer": Transfer.objects.get().pk}, follow=True)

    wait_for_explorations()
    saved = SavedExploration.objects.get()
    assert (saved.transfers, saved.processes, saved.report["torn"], saved.report["schedules"]) == (
        "1>2:77",
        "separate",
        4,
        35,
    )
    assert response.redirect_chain[-1][0] == reverse("admin:accounts_savedexploration_change", args=[saved.pk])
    assert Bank.objects.count() == banks


def test_error_schedule_of_a_transfer_that_was_not_half_seen(torn, admin_client):
    for transfer in ("0", "x", "", "9" * 5000):
        response = admin_client.post(url(torn, "schedules"), {"transfer": transfer}, follow=True)

        assert f"is none that audit {torn.pk}" in response.content.decode()
    assert not SavedExploration.objects.exists()


def test_error_schedule_without_the_permission_to_explore(torn):
    client = log_in_with("view_audit")

    assert "See it as a schedule" not in page(client, torn)
    assert client.post(url(torn, "schedules"), {"transfer": Transfer.objects.get().pk}).status_code == 403
    assert not SavedExploration.objects.exists()


def test_error_schedule_is_asked_for_by_post_only(torn, admin_client):
    assert admin_client.get(url(torn, "schedules")).url == url(torn)


def test_audit_s_page_tells_the_story_and_links_what_was_half_seen(torn, admin_client):
    content = admin_client.get(f"/admin/accounts/audit/{Audit.objects.get().pk}/change/").content.decode()

    assert "account 6 after the 77 had arrived: 77 too much.</p>" in content
    assert "Read skew (A5A, G-single): one reader saw some writes of a transaction, and not its others." in content
    moved = Transfer.objects.get().pk
    assert f'<a href="/admin/accounts/transfer/{moved}/change/">{moved}</a>' in content


def test_moment_of_an_audit_whose_storm_has_not_begun_is_said_in_the_time_of_the_pages(torn, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    torn.storm.started_at = None
    torn.started_at, torn.ended_at = datetime(2026, 1, 1, 20, 30, tzinfo=timezone.utc), None

    assert moment(torn) == "2026-01-02 05:30:00, its end was not recorded"

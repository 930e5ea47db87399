"""On real workers: every error of every audit is explained to the cent, and a checker from outside agrees."""

import json

import pytest
from django.core.management import CommandError, call_command

from accounts import strategies
from accounts.cluster.subprocesses import Cluster
from accounts.models import Audit, Storm, Transfer
from accounts.reporting.explain import explain_storm
from accounts.storms.follow import follow
from accounts.storms.launch import launch, plan_storm
from accounts.storms.report import report_on

pytestmark = pytest.mark.django_db(transaction=True)

# Every transfer under the weakest audit, and every audit over the weakest transfer.
# (`manage.py compare --all` runs every pair, and marks a cell in which an error is not explained.)
PAIRS = sorted(
    {
        *((name, "no_lock") for name in strategies.names("transfer")),
        *(("no_transaction", name) for name in strategies.names("audit")),
    }
)


def run_on(cluster: Cluster, **choices) -> Storm:
    storm = plan_storm(**{"transfer_count": 60, "audit_count": 8, **choices})
    launch(storm, queue=cluster.queue)
    for _progress in follow(storm, cluster):
        pass
    return storm


def test_every_error_is_explained_to_the_cent_and_an_outside_checker_agrees(check_independently):
    with Cluster(queue="all-pairs", worker_count=4) as cluster:
        for transfer_with, audit_with in PAIRS:
            storm = run_on(cluster, transfer_with=transfer_with, audit_with=audit_with)
            report, explained = report_on(storm), explain_storm(storm)

            pair = f"{transfer_with} x {audit_with}"
            assert explained["unexplained"] == 0, pair
            known = [audit for audit in explained["audits"] if audit["explained"] is not None]
            assert all(audit["explained"] == audit["error"] for audit in known), pair
            assert len(known) == len(explained["audits"]) or audit_with == "single_sum", pair
            assert explained["drift"] == report.drift, pair
            assert report.drift == -sum(lost["amount"] for lost in explained["lost_updates"]), pair
            for account in explained["accounts"]:
                assert account["off_by"] == sum(part["amount"] for part in account["because"]), pair
            verdict = check_independently(storm)
            assert verdict.read_count == report.audits.taken - report.audits.torn_unknown, pair
            assert verdict.wrong_total_count == report.audits.wrong_total or audit_with == "single_sum", pair


def test_explain_tells_the_story_of_a_torn_audit(torn, capsys):
    call_command("explain", "last")

    out = " ".join(capsys.readouterr().out.split())
    moved, audit = Transfer.objects.get(), Audit.objects.get()
    assert (
        f"Worst: Audit {audit.pk} read 44,577, expected 44,500: read account 1 before transfer {moved.pk} "
        "(77 from 1 to 6) left, and account 6 after the 77 had arrived: 77 too much."
    ) in out
    assert "Explained to the cent: all 1 audits" in out


def test_explain_as_json_names_what_was_half_seen(torn, capsys):
    call_command("explain", str(torn.pk), "--json")

    explained = json.loads(capsys.readouterr().out)
    (audit,) = explained["audits"]
    assert {key: audit[key] for key in ("id", "total", "error", "explained", "half_seen", "lost_updates")} == {
        "id": Audit.objects.get().pk,
        "total": 44_577,
        "error": 77,
        "explained": 77,
        "half_seen": [{"transfer": Transfer.objects.get().pk, "seen_on": 6, "amount": 77}],
        "lost_updates": 0,
    }
    assert audit["anomalies"] == ["read skew (A5A, G-single)"]
    assert explained["confusion"]["torn_wrong"] == 1


def test_explain_one_audit(torn, capsys):
    call_command("explain", "last", "--audit", str(Audit.objects.get().pk))

    assert "was seen on account 6 only: +77" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none"], "A storm cannot be 'none': give its number, or \"last\"."),
        (["999999999"], "There is no storm '999999999': "),
        (["9" * 40], "A storm cannot be '999"),
        (["last"], "There is no storm 'last': none has been launched yet; `manage.py storm` launches one."),
    ],
)
@pytest.mark.parametrize("command", ["explain", "history"])
def test_error_storm_that_is_not_there(command, arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        call_command(command, *arguments)

    assert str(refusal.value).startswith(sentence)


def test_audit_s_page_tells_the_story_and_links_what_was_half_seen(torn, admin_client):
    content = admin_client.get(f"/admin/accounts/audit/{Audit.objects.get().pk}/change/").content.decode()

    assert "account 6 after the 77 had arrived: 77 too much.</p>" in content
    assert "Read skew (A5A, G-single): one reader saw some writes of a transaction, and not its others." in content
    moved = Transfer.objects.get().pk
    assert f'<a href="/admin/accounts/transfer/{moved}/change/">{moved}</a>' in content


def test_error_audit_that_is_not_wrong(torn):
    with pytest.raises(CommandError, match="Audit 0 is not among the 1 wrong or torn audits"):
        call_command("explain", "last", "--audit", "0")

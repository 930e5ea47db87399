"""Every page of ours: nothing wider than the window, pictures and tables that can be read aloud, no complaint.

And no violation of a rule of axe-core, in both themes.
"""

import re
from urllib.parse import urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.admin.schedules import explore_half_seen
from accounts.labs import records
from accounts.labs.catalogue import all_labs, find_lab
from accounts.labs.verdict import LabVerdict
from accounts.models import IsolationMatrix, LabRecord, SceneRecord, Storm, Transfer
from accounts.storms.background_launch import launch_in_a_row
from accounts.storms.launch import plan_storm
from tests.support.explorations import wait_for_explorations
from tests.support.labs import SHOWN, VERDICT
from tests.support.layout import LAYOUT, PRINTED
from tests.support.matrix import CELL
from tests.support.storms import (
    apply,
    keep_audit,
    launched_storm,
    read,
    storm_with_lost_updates,
    torn_audit,
    wait_for_plans,
)
from tests.support.thorough import THOROUGH, every

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

# A projector, a laptop, a laptop beside a terminal, and a phone; which is less than half of that, at 200 % zoom.
WIDTHS = (1920, 1280, 1024, 390)
SCHEMES = ("light", "dark")


def pages() -> list[str]:
    """Every page of ours, with something on it: all kinds of audits, a running storm, an exploration."""
    audit = torn_audit()
    running = launched_storm(transfer_count=2)
    failed = launched_storm(transfer_count=1)
    broken = keep_audit(failed, None, status="failed", reason="DeadlockDetected: deadlock detected " * 9)
    Storm.objects.filter(pk=failed.pk).update(state="failed", reason="<b>The workers ended</b> " * 9)
    many = launched_storm(transfer_count=40, account_count=400, max_amount=1000)
    before = read(many.bank)
    apply(many, many.transfers.all())
    crowded = keep_audit(many, [*before[:200], *read(many.bank)[200:]])
    lost = storm_with_lost_updates(on_top=3)
    saved = explore_half_seen(audit, Transfer.objects.order_by("pk").first().pk)
    wait_for_explorations()
    return [
        "/admin/",
        *(
            f"/admin/accounts/{model}/"
            for model in ("storm", "audit", "transfer", "account", "bank", "savedexploration")
        ),
        *(reverse("admin:accounts_storm_change", args=[storm.pk]) for storm in (audit.storm, running, failed, many)),
        *(reverse("admin:accounts_audit_change", args=[one.pk]) for one in (audit, broken, crowded)),
        *(reverse("admin:accounts_transfer_lost", args=[transfer.pk]) for transfer in every(3, lost.transfers.all())),
        reverse("admin:accounts_storm_change", args=[lost.pk]),
        reverse("admin:accounts_storm_add"),
        reverse("admin:accounts_storm_compare"),
        reverse("admin:accounts_savedexploration_add"),
        reverse("admin:accounts_savedexploration_change", args=[saved.pk]),
        *lab_pages(),
        *scene_pages(),
        *vote_pages(),
        *matrix_pages(),
        reverse("admin:accounts_storm_words"),
        f"{reverse('admin:accounts_savedexploration_step', args=[saved.pk])}?schedule=t+t+a&step=2",
    ]


def matrix_pages() -> list[str]:
    """The isolation matrix while it runs, and its only cell."""
    IsolationMatrix.objects.create(cells=[CELL])
    return [reverse("admin:isolation_matrix"), reverse("admin:isolation_cell", args=[CELL["row"], CELL["anomaly"]])]


def vote_pages() -> list[str]:
    """A lecture whose first scene waits, on many processes with many threads each."""
    scene = plan_storm(transfer_with="python_lock", audit_with="advisory_lock", worker_count=16, thread_count=16)
    launch_in_a_row([scene, plan_storm(transfer_with="row_lock", audit_with="no_lock")], queue="nowhere", by_hand=True)
    wait_for_plans()
    vote = reverse("admin:accounts_storm_vote", args=[scene.pk])
    storm = reverse("admin:accounts_storm_change", args=[scene.pk])
    return [vote, storm, f"{storm}?bars=shown", f"{reverse('admin:labs_board')}?answers=yes"]


def lab_pages() -> list[str]:
    """Labs that were run, checked, neither, and that wait to be run; and a board with a long name."""
    lab = find_lab(2)
    LabRecord.objects.create(student="admin", lab=4, prediction={}, shown_at=timezone.now())
    guesses = {"threads": "yes", "outside": "no", "processes": "no"}
    run = {"truth": guesses, "shown": SHOWN, "shown_at": timezone.now()}
    LabRecord.objects.create(student="admin", lab=3, prediction=guesses, **run)
    for student in ("admin", "W" * 60):
        record = records.record_of(student, lab)
        records.predict(record, lab, {"torn": "yes", "end": "no", "blocked": "no"})
        records.keep(record, LabVerdict.from_values(VERDICT))
    more = [one for one in all_labs() if one.number not in (2, 3, 4)]  # with other texts, and nothing else
    others = [reverse("admin:labs_lab", args=[one.number]) for one in (*map(find_lab, (2, 3, 4)), *every(5, more))]
    asked = f"{reverse('admin:labs_lab', args=[2])}?student={'W' * 60}"
    board = reverse("admin:labs_board")
    return [reverse("admin:labs"), *others, asked, board, f"{board}?names=yes", f"{board}?lab=2&names=yes"]


def scene_pages() -> list[str]:
    """The scenes: at the beginning, while one waits, won, lost, and proved to be impossible."""
    keep = SceneRecord.objects.create
    keep(student="admin", scene="deadlock", lost_at=timezone.now(), shown_at=timezone.now())
    keep(student="admin", scene="one-select", won_at=timezone.now())
    played = [
        ("half-a-transfer", ""),
        ("half-a-transfer", "t t a"),
        ("all-join-in", "t a"),
        ("a-lock-for-each-process", "a a t t t t t t a a"),
    ]
    played += [("deadlock", "t1 t2 t1"), ("one-select", "t")]
    play = [f"{reverse('admin:scenes_play', args=[name])}?{urlencode({'schedule': words})}" for name, words in played]
    return [reverse("admin:scenes"), *play]


def check_layout(visit, schemes: tuple[str, ...] = SCHEMES) -> None:
    for width in WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": 768})
        visit.complaints += [f"{visit.page.url}: {wrong}" for wrong in visit.page.evaluate(LAYOUT)]
    visit.complaints += [f"{visit.page.url}: {wrong}" for wrong in on_paper(visit.page)]
    said_before = [*visit.complaints]  # axe tries out styles, which the Content-Security-Policy of the page refuses
    found = [f"{visit.page.url} ({scheme}): {wrong}" for scheme in schemes for wrong in violations(visit.page, scheme)]
    visit.complaints[:] = said_before + found


def on_paper(page: Page) -> list[str]:
    """What is wrong with the page if it is printed out of the dark theme, on A4 (at 96 pixels an inch)."""
    page.set_viewport_size({"width": 794, "height": 1123})
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    page.evaluate("document.getAnimations().forEach((fading) => fading.finish())")
    found = page.evaluate(PRINTED)
    page.emulate_media(media="screen")
    page.evaluate("document.documentElement.dataset.theme = 'auto'")
    return list(found)


def violations(page: Page, scheme: str) -> list[str]:
    """What axe-core finds in this theme: each rule with the elements that break it.

    Not asked about is Django's own search box: its label is a picture.
    """
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.getAnimations().forEach((fading) => fading.finish())")  # colours fade into others
    found = Axe().run(page, {"exclude": [["#searchbar"]]}, {"resultTypes": ["violations"], "preload": False})
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found.response["violations"]]


def test_no_page_is_too_wide_or_without_names_or_complains(open_page):
    addresses = pages()
    visit = open_page(addresses[0], device_scale_factor=2)

    kinds: list[str] = []
    for address in addresses:
        assert visit.page.goto(address).ok, address
        # axe-core takes half of the time. Pages of one kind share their names, and all pages their colours.
        kind = resolve(urlsplit(address).path).view_name
        is_new = kind not in kinds
        kinds += [kind] * is_new
        is_third = is_new and len(kinds) % 3 == 1
        check_layout(visit, SCHEMES if THOROUGH else SCHEMES[len(kinds) % 2 :][:is_third])
    visit.page.goto(next(address for address in addresses if "savedexploration" in address and "change" in address))
    visit.page.get_by_role("link", name="Step by hand", exact=True).click()
    expect(visit.page.locator("form.presses")).to_be_visible()
    check_layout(visit)

    assert visit.complaints == []


AUDIT = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const text = (cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getBoundingClientRect().top;
  };
  const svg = document.querySelector("svg.cut");
  return {
    scale: box("svg.cut").width / svg.viewBox.baseVal.width,
    feet: [...document.querySelectorAll("tfoot tr")].map((row) => text(row.cells[0]) - text(row.cells[1])),
    caption: parseFloat(getComputedStyle(document.querySelector(".scroll caption")).paddingBottom),
    order: box("#order").top,
  };
}"""


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("width", [1024, 512])
def test_cut_keeps_its_size_and_the_order_of_another_transfer_is_in_sight(open_page, width):
    storm = launched_storm(transfer_count=40, account_count=20)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    audit = keep_audit(storm, [*before[:10], *read(storm.bank)[10:]])
    page = open_page(
        reverse("admin:accounts_audit_change", args=[audit.pk]), viewport={"width": width, "height": 768}
    ).page

    page.get_by_role("link", name="show its order").first.click()
    page.wait_for_url("**/?transfer=*#order")
    seen = page.evaluate(AUDIT)

    assert seen["scale"] == 1
    assert all(abs(apart) < 1 for apart in seen["feet"])
    assert seen["caption"] >= 8
    assert 0 <= seen["order"] < 768


MIDDLE_OF_CUT_IS_SEEN = """() => {
  const {left, width} = document.querySelector("polyline.cut-line").getBoundingClientRect();
  const isWide = document.querySelector("svg.cut").clientWidth > innerWidth;
  return isWide && left + width / 2 > 0 && left + width / 2 < innerWidth;
}"""


def test_on_a_phone_the_line_of_the_cut_and_the_outcome_of_a_storm_are_seen_first(open_page):
    storm = launched_storm(transfer_count=40)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    audit = keep_audit(storm, [*before[:3], *read(storm.bank)[3:]])
    phone = {"viewport": {"width": 390, "height": 844}}
    page = open_page(reverse("admin:accounts_audit_change", args=[audit.pk]), **phone).page

    page.wait_for_function(MIDDLE_OF_CUT_IS_SEEN)
    page.goto(reverse("admin:index"))
    verdict = page.get_by_role("columnheader", name="verdict")
    expect(verdict).to_be_visible()
    box = verdict.bounding_box()
    assert box["x"] + box["width"] <= 390


def test_caption_of_a_timeline_does_not_touch_it(open_page):
    page = open_page(reverse("admin:isolation_matrix")).page
    page.evaluate("""() => {
      document.querySelector("main").innerHTML = '<div class="timeline"><table><caption>x</caption></table></div>';
    }""")

    padding = page.evaluate("getComputedStyle(document.querySelector('.timeline caption')).paddingBottom")

    assert padding == "8px"


def test_layout_check_finds_what_is_wrong(open_page):
    page = open_page("/admin/").page
    page.evaluate(
        """() => {
          document.querySelector("main").innerHTML = `<p>wide</p><svg></svg><table><tr><td>1</td></tr></table>
            <table><tr><th></th></tr></table><p>see <a href="/">there</a></p><h1>1</h1><h3>3</h3>
            <b id="x"></b><b id="x"></b><div class="scroll"><p>far</p></div><p id="narrow" class="lab">predicted</p>`;
          const style = (selector, rules) => Object.assign(document.querySelector(selector).style, rules);
          style("main > p", {width: "3000px"});  // in markup, the Content-Security-Policy would not let it be
          style("main p a", {textDecoration: "none"});
          style(".scroll", {width: "9px", overflow: "auto"});
          style(".scroll p", {width: "90px"});
          style("#narrow", {width: "30px", overflowWrap: "anywhere"});
        }"""
    )

    wrong = page.evaluate(LAYOUT)

    assert [sentence.partition(":")[0] for sentence in wrong] == [
        *("wider than 1024 pixels", "a picture without a name", "a table without headings"),
        *("a heading without text", "a link that is not underlined", "a level of headings is left out"),
        *("not scrollable by keyboard", "the word predicted is broken", "the id x is there twice"),
    ]


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize("name", ["404", "400", "403", "500", "403_csrf"])
def test_page_of_an_error_is_laid_out_as_the_others_are(name, open_page, admin_user):
    """Its own address would be a complaint of the browser: so it is shown at the address of another page."""
    request = RequestFactory().get("/admin/")
    request.user = admin_user
    html = render_to_string(f"{name}.html", request=None if name == "500" else request)
    visit = open_page("/admin/")
    visit.page.route("**/admin/", lambda route: route.fulfill(body=html, content_type="text/html"))
    visit.page.goto("/admin/")

    check_layout(visit, SCHEMES if THOROUGH else SCHEMES[:1])

    expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
    assert visit.complaints == []


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ('<p id="faint">pale words</p>', "color-contrast"),
        ('<input type="text">', "label"),
        ('<svg role="img" aria-label="x"><a href="/"><text>y</text></a></svg>', "nested-interactive"),
    ],
)
def test_axe_finds_what_is_wrong_in_both_themes(markup, rule, open_page):
    page = open_page("/admin/").page
    page.evaluate("markup => { document.querySelector('main').innerHTML = `<h1>1</h1>${markup}`; }", markup)
    # (In markup, the Content-Security-Policy would not let a style be.)
    page.evaluate("() => { const p = document.querySelector('#faint'); if (p) p.style.opacity = 0.4; }")

    found = [violations(page, scheme) for scheme in SCHEMES]

    assert [[wrong.partition(":")[0] for wrong in each] for each in found] == [[rule], [rule]]


def test_focus_by_keyboard_is_never_under_the_sticky_button(open_page):
    visit = open_page(reverse("admin:accounts_storm_add"), viewport={"width": 1280, "height": 720})
    page = visit.page
    page.locator("[name=transfer_with][value=no_transaction]").focus()

    hidden = []
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        name, bottom, top_of_row = page.evaluate("""() => [
          document.activeElement.value,
          document.activeElement.getBoundingClientRect().bottom,
          document.querySelector(".submit-row").getBoundingClientRect().top,
        ]""")
        if bottom > top_of_row:
            hidden.append(name)

    assert hidden == []


def test_page_whose_session_has_expired_leads_to_the_login_and_does_not_show_it_inside(open_page):
    running = launched_storm(transfer_count=2)
    page = open_page(reverse("admin:accounts_storm_change", args=[running.pk])).page

    page.context.clear_cookies()

    expect(page).to_have_url(re.compile(f"/admin/login/.next=.*{running.pk}"))
    expect(page.locator("#id_username")).to_have_count(1)

"""Every page of ours, asked for by all kinds of users: anonymous, staff without permissions, students, teachers.

A page that is new fails here until it is listed in PAGES, with who may do what on it.
"""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import permissions
from accounts.models import IsolationMatrix, LabRecord, SavedExploration, SceneRecord
from tests.support.labs import ANSWERS, TRUTH, VERDICT
from tests.support.matrix import CELL
from tests.support.storms import torn_audit
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own

ROLES = ("anonymous", "staff", "student", "teacher")
NONE, TEACHER, BOTH = frozenset(), frozenset({"teacher"}), frozenset({"student", "teacher"})
# A GET of an address that only does something leads to a page that asks for permissions itself.
REDIRECTED = frozenset({"staff", "student", "teacher"})

# Who may GET and who may POST. (A POST to a page that only shows something shows it.)
ROWS_OF_EVIDENCE = {
    f"accounts_{model}_{page}": who
    for model in (
        "bank",
        "account",
        "transfer",
        "audit",
        "storm",
        "savedexploration",
        "labrecord",
        "scenerecord",
        "isolationmatrix",
    )
    for page, who in {
        "changelist": (BOTH, BOTH),
        "history": (BOTH, BOTH),
        "change": (BOTH, NONE),
        "add": (NONE, NONE),
        "delete": (NONE, NONE),
    }.items()
}
PAGES = ROWS_OF_EVIDENCE | {
    "accounts_storm_change": (BOTH, BOTH),
    "accounts_storm_workers": (BOTH, BOTH),
    "accounts_storm_row": (BOTH, BOTH),
    "accounts_storm_compare": (BOTH, BOTH),
    "accounts_storm_words": (BOTH, BOTH),
    "accounts_storm_report": (BOTH, BOTH),
    "accounts_storm_add": (TEACHER, TEACHER),
    "accounts_storm_lecture": (REDIRECTED, TEACHER),
    "accounts_storm_stop": (REDIRECTED, TEACHER),
    "accounts_storm_judge": (REDIRECTED, TEACHER),
    "accounts_storm_next": (REDIRECTED, TEACHER),
    "accounts_storm_vote": (BOTH, frozenset({"student"})),
    "accounts_transfer_lost": (BOTH, BOTH),
    "accounts_audit_schedules": (REDIRECTED, BOTH),
    "accounts_savedexploration_add": (BOTH, BOTH),
    "accounts_savedexploration_change": (BOTH, BOTH),
    "accounts_savedexploration_step": (BOTH, BOTH),
    "accounts_savedexploration_report": (BOTH, BOTH),
    "accounts_labrecord_change": (BOTH, BOTH),
    "accounts_scenerecord_change": (BOTH, BOTH),
    "accounts_isolationmatrix_changelist": (BOTH, BOTH),
    "accounts_isolationmatrix_change": (BOTH, BOTH),
    "isolation_matrix": (BOTH, BOTH),
    "isolation_cell": (BOTH, BOTH),
    "scenes": (BOTH, BOTH),
    "scenes_play": (BOTH, BOTH),
    "labs": (BOTH, BOTH),
    "labs_lab": (BOTH, BOTH),
    "labs_board": (TEACHER, TEACHER),
    "labs_predict": (REDIRECTED, BOTH),
    "labs_hint": (REDIRECTED, BOTH),
    "labs_run": (REDIRECTED, BOTH),
    "labs_hand_in": (REDIRECTED, BOTH),
}
METHODS = ("get", "post")


@pytest.fixture(autouse=True)
def _files_may_be_handed_in(settings) -> None:
    settings.LAB_HAND_IN = True


def patterns(under: Iterable = (), prefix: str = "") -> Iterator[tuple[str | None, str]]:
    """The name and the route of every page of the admin."""
    for pattern in under or admin.site.get_urls():
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern.url_patterns, route)
        else:
            yield pattern.name, route


REPORT = {
    **{"transfer_with": "gone", "audit_with": "gone", "accounts": 2, "transfers": "1>2:30", "audits": 1},
    **{"processes": "shared", "schedules": 1, "exhaustive": True, "about": None, "run": 1, "torn": 0, "error": ""},
    **{"duration_s": 0.1, "witness": None},
}


@pytest.fixture
def addresses() -> dict[str, str]:
    """The address of every page, with something on it."""
    audit = torn_audit()
    exploration = SavedExploration.objects.create(
        **{"transfer_with": "gone", "audit_with": "gone", "transfers": "1>2:30", "account_count": 2, "audit_count": 1},
        state="finished",
        report=REPORT,
        timelines=[
            {"schedule": "t a", "verdict": [], "weight": 1, "steps": [], "stories": [], "balances": {}, "hung": []}
        ],
    )
    objects = {
        **{"audit": audit, "storm": audit.storm, "bank": audit.bank, "account": audit.bank.accounts.first()},
        **{"transfer": audit.storm.transfers.first(), "savedexploration": exploration},
        "labrecord": LabRecord.objects.create(
            student="student", lab=2, prediction=ANSWERS, truth=TRUTH, verdict=VERDICT, checked_at=timezone.now()
        ),
        "isolationmatrix": IsolationMatrix.objects.create(cells=[CELL]),  # it runs, so a press does not run another one
        "scenerecord": SceneRecord.objects.create(student="student", scene="make-it-wait", shown_at=timezone.now()),
    }
    routes = dict(patterns())
    return {name: reverse(f"admin:{name}", args=_arguments(name, routes[name], objects)) for name in PAGES}


def _arguments(name: str, route: str, objects: dict) -> list[int | str]:
    if "<" not in route:
        return []
    if "slug" in route:
        return [CELL["row"], CELL["anomaly"]] if name == "isolation_cell" else ["make-it-wait"]
    return [2] if name.startswith("labs") else [objects[name.split("_")[1]].pk]


def visitor(role: str, **options) -> Client:
    client = Client(**options)
    if role != "anonymous":
        user = User.objects.create_user(role, is_staff=True)
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
    return client


def answer(response) -> str:
    """ "login", "yes", or the status of a refusal."""
    if response.status_code == 302 and response.url.startswith(reverse("admin:login")):
        return "login"
    return "yes" if response.status_code in (200, 302) else str(response.status_code)


def expected(role: str, who: frozenset) -> str:
    if role == "anonymous":
        return "login"
    return "yes" if role in who else "403"


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("role", ROLES)
def test_page_answers_those_who_may_and_refuses_the_others(role, method, addresses):
    client = visitor(role)

    answers = {name: answer(getattr(client, method)(address)) for name, address in addresses.items()}

    assert answers == {name: expected(role, who[METHODS.index(method)]) for name, who in PAGES.items()}


def test_every_page_is_in_the_table():
    ours = [(name, route) for name, route in patterns() if route.startswith("accounts/")]

    assert {name for name, _route in ours if name} == PAGES.keys()
    # What has no name is Django's redirect from a row's old address.
    assert all(re.fullmatch(r"accounts/\w+/<path:object_id>/", route) for name, route in ours if not name)
    assert all(route.startswith("accounts/") for name, route in patterns() if (name or "").startswith("labs"))


@pytest.mark.parametrize("role", ["staff", "student", "teacher"])
def test_users_and_the_queue_are_for_superusers_only(role):
    client = visitor(role)
    others = [name for name, route in patterns() if route.startswith(("auth/", "django_q/")) and "<" not in route]

    assert len(others) >= 12
    assert {name: answer(client.get(reverse(f"admin:{name}"))) for name in others} == dict.fromkeys(others, "403")


def snapshot() -> dict[str, list]:
    """All rows of ours."""
    models = apps.get_app_config("accounts").get_models()
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("role", ROLES if THOROUGH else ["teacher"])
def test_looking_changes_nothing(role, addresses):
    client, before = visitor(role), snapshot()

    for address in addresses.values():
        client.get(address)

    assert snapshot() == before


def test_posts_without_a_token_change_nothing(addresses):
    careless, before = visitor("teacher", enforce_csrf_checks=True), snapshot()

    answers = {name: answer(careless.post(address)) for name, address in addresses.items()}

    assert answers == dict.fromkeys(addresses, "403")
    assert snapshot() == before


def test_posts_with_a_token_are_taken(addresses):
    careful = visitor("teacher", enforce_csrf_checks=True)
    careful.get(addresses["accounts_storm_add"])
    LabRecord.objects.create(student="teacher", lab=2, prediction={})
    token = {"csrfmiddlewaretoken": careful.cookies["csrftoken"].value}

    assert answer(careful.post(addresses["labs_hint"], token)) == "yes"
    assert LabRecord.objects.get(student="teacher").hint_count == 1


@pytest.mark.parametrize(
    ("permission", "names"),
    [
        ("add_storm", {"accounts_storm_add", "accounts_storm_lecture", "accounts_storm_judge", "accounts_storm_next"}),
        ("stop_storm", {"accounts_storm_stop"}),
        ("add_vote", {"accounts_storm_vote"}),
        ("add_savedexploration", {"accounts_savedexploration_step", "accounts_audit_schedules"}),
        ("add_labrecord", {"labs_predict", "labs_hint", "labs_run"}),
        ("grade_labrecord", {"labs_board"}),
        ("hand_in_labrecord", {"labs_hand_in"}),
    ],
)
def test_each_action_has_a_permission_of_its_own(permission, names, addresses):
    """Who may view everything may do this, if given the permission, and nothing else."""
    assert done_by_a_viewer_who_has(addresses, permission) == names


def test_who_may_only_view_may_do_nothing(addresses):
    assert done_by_a_viewer_who_has(addresses) == set()


def done_by_a_viewer_who_has(addresses: dict[str, str], *codenames: str) -> set[str]:
    """The pages that do something, and do it for one who has these permissions, and all to view."""
    acting = [name for name, (get, post) in PAGES.items() if get != BOTH or post != BOTH]
    acting += ["accounts_savedexploration_step"]
    client = visitor("staff")
    ours = Permission.objects.filter(content_type__app_label="accounts")
    User.objects.get().user_permissions.set(ours.filter(Q(codename__startswith="view_") | Q(codename__in=codenames)))

    return {name for name in acting if answer(client.post(addresses[name])) == "yes"}


# No page brings scripts or styles that are not files, and each says so to the browser.


class Inline(HTMLParser):
    """Collects what a Content-Security-Policy without 'unsafe-inline' would not run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = dict(attributes)
        is_script = tag == "script" and "src" not in names and names.get("type") != "application/json"
        if is_script or tag == "style":
            self.found.append(f"<{tag}>")
        self.found += [f"<{tag} {name}>" for name in names if name == "style" or re.match(r"(hx-)?on", name)]
        self.found += [
            f"<{tag} {name}={value}>" for name, value in attributes if (value or "").startswith("javascript:")
        ]


def test_inline_scripts_and_styles_are_found():
    page = '<p style="x"><style></style><script>1</script><a onclick="x" hx-on:click="x" href="javascript:x">'

    assert len(Inline(page).found) == 6
    assert Inline('<script src="x"></script><script type="application/json">1</script><p class="x">').found == []


@pytest.mark.parametrize("role", ROLES if THOROUGH else ["teacher"])  # who sees the most
def test_pages_send_the_policy_and_obey_it(role, addresses):
    client = visitor(role)
    others = [reverse("admin:index"), reverse("admin:login"), reverse("admin:app_list", args=["accounts"]), "/nowhere"]

    for address in [*addresses.values(), *others]:
        for response in (client.get(address, follow=True), client.post(address, follow=True)):
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy, address
            assert "unsafe" not in policy, address
            is_download = "attachment" in response.headers.get("Content-Disposition", "")
            assert is_download or Inline(response.content.decode()).found == [], address


# The groups. (Inside a transaction that is rolled back: what `migrate` wrote must stay.)


def permissions_of(group: str) -> set[str]:
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


@pytest.mark.django_db(transaction=False)
def test_teachers_may_do_all_and_students_look_explore_vote_and_do_labs():
    Group.objects.all().delete()

    permissions.make_groups(apps.get_app_config("accounts"))

    teachers, students = permissions_of(permissions.TEACHER), permissions_of(permissions.STUDENT)
    assert teachers > students > {"view_storm", "view_audit"}
    assert {name for name in students if not name.startswith("view_")} == permissions.STUDENTS_MAY
    assert {"stop_storm", "grade_labrecord"} <= teachers


@pytest.mark.django_db(transaction=False)
def test_group_keeps_what_it_was_given_besides():
    group = Group.objects.get(name=permissions.STUDENT)
    group.permissions.add(Permission.objects.get(codename="view_user"))

    permissions.make_groups(apps.get_app_config("accounts"))

    assert "view_user" in permissions_of(permissions.STUDENT)

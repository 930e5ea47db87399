"""Which folders are apps, and under which name they are imported. (management/test_races.py uses one.)"""

import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts.errors import BankError
from accounts.explorer.other_apps import find_app, installed

SAMPLES = settings.BASE_DIR / "tests" / "support" / "samples"


def app_in(folder: Path, *, models: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "models.py").write_text(models)
    return folder


def test_success_folder_by_itself(tmp_path):
    app = find_app(str(app_in(tmp_path / "corner_shop")))

    assert (app.name, app.root) == ("corner_shop", tmp_path)


def test_success_folder_in_packages(tmp_path):
    folder = app_in(tmp_path / "mall" / "corner_shop")
    (tmp_path / "mall" / "__init__.py").touch()

    app = find_app(str(folder))

    assert (app.name, app.root) == ("mall.corner_shop", tmp_path)


def test_success_app_that_is_installed_already_stays_as_it_is():
    before = settings.INSTALLED_APPS

    with installed([find_app(str(SAMPLES))]):
        assert before == settings.INSTALLED_APPS


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("nowhere", "There is no folder {path}: give the path of an app, the folder that has its models.py."),
        (".", "The folder {path} has no models.py: give the path of an app."),
        ("corner-shop", "The folder corner-shop of the app cannot be imported under this name: rename it, as in my_"),
        ("class", "The folder class of the app cannot be imported under this name: rename it, as in my_shop."),
        ("accounts", "An app cannot be called accounts: there is a module of this name ("),
        ("json", "An app cannot be called json: there is a module of this name ("),
    ],
)
def test_error_folder_that_is_no_app(folder, sentence, tmp_path):
    for name in ("corner-shop", "class", "accounts", "json"):
        app_in(tmp_path / name)

    with pytest.raises(BankError) as refusal:
        find_app(str(tmp_path / folder))

    assert str(refusal.value).startswith(sentence.format(path=tmp_path / folder))


@pytest.mark.parametrize(
    ("name", "models", "sentence"),
    [
        (
            "shop_that_fails",
            "\n1 / 0\n",
            "(ZeroDivisionError: division by zero; line 2 of models.py): repair it",
        ),
        ("shop_that_exits", "import sys\nsys.exit(3)\n", "(SystemExit: 3; line 2 of models.py): repair it first."),
    ],
)
def test_error_app_that_cannot_be_installed(name, models, sentence, tmp_path):
    before, paths = settings.INSTALLED_APPS, list(sys.path)
    app = find_app(str(app_in(tmp_path / name, models=models)))

    with pytest.raises(BankError) as refusal, installed([app]):
        pass

    assert str(refusal.value).startswith(f"The app {name} cannot be installed {sentence}")
    assert (settings.INSTALLED_APPS, sys.path) == (before, paths)
    assert (apps.ready, apps.is_installed("accounts"), apps.is_installed(name)) == (True, True, False)

"""Django apps from outside the project: installed for a while, their tables made as their models are now."""

import importlib.util
import keyword
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.test.utils import override_settings

from accounts.errors import BankError
from accounts.explorer.strategy_files import say_error


@dataclass(frozen=True)
class OtherApp:
    """An app's folder, and the name under which it is imported."""

    folder: Path
    root: Path  #: the folder from which the app is imported
    name: str  #: dotted, if the folders above are packages too


def find_app(place: str) -> OtherApp:
    """The app in a folder. Raises BankError for a folder that holds none, or whose name is taken."""
    folder = Path(place).resolve()
    if not folder.is_dir():
        raise BankError(f"There is no folder {place}: give the path of an app, the folder that has its models.py.")
    if not any((folder / file).is_file() for file in ("models.py", "models/__init__.py")):
        raise BankError(f"The folder {place} has no models.py: give the path of an app.")
    root, names = folder.parent, [folder.name]
    while (root / "__init__.py").is_file():
        root, names = root.parent, [root.name, *names]
    if bad := next((name for name in names if not name.isidentifier() or keyword.iskeyword(name)), None):
        raise BankError(f"The folder {bad} of the app cannot be imported under this name: rename it, as in my_shop.")
    _check_name(names[0], root)
    return OtherApp(folder, root, ".".join(names))


def _check_name(name: str, root: Path) -> None:
    """Raise BankError if a module of this name is found before the one in `root`."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        return
    places = spec.submodule_search_locations or [spec.origin or ""]
    if str(root / name) not in map(str, places):
        place = spec.origin or next(iter(places), "")
        raise BankError(f"An app cannot be called {name}: there is a module of this name ({place}). Rename its folder.")


@contextmanager
def installed(others: Sequence[OtherApp]) -> Iterator[list[OtherApp]]:
    """Inside, the apps are in INSTALLED_APPS. Yields those that were not already. Raises BankError if one cannot be."""
    present_names = {config.name for config in apps.get_app_configs()}
    new_apps = [other for other in others if other.name not in present_names]
    if not new_apps:
        yield new_apps
        return
    override = override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, *(other.name for other in new_apps)])
    with _importable(new_apps):
        _install(override, new_apps)
        try:
            yield new_apps
        finally:
            override.disable()


@contextmanager
def _importable(others: Sequence[OtherApp]) -> Iterator[None]:
    """Inside, the folders of the apps come last in sys.path: they hide no module."""
    old_path = list(sys.path)
    sys.path += [str(other.root) for other in others]
    try:
        yield
    finally:
        sys.path[:] = old_path


def _install(override: override_settings, others: Sequence[OtherApp]) -> None:
    try:
        override.enable()
    except Exception as error:  # an app's modules may raise anything
        raise _refusal("installed", others, error) from error
    except SystemExit as error:  # for which enable() does not clean up
        apps.unset_installed_apps()
        raise _refusal("installed", others, error) from error


def make_tables(others: Sequence[OtherApp]) -> None:
    """Make the tables of installed apps, not by their migrations. Raises BankError for models that can have none."""
    try:
        with connection.schema_editor() as editor:
            _create(editor, others)
    except Exception as error:  # the models may be such that no tables can be made
        raise _refusal("given its tables", others, error) from error


def tables_as_sql(others: Sequence[OtherApp]) -> list[str]:
    """The statements that make these tables, for another database. This one is not asked."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        _create(editor, others)
    return list(editor.collected_sql)


def _create(editor: BaseDatabaseSchemaEditor, others: Sequence[OtherApp]) -> None:
    """(Foreign keys are added at the end: in whichever order the models come.)"""
    names = {other.name for other in others}
    models = (model for config in apps.get_app_configs() if config.name in names for model in config.get_models())
    for model in models:
        if model._meta.can_migrate(connection):
            editor.create_model(model)


def _refusal(what: str, others: Sequence[OtherApp], error: BaseException) -> BankError:
    names = " and ".join(other.name for other in others)
    place = next((file for other in others for file in _files_of(other, error)), None)
    reason = say_error(error, place) + f" of {place.name}" if place else say_error(error, Path())
    return BankError(f"The app {names} cannot be {what} ({reason}): repair it first.")


def _files_of(other: OtherApp, error: BaseException) -> list[Path]:
    """The files of the app that an error came through, the innermost first."""
    frames = reversed(list(traceback.walk_tb(error.__traceback__)))
    files = (Path(frame.f_code.co_filename) for frame, _line in frames)
    return [file for file in files if other.folder in file.parents]

import importlib
import sys

import pytest

from pyrite.core.shared.file_scope import FileScope
from pyrite.core.shared.files import SparkFiles


@pytest.fixture(autouse=True)
def application(tmp_path):
    root = tmp_path / "application"
    root.mkdir()
    (root / "everyones.txt").write_text("everyone's")
    path = list(sys.path)
    SparkFiles._use(str(root))
    yield root
    SparkFiles._use(None)
    assert sys.path == path


def scope(tmp_path, name):
    root = tmp_path / name
    (root / "scoped_package").mkdir(parents=True)
    (root / "scoped_module.py").write_text(f"NAME = {name!r}")
    (root / "scoped_package" / "inner.py").write_text(f"NAME = {name!r}")
    return FileScope(str(root), (str(root),))


def test_modules_of_the_same_name_are_each_scopes_own(tmp_path):
    one, two = scope(tmp_path, "one"), scope(tmp_path, "two")
    for each, name in [(one, "one"), (two, "two"), (one, "one")]:
        with each.entered():
            assert name == importlib.import_module("scoped_module").NAME
            assert name == importlib.import_module("scoped_package.inner").NAME
        assert not {name for name in sys.modules if name.startswith("scoped")}
    with pytest.raises(ImportError):
        importlib.import_module("scoped_module")


def test_a_module_is_imported_once_while_the_scope_stays_the_same(tmp_path):
    one = scope(tmp_path, "one")
    with one.entered():
        module = importlib.import_module("scoped_module")
    with one.entered():
        assert importlib.import_module("scoped_module") is module


def test_files_of_the_application_are_behind_those_of_the_scope(tmp_path, application):
    one = scope(tmp_path, "one")
    with one.entered():
        assert SparkFiles.getRootDirectory() == one.root
        assert SparkFiles.get("scoped_module.py") == f"{one.root}/scoped_module.py"
        assert SparkFiles.get("everyones.txt") == f"{application}/everyones.txt"
        assert SparkFiles.get("missing") == f"{one.root}/missing"
    assert SparkFiles.get("scoped_module.py") == f"{application}/scoped_module.py"


def test_a_scope_is_left_when_a_task_fails_or_changes_the_path(tmp_path, application):
    one = scope(tmp_path, "one")

    def fail():
        with one.entered():
            sys.path.remove(one.root)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        fail()
    assert SparkFiles.getRootDirectory() == str(application)

"""What the documents claim about the code, checked against the code."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

import pyrite

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ARCHITECTURE = ROOT / "docs" / "architecture.md"


def test_the_tree_in_the_architecture_page_is_that_of_the_packages() -> None:
    shown = re.search(r"<!-- tree -->\n```text\n(.*?)```", ARCHITECTURE.read_text(), re.DOTALL)
    tree = subprocess.run(
        [sys.executable, ROOT / "scripts" / "tree"], capture_output=True, text=True, check=True
    )
    assert shown is not None
    assert shown[1] == tree.stdout, "refresh it with ./scripts/tree --write"


def test_the_page_of_functions_is_that_of_the_registry() -> None:
    printed = subprocess.run(
        [sys.executable, ROOT / "scripts" / "functions"], capture_output=True, text=True, check=True
    )
    page = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
    assert page == printed.stdout, "refresh it with ./scripts/functions --write"


def modules_named(path: str) -> list[ModuleType]:
    """Pyrite's modules whose dotted path is, or ends in, ``path``."""
    names = ["pyrite", *(m.name for m in pkgutil.walk_packages(pyrite.__path__, "pyrite."))]
    found = [n for n in names if (n == path or n.endswith("." + path)) and "__main__" not in n]
    return [importlib.import_module(name) for name in found]


def exists(dotted: str) -> bool:
    """Whether some module of Pyrite, and an attribute path in it, spell ``dotted``."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        for module in modules_named(".".join(parts[:cut])):
            value: object = module
            for name in parts[cut:]:
                # Fields of a dataclass are on its instances only.
                fields = getattr(value, "__annotations__", {})
                value = getattr(value, name, fields.get(name))
            if value is not None:
                return True
    return False


def dotted_names(page: Path) -> list[str]:
    """All ``module.name`` and ``spark.some.setting`` between backticks."""
    return sorted({*re.findall(r"`([a-z_]+(?:\.\w+)+)(?:\(\))?`", page.read_text())})


@pytest.mark.parametrize(
    "name", [name for name in dotted_names(ARCHITECTURE) if not name.startswith("spark.")]
)
def test_functions_named_in_the_architecture_page_exist(name: str) -> None:
    assert exists(name)


@pytest.mark.parametrize(
    "page",
    [ARCHITECTURE, ROOT / "README.md", ROOT / "docs/clusters.md", ROOT / "docs/connect.md"],
    ids=lambda page: page.name,
)
def test_settings_named_in_the_documents_are_read(page: Path) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    methods = {f"spark.{name}" for name in dir(SparkSession)}
    settings = {name for name in dotted_names(page) if name.startswith("spark.")} - methods
    assert [name for name in settings if f'"{name}"' not in sources] == []


def test_the_check_above_can_fail() -> None:
    assert exists("deploy.application.run_application")
    assert exists("conf.ConfigEntry.read")
    assert not exists("deploy.application.walk_application")
    assert not exists("nowhere.run")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_two_commands_of_the_readme_exist_and_ci_runs_the_second() -> None:
    block = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block is not None
    commands = [line.split()[0] for line in block[1].splitlines()]
    assert commands == ["./scripts/wordcount", "./scripts/check"]
    for command in commands:
        assert (ROOT / command).stat().st_mode & 0o111
    assert commands[1] in (ROOT / ".ci" / "run").read_text()


def test_every_dependency_is_justified() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = settings["dependency-groups"].values()
    wanted = [*settings["project"]["dependencies"], *(r for g in groups for r in g)]
    names = {re.split(r"[^\w-]", r)[0] for r in wanted if isinstance(r, str)}
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text()
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    assert [page.name for page in folder.glob("0*.md") if f"({page.name})" not in index] == []


def packages() -> list[Path]:
    """The folders of all packages of Pyrite."""
    return sorted(path.parent for path in (ROOT / "src").rglob("__init__.py"))


@pytest.mark.parametrize("package", packages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_packages_name_all_their_modules(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""
    inside = {path.stem for path in package.glob("*.py")} - {"__init__", "__main__"}
    inside |= {path.parent.name for path in package.glob("*/__init__.py")}
    assert inside - set(re.findall(r"\w+", docstring)) == set()

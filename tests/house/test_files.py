"""Rules that every file of the project keeps."""

import ast
import importlib
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import pyrite

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 800


def tracked() -> list[Path]:
    """The files of the project: those git knows, or all source files in an archive of it."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listing.returncode == 0:
        return [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for top in ("src", "tests", "docs") for path in (ROOT / top).rglob("*.*")]


def texts() -> dict[Path, str]:
    """The text files among them."""
    contents = {}
    for path in tracked():
        try:
            contents[path] = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # binary test data; or deleted and not yet committed
    return contents


def test_no_module_is_too_long() -> None:
    lengths = {p: t.count("\n") for p, t in texts().items() if p.suffix == ".py"}
    assert {path.name: n for path, n in lengths.items() if n > MAX_LINES} == {}


def test_no_file_names_a_registry_host() -> None:
    hosts = re.compile("|".join(["py" + r"pi\.org", "python" + r"hosted\.org"]))
    assert [path for path, text in texts().items() if hosts.search(text)] == []


def test_every_module_says_what_it_is() -> None:
    sources = {p: t for p, t in texts().items() if p.is_relative_to(ROOT / "src")}
    modules = {path: ast.parse(text) for path, text in sources.items() if path.suffix == ".py"}
    silent = [path for path, module in modules.items() if not ast.get_docstring(module)]
    assert silent == []


def test_the_version_is_the_same_everywhere() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["project"]["version"] == pyrite.__version__


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_every_dependency_with_hashes(name: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*settings["project"]["dependencies"], *settings["dependency-groups"]["build"]]
    if "dev" in name:
        wanted += [r for r in settings["dependency-groups"]["dev"] if isinstance(r, str)]
    pins = re.findall(r"^([\w.-]+)==(\S+).*\\\n +--hash=sha256:", (ROOT / name).read_text(), re.M)
    assert {re.split(r"[^\w-]", r)[0] for r in wanted} <= {package for package, _ in pins}


def test_both_locks_agree() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([\w.-]+==\S+.*) \\$", (ROOT / name).read_text(), re.M))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_modules_export_what_others_import_from_them() -> None:
    missing = {}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("pyrite"):
                continue
            module = importlib.import_module(str(node.module))
            exported = getattr(module, "__all__", None)
            names = {alias.name for alias in node.names}
            names -= {n for n in names if isinstance(getattr(module, n, None), ModuleType)}
            if exported is not None and not names <= {*exported, "__version__"}:
                missing[path.name] = names - set(exported)
    assert missing == {}


def listed(node: ast.ClassDef | ast.FunctionDef, section: str) -> set[str]:
    """The names in a section of a docstring."""
    _, found, rest = (ast.get_docstring(node) or "").partition(f"{section}:\n")
    text = rest.partition("\n\n")[0] if found else ""
    return set(re.findall(r"^    \*{0,2}(\w+):", text, re.MULTILINE))


def arguments(function: ast.FunctionDef) -> set[str]:
    every = function.args
    named = [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg]
    return {argument.arg for argument in named if argument is not None}


def test_docstrings_list_only_arguments_and_fields_that_exist() -> None:
    invented = {}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: set[str] = set()
            if isinstance(node, ast.FunctionDef):
                names = listed(node, "Args") - arguments(node)
            elif isinstance(node, ast.ClassDef):
                body = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
                if "__init__" in body:
                    names = listed(node, "Args") - arguments(body["__init__"])
                if any("dataclass" in ast.unparse(each) for each in node.decorator_list):
                    fields = {
                        ast.unparse(e.target) for e in node.body if isinstance(e, ast.AnnAssign)
                    }
                    names |= listed(node, "Attributes") - fields - set(body)
            if names:
                invented[f"{path.name}: {node.name}"] = names
    assert invented == {}

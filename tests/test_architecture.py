"""The rules of ARCHITECTURE.md as tests: budgets, names, registries, imports and what must never appear."""

from __future__ import annotations

import ast
import base64
import importlib
import json
import re
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import jupyter_annotate as ja
from jupyter_annotate.widgets.script import Script, script_of
from scripts import api_docs, complete_lock

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "jupyter_annotate"
JS = ROOT / "js" / "src"
PYTHON = sorted(PACKAGE.rglob("*.py"))
PROGRAMS = sorted([*(ROOT / "scripts").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
TYPESCRIPT = sorted([*JS.rglob("*.ts"), *JS.rglob("*.tsx")])
FAMILIES = ("questions", "fields")

MOST_LINES = 400
MOST_PUBLIC_NAMES = 12
MOST_STATEMENTS = 30
MOST_COMPLEXITY = 8
MOST_SCRIPT_BYTES = 64_000
MOST_STYLE_BYTES = 40_000
MOST_MINIFIED_BYTES = 80_000
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager", "service", "handler", "misc"}
HEAVY = {"anywidget", "ipywidgets", "traitlets", "IPython", "pandas", "scipy", "sklearn", "pyarrow", "yaml"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    """Return a path as the repository knows it."""
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method of a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def targets(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the single targets of an assignment."""
    written = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        written = [node.target]
    for target in written:
        yield from target.elts if isinstance(target, ast.Tuple) else [target]


def assigned(node: ast.AST) -> set[str]:
    """Return the plain names a statement assigns."""
    return {target.id for target in targets(node) if isinstance(target, ast.Name)}


def put_on_self(method: Function) -> set[str]:
    """Return the attributes a method assigns to ``self``."""
    attributes = (t for node in ast.walk(method) for t in targets(node) if isinstance(t, ast.Attribute))
    return {a.attr for a in attributes if isinstance(a.value, ast.Name) and a.value.id == "self"}


def public_names(node: ast.ClassDef) -> set[str]:
    """Return what a class shows: its methods, its attributes and what its methods put on ``self``.

    The fields of a dataclass are the columns of a row and not counted; whatever it does with them is.
    """
    methods = [part for part in node.body if isinstance(part, Function)]
    is_row = any("dataclass" in ast.dump(decorator) for decorator in node.decorator_list)
    attributes = [] if is_row else node.body
    names = {method.name for method in methods}.union(*map(assigned, attributes), *map(put_on_self, methods))
    return {name for name in names if not name.startswith("_")}


def over(measured: dict[str, int], budget: int) -> dict[str, int]:
    """Return what is over its budget; an empty answer is what every budget test expects."""
    return {name: value for name, value in measured.items() if value > budget}


def settings() -> dict[str, dict[str, dict[str, object]]]:
    """Return the tool tables of pyproject.toml."""
    tables: dict[str, dict[str, dict[str, object]]] = tomllib.loads(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )["tool"]
    return tables


def without_comments(path: Path) -> str:
    """Return TypeScript source without comments, so that prose does not count."""
    return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def tracked() -> list[Path]:
    """Return the files under version control, or all sources where there is no repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
        return [path for path in paths if path.is_file()]
    return [*PYTHON, *PROGRAMS, *TYPESCRIPT, *ROOT.glob("*.*"), *(ROOT / "docs").rglob("*.md")]


def texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield the name and text of every file that is text."""
    for path in paths:
        try:
            yield name_of(path), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


# ------------------------------------------------------------------------------------- budgets


def is_enumeration(node: ast.ClassDef) -> bool:
    """Tell whether a class is a list of words."""
    return any(isinstance(base, ast.Name) and base.id in {"StrEnum", "IntEnum"} for base in node.bases)


@pytest.mark.parametrize("path", [*PYTHON, *PROGRAMS, *TYPESCRIPT], ids=name_of)
def test_modules_are_short(path: Path) -> None:
    """A module has at most 400 lines."""
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= MOST_LINES


def test_classes_show_few_names() -> None:
    """A class has at most 12 public names; the members of an enumeration are words, not doors."""
    measured = {
        f"{name_of(path)}:{node.lineno} {node.name}": len(public_names(node))
        for path in PYTHON
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ClassDef) and not is_enumeration(node)
    }

    assert over(measured, MOST_PUBLIC_NAMES) == {}


def test_the_linter_keeps_functions_small() -> None:
    """Ruff has all rules on, and a function has at most 30 statements and a complexity of 8."""
    lint = settings()["ruff"]["lint"]

    assert lint["select"] == ["ALL"]
    assert lint["mccabe"] == {"max-complexity": MOST_COMPLEXITY}
    assert lint["pylint"] == {"max-statements": MOST_STATEMENTS}


def test_no_budget_is_waived() -> None:
    """Neither a comment nor the configuration switches a budget off."""
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    waived = [
        f"{name}: {line.strip()}"
        for name, text in texts([*PYTHON, *PROGRAMS])
        for line in text.splitlines()
        if re.search(r"noqa:.*\b(C901|PLR0915)\b|ruff: noqa|mypy: ignore-errors", line)
    ]

    assert waived == []
    assert re.search(r'"(C90|C901|PLR|PLR0915)"', config) is None


def test_every_ignored_rule_has_its_reason() -> None:
    """Each rule that ruff ignores has a comment in its line."""
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tables = config[config.index("[tool.ruff.lint]") : config.index("[tool.ruff.lint.isort]")]
    bare = [line for line in tables.splitlines() if re.match(r'\s+"[A-Z]+\d*",', line) and "#" not in line]

    assert bare == []


def test_no_module_has_a_name_that_refuses_nothing() -> None:
    """No Python or TypeScript module is called utils, helpers, common, core, manager, service or handler."""
    folders = {folder for path in [*PYTHON, *TYPESCRIPT] for folder in path.relative_to(ROOT).parents}
    vague = {name_of(path) for path in [*PYTHON, *TYPESCRIPT] if path.stem.split(".")[0] in VAGUE}
    vague |= {folder.as_posix() for folder in folders if folder.name in VAGUE}

    assert vague == set()


# ---------------------------------------------------------------------------------- public API


def isort_order(name: str) -> tuple[int, str]:
    """Return the order of ruff's RUF022: constants, classes, the rest."""
    if name.isupper():
        return (0, name)
    return (1 if name[0].isupper() else 2, name)


def declared_all(path: Path) -> list[str] | None:
    """Return the literal ``__all__`` of a module."""
    for node in parse(path).body:
        if isinstance(node, ast.Assign) and "__all__" in assigned(node):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_every_module_says_what_it_offers(path: Path) -> None:
    """A module with public definitions lists what it offers in a sorted ``__all__``, and has all of it."""
    defined = (node.name for node in parse(path).body if isinstance(node, Function | ast.ClassDef))
    public = [name for name in defined if not name.startswith("_")]
    listed = declared_all(path)
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

    assert listed is not None or not public
    assert (listed or []) == sorted(listed or [], key=isort_order)
    assert [name for name in listed or [] if not hasattr(module, name)] == []


@pytest.mark.parametrize("name", ja.__all__)
def test_public_names_exist(name: str) -> None:
    """Every name the package lists can be reached, lazily loaded ones too."""
    assert hasattr(ja, name)


def test_the_editor_sees_the_lazy_names() -> None:
    """``dir()`` of the package lists every public name."""
    assert set(ja.__all__) <= set(dir(ja))


@pytest.mark.parametrize("name", ja.__all__)
def test_public_names_have_a_docstring(name: str) -> None:
    """Every public class and function says what it is."""
    thing = getattr(ja, name)

    assert thing.__doc__ or not callable(thing)


def test_public_names_are_documented() -> None:
    """docs/api.md is what the docstrings say today; `make docs` writes it."""
    written = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")

    assert [name for name in ja.__all__ if f"### `{name}`" not in written] == []
    assert written == api_docs.page()


# ---------------------------------------------------------------------------------- registries


def python_kinds(family: str) -> dict[str, type]:
    """Return the registry of a family: its kinds and their classes."""
    registry: dict[str, type] = getattr(importlib.import_module(f"jupyter_annotate.{family}"), family.upper())
    return registry


def typescript_kinds(family: str) -> list[str]:
    """Return the kinds the literal registry of a front-end family holds."""
    source = without_comments(JS / family / "index.ts")
    literal = re.search(rf"export const {family.upper()}\b[^=]*=\s*{{(.*?)}}", source, flags=re.DOTALL)
    assert literal is not None, f"js/src/{family}/index.ts has no literal registry {family.upper()}"
    return re.findall(r"^\s*[\"']?(\w+)[\"']?\s*[:,]", literal[1] + ",", flags=re.MULTILINE)


@pytest.mark.parametrize("family", FAMILIES)
def test_both_languages_know_the_same_kinds(family: str) -> None:
    """A kind stands in the registry of both languages or in neither."""
    assert sorted(python_kinds(family)) == sorted(typescript_kinds(family))


@pytest.mark.parametrize("family", FAMILIES)
def test_registries_go_by_the_kind_of_their_members(family: str) -> None:
    """The key of a registry is the kind its class carries."""
    registry = python_kinds(family)

    assert {kind: vars(member)["kind"] for kind, member in registry.items()} == {
        kind: kind for kind in registry
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_is_tested_in_both_languages(family: str) -> None:
    """Every member of a registry has a Python and a TypeScript test file."""
    missing = []
    for kind in python_kinds(family):
        if not (ROOT / "tests" / family / f"test_{kind}.py").exists():
            missing.append(f"tests/{family}/test_{kind}.py")
        if not list((ROOT / "js" / "test" / family).glob(f"{kind}.test.ts*")):
            missing.append(f"js/test/{family}/{kind}.test.tsx")
        # The contracts and the tests in JupyterLab and Notebook 7 run over these.
        if not (ROOT / "tests" / family / "cases" / f"{kind}.py").exists():
            missing.append(f"tests/{family}/cases/{kind}.py")

    assert missing == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_has_a_page_with_a_picture(family: str) -> None:
    """Every member of a registry has a page that shows it, light and dark."""
    missing = []
    for kind in python_kinds(family):
        page = ROOT / "docs" / family / f"{kind}.md"
        text = page.read_text(encoding="utf-8") if page.exists() else ""
        for theme in ("light", "dark"):
            picture = f"screenshots/{family}/{kind}-{theme}.png"
            if f"](../{picture})" not in text or not (ROOT / "docs" / picture).exists():
                missing.append(f"docs/{family}/{kind}.md with ../{picture}")

    assert missing == []


PAGES = [
    ROOT / "docs" / "questions.md",
    ROOT / "docs" / "controls.md",
    ROOT / "docs" / "schemas.md",
    ROOT / "docs" / "templates.md",
    *(p for f in FAMILIES for p in (ROOT / "docs" / f).glob("*.md")),
]


@pytest.mark.parametrize("page", sorted(PAGES), ids=name_of)
def test_the_code_on_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page of a label type or a field shows code, and it runs as it stands."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)

    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, name_of(page), "exec"), names)  # noqa: S102 -- our own page


def knows_in_python(path: Path, kind: str, class_name: str) -> bool:
    """Tell whether a module names a kind or its class in code; docstrings do not count."""
    tree = parse(path)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == kind and id(node) not in prose:
            return True
        if isinstance(node, ast.Name) and node.id == class_name:
            return True
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(f"questions.{kind}"):
            return True
    return False


def knows_in_typescript(path: Path, kind: str) -> bool:
    """Tell whether a TypeScript file names a kind or imports its module."""
    quoted = re.search(rf"""["'`]{kind}["'`]|questions/{kind}["'.]""", without_comments(path))
    beside = path.parent.name == "questions" and f'"./{kind}' in without_comments(path)
    return quoted is not None or beside


def own_name(path: Path, kind: str) -> str:
    """Return the name of a source; the parts a label type's surface is split into count as its own file."""
    parts = JS / "questions" / kind
    return f"js/src/questions/{kind}.tsx" if parts in path.parents else name_of(path)


def places_that_know(kind: str, class_name: str) -> set[str]:
    """Return the source files that mention a label type.

    The list of public names in the package, the sample data, the templates and the controls with a
    name of their own only use a label type, as any user does, and style sheets only colour it.
    """
    named = {PACKAGE / "widgets" / "controls.py", PACKAGE / "templates.py"}
    users = {PACKAGE / "__init__.py", *named, *(PACKAGE / "samples").rglob("*.py")}
    python = {
        name_of(path) for path in PYTHON if path not in users and knows_in_python(path, kind, class_name)
    }
    return python | {own_name(path, kind) for path in TYPESCRIPT if knows_in_typescript(path, kind)}


@pytest.mark.parametrize("kind", sorted(python_kinds("questions")))
def test_a_label_type_is_known_in_four_places(kind: str) -> None:
    """A label type is a file and a registry entry in each language; no other source knows it."""
    class_name = python_kinds("questions")[kind].__name__
    own = {f"jupyter_annotate/questions/{kind}.py", f"js/src/questions/{kind}.tsx"}
    registries = {"jupyter_annotate/questions/__init__.py", "js/src/questions/index.ts"}

    assert places_that_know(kind, class_name) == own | registries


# -------------------------------------------------------------------------- what an import loads


def test_importing_the_package_is_light() -> None:
    """``import jupyter_annotate`` loads neither widgets nor pandas nor anything but numpy and polars."""
    program = "import sys, jupyter_annotate; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert {name.partition(".")[0] for name in printed.split()} & HEAVY == set()


def test_sample_data_needs_no_widget() -> None:
    """Importing the samples loads nothing heavy either."""
    program = "import sys, jupyter_annotate.samples; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert {name.partition(".")[0] for name in printed.split()} & HEAVY == set()


def test_no_more_than_eight_dependencies() -> None:
    """The package needs eight others at run time, none with an upper bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=~!\[; ]", line)[0] for line in project["dependencies"]}

    jupyter = {"anywidget", "ipyevents", "ipywidgets", "traitlets"}
    assert names == jupyter | {"numpy", "pandas", "polars", "pyyaml"}
    assert [line for line in project["dependencies"] if re.search(r"<|==|~=", line)] == []


# ---------------------------------------------------------------------------- what never appears


@pytest.mark.parametrize(
    "sink",
    [
        r"\b(inner|outer)HTML\b",
        r"\binsertAdjacentHTML\b",
        r"\bdangerouslySetInnerHTML\b",
        r"\bDOMParser\b",
        r"\bdocument\.write",
        r"\bcreateContextualFragment\b",
        r"\beval\(",
        r"\bnew Function\b",
        r"https?://(?!www\.w3\.org/)",
    ],
)
def test_the_front_end_has_no_way_to_run_data(sink: str) -> None:
    """No source of the front end parses text as HTML or code, or names an address to load from."""
    assert [name_of(path) for path in TYPESCRIPT if re.search(sink, without_comments(path))] == []


def calls_and_imports(tree: ast.AST) -> Iterator[str]:
    """Yield the plain names that are called and the modules that are imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_package_runs_no_data() -> None:
    """No module of the package evaluates text or unpickles bytes."""
    forbidden = {"eval", "exec", "compile", "__import__", "pickle", "marshal", "shelve", "dill", "joblib"}
    found = {name_of(path): forbidden & set(calls_and_imports(parse(path))) for path in PYTHON}

    assert {name: names for name, names in found.items() if names} == {}


def test_nothing_names_a_machine() -> None:
    """No file names a path of the machine it was written on."""
    path = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|Us" + r"ers/\w+)/[\w.]")
    found = [f"{name}: {hit[0]}" for name, text in texts(tracked()) if (hit := path.search(text))]

    assert found == []


def test_nothing_names_a_package_registry() -> None:
    """No configuration, lock file or page names the host of a package registry."""
    host = re.compile(
        r"https?://[^\s\"')]*(?:regi" + r"stry|py" + r"pi\.|np" + r"mjs|pythonhos" + r"ted)[^\s\"')]*"
    )
    found = [f"{name}: {hit[0]}" for name, text in texts(tracked()) if (hit := host.search(text))]

    assert found == []


def test_the_lock_file_pins_by_digest_alone() -> None:
    """Every package of the lock file has a digest and none an address."""
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
    assert lock.count('"integrity": "sha512-') > 0


def test_the_lock_file_is_complete() -> None:
    """Each platform package has its entry, or `npm ci` refuses the file; scripts/complete_lock.py adds it."""
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert complete_lock.missing(packages) == {}


# -------------------------------------------------------------------------------- tests and pages


def cases_in(path: Path) -> Iterator[Function]:
    """Yield the test functions of a file."""
    return (node for node in functions(parse(path)) if node.name.startswith("test_"))


def test_every_test_says_what_it_shows() -> None:
    """Every test has a docstring of one sentence about behaviour."""
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in cases_in(path)
        if not re.fullmatch(r"[^\n].*[.!?)]", (ast.get_docstring(node) or "").strip(), flags=re.DOTALL)
    ]

    assert silent == []


def test_decisions_are_numbered() -> None:
    """The decision records are numbered without a gap, and each has its title and three sections."""
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    headings = ("## Decision", "## Considered", "## Why")
    incomplete = [
        path.name
        for number, path in enumerate(records, start=1)
        for text in [path.read_text(encoding="utf-8")]
        if not path.name.startswith(f"{number:04d}-")
        or not text.startswith(f"# {number:04d} ")
        or not all(heading in text for heading in headings)
    ]

    assert len(records) > 0
    assert incomplete == []


def test_every_link_between_pages_leads_somewhere() -> None:
    """A relative link in a page of the project names a file that exists."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{name_of(page)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]

    assert broken == []


@pytest.mark.parametrize("kind", sorted(python_kinds("questions")))
def test_what_travels_is_small(kind: str) -> None:
    """A widget with one label type and all fields sends at most 64 kB of script, deflated as text."""
    fields = {f"fields/{each}" for each in python_kinds("fields")}
    script = script_of(frozenset({f"questions/{kind}", *fields}))

    assert len(script.esm) <= MOST_SCRIPT_BYTES
    assert len(script.css) <= MOST_STYLE_BYTES


def test_a_widget_for_classes_is_small() -> None:
    """Minified, what a text and its classes need has at most 80 kB: what the field's leanest widgets have."""
    script = script_of(frozenset({"fields/text", "questions/choice"}))

    assert minified_bytes(script) <= MOST_MINIFIED_BYTES


def minified_bytes(script: Script) -> int:
    """Return the size of the parts inside."""
    data = base64.b64decode(script.esm.split('"')[1])
    parts: list[tuple[str, str]] = json.loads(zlib.decompress(data, wbits=-15))["parts"]
    return sum(len(text.encode()) for _, text in parts)


def test_the_contract_with_the_kernel_version_is_tested() -> None:
    """The wire protocol has fixtures that both languages read."""
    assert len(list((ROOT / "tests" / "protocol").glob("*.json"))) > 0

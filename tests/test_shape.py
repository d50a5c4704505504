"""The shape of the house: imports run one way, between rooms and inside them, and none is hidden.

The graph is read from the source, so an import inside a function or under ``if TYPE_CHECKING`` is an arrow as any other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "growthwatch"

RESTS_ON: dict[str, tuple[str, ...]] = {
    "core": (),
    "references": ("core",),
    "record": ("core",),
    "growth": ("references",),
    "protocol": ("growth", "record"),
    "caseload": ("protocol", "store"),
    "charts": ("protocol",),
    "pages": ("caseload", "charts"),
    "store": ("record",),
    "interop": ("caseload",),
    "anysize": ("caseload",),
    "cli": ("pages", "store", "interop"),
}
"""Which rooms each room rests on.  It may import from these, and from all that they rest on."""

FACE = ("__init__.py", "__main__.py")
"""The public face: it loads the rooms when they are first used, and any room may ask it for the version."""

SPINE = ("file", "child", "schedule", "kinds", "document", "engine", "answers", "stories", "__init__")
"""Folders and files of the protocol room, from the ground up: each imports from those before it."""

HEAVY = {
    "duckdb": "need not be installed: an engine of those who have it",
    "defusedxml": "need not be installed: only FHIR in XML uses it",
    "ijson": "need not be installed: only FHIR in JSON uses it",
    "PIL": "a library of pictures, only for writing them",
    "jinja2": "need not be installed: only pages are made with it",
    "matplotlib": "takes as long to load as all else together, and only drawing needs it",
    "narwhals": "data frames, only where somebody hands one in or asks for one",
    "pandas": "data frames",
    "polars": "data frames",
    "pyspark": "need not be installed: an engine of those who have it",
    "pyarrow": "need not be installed: only Parquet files are read with it",
    "python_calamine": "need not be installed: only workbooks are read with it",
    "rich": "need not be installed: only the command line uses it",
    "scipy": "takes long to load, and only some figures need it",
    "typer": "need not be installed: only the command line uses it",
}
"""Libraries that may be imported inside a function, and why."""

DISPLAY = re.compile(r"_repr_\w+_|report|chart")
"""Functions that draw when they are called: they alone may import upwards, and only `DRAWN` rooms."""

DRAWN = ("charts", "pages")

HIDDEN = {
    ("__init__.py", "__getattr__"): "the public face is lazy: importing growthwatch costs next to nothing",
    ("anysize/__init__.py", "__getattr__"): "without pyarrow it must be able to say what is missing",
    ("cli/__init__.py", "main"): "without typer and rich it must be able to say what is missing",
    ("charts/api.py", "chart"): "importing the room does not import matplotlib; drawing does",
    ("store/__init__.py", "_loaded"): "without SQLAlchemy it must be able to say what is missing",
}
"""Functions that may import, by file and name, and why."""

LAZY = {"cli": "the public face in a terminal: a command loads its rooms when it runs, so that help comes at once"}
"""Rooms whose functions may import other files of the package, and why."""


@dataclass(frozen=True)
class Arrow:
    """One import: from a file of the package to another file of it, or to a library."""

    source: str
    target: str
    line: int
    function: str | None = None

    def __str__(self) -> str:
        where = f" in {self.function}()" if self.function else ""
        return f"{self.source}:{self.line}{where} imports {self.target}"

    @property
    def inside(self) -> bool:
        """Whether it leads to a file of the package."""
        return self.target.endswith(".py")

    @property
    def draws(self) -> bool:
        """Whether it is a display that loads what draws it, when it is called."""
        shows = self.function is not None and DISPLAY.fullmatch(self.function) is not None
        return shows and room(self.target) in DRAWN


def room(file: str) -> str:
    """The room of a file; that of the face is its own name."""
    return file.partition("/")[0]


def arrows(package: Path) -> list[Arrow]:
    """Every import in the source of a package."""
    files = {p.relative_to(package).as_posix(): p for p in sorted(package.rglob("*.py"))}
    modules = {_module(package.name, name): name for name in files}
    out: list[Arrow] = []
    for name, path in files.items():
        for node, function in _imports(ast.parse(path.read_text(encoding="utf-8")), None):
            for target in _targets(node, _module(package.name, name), name.endswith("__init__.py"), modules):
                found = Arrow(name, target, node.lineno, function)
                if target != name and found not in out[-20:]:
                    out.append(found)
    return out


def _module(package: str, file: str) -> str:
    return f"{package}.{file.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")


def _imports(
    node: ast.AST, function: str | None
) -> Iterator[tuple[ast.Import | ast.ImportFrom | ast.Call, str | None]]:
    """Imports below a node, each with the function that it is inside of."""
    for child in ast.iter_child_nodes(node):
        loads = isinstance(child, ast.Call) and _called(child.func) in ("import_module", "__import__")
        if loads or isinstance(child, ast.Import | ast.ImportFrom):
            yield child, function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _imports(child, function or getattr(child, "name", "lambda"))
        else:
            yield from _imports(child, function)


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _targets(
    node: ast.Import | ast.ImportFrom | ast.Call, here: str, is_package: bool, modules: dict[str, str]
) -> Iterator[str]:
    """The files, or libraries, that one import leads to."""
    names: list[str]
    if isinstance(node, ast.Call):
        first = node.args[0] if node.args else None
        names = [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else ["?"]
    elif isinstance(node, ast.Import):
        names = [a.name for a in node.names]
    else:
        base = node.module or ""
        if node.level:
            above = here.split(".")[: None if is_package and node.level == 1 else (1 if is_package else 0) - node.level]
            base = ".".join([*above, *([base] if base else [])])
        names = [f"{base}.{a.name}" if f"{base}.{a.name}" in modules else base for a in node.names]
    for name in names:
        yield modules.get(name, name.partition(".")[0])


def circles(found: list[Arrow]) -> list[set[str]]:
    """Sets of files each of which imports, by whatever way, every other."""
    after: dict[str, set[str]] = {}
    for a in found:
        # The face has every room in it, lazily, and the rooms ask it for the version only.
        if a.inside and not a.draws and a.source not in FACE:
            after.setdefault(a.source, set()).add(a.target)
    reached = {file: _reached(file, after) for file in after}
    out: list[set[str]] = []
    for file in after:
        ring = {other for other in reached[file] if file in reached.get(other, ())}
        if ring and ring not in out:
            out.append(ring)
    return out


def _reached(file: str, after: dict[str, set[str]]) -> set[str]:
    out: set[str] = set()
    waiting = [file]
    while waiting:
        for target in after.get(waiting.pop(), ()):
            if target not in out:
                out.add(target)
                waiting.append(target)
    return out


def upwards(found: list[Arrow]) -> list[Arrow]:
    """Arrows from a room to one that it does not rest on, and from a folder of the protocol to one above it."""
    out: list[Arrow] = []
    for a in found:
        if not a.inside or a.draws or a.source in FACE or a.target in FACE:
            continue
        if room(a.source) != room(a.target):
            if room(a.target) not in _ground(room(a.source)):
                out.append(a)
        elif room(a.source) == "protocol":
            here, there = place(a.source), place(a.target)
            if here is not None and there is not None and there > here:
                out.append(a)
    return out


def _ground(name: str) -> set[str]:
    """All that a room rests on."""
    return {deeper for below in RESTS_ON[name] for deeper in {below, *_ground(below)}}


def place(file: str) -> int | None:
    """Place of a file of the protocol room on its spine, from the ground up; None where it has none."""
    part = file.split("/")[1].removesuffix(".py")
    return SPINE.index(part) if part in SPINE else None


def hidden(found: list[Arrow]) -> list[Arrow]:
    """Imports inside a function that no reason on the list allows."""
    return [
        a
        for a in found
        if a.function is not None
        and a.target not in HEAVY
        and DISPLAY.fullmatch(a.function) is None
        and (a.source, a.function) not in HIDDEN
        and not (a.inside and room(a.source) in LAZY)
    ]


# ---------------------------------------------------------------- the house as it stands


@pytest.fixture(scope="module")
def house() -> list[Arrow]:
    return arrows(PACKAGE)


def test_no_files_import_each_other_in_a_circle(house: list[Arrow]) -> None:
    assert [sorted(c) for c in circles(house)] == []


def test_no_arrow_runs_upwards(house: list[Arrow]) -> None:
    assert [str(a) for a in upwards(house)] == []


def test_no_import_hides_in_a_function(house: list[Arrow]) -> None:
    assert [str(a) for a in hidden(house)] == []


def test_every_file_has_a_place() -> None:
    files = {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py")} - set(FACE)
    assert {room(f) for f in files} <= set(RESTS_ON)
    assert {f for f in files if room(f) == "protocol" and place(f) is None} == set()


def test_the_rooms_ask_the_face_for_the_version_only() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).as_posix() in FACE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "growthwatch":
                # Rooms may also be named this way; those arrows are judged as all others.
                assert {a.name for a in node.names} <= {"__version__", *RESTS_ON}, path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "growthwatch":
                assert node.attr == "__version__", path


def test_every_exception_is_used(house: list[Arrow]) -> None:
    assert {(a.source, a.function) for a in house if a.function is not None} >= set(HIDDEN)


# ---------------------------------------------------------------- the test can fail


def build(package: Path, files: dict[str, str]) -> list[Arrow]:
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return arrows(package)


def test_a_circle_is_found_however_it_is_hidden(tmp_path: Path) -> None:
    found = build(
        tmp_path / "mill",
        {
            "core/a.py": "from mill.core.b import x\n",
            "core/b.py": "def late():\n    from mill.core import c\n    return c\n",
            "core/c.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import a\n",
            "core/d.py": "import mill.core.a\n",
            "core/__init__.py": "",
        },
    )
    assert circles(found) == [{"core/a.py", "core/b.py", "core/c.py"}]


def test_a_room_that_is_imported_by_its_own_files_is_a_circle(tmp_path: Path) -> None:
    found = build(
        tmp_path / "mill",
        {"record/__init__.py": "from .one import x\n", "record/one.py": "from mill.record import y\n"},
    )
    assert circles(found) == [{"record/__init__.py", "record/one.py"}]


def test_arrows_upwards_are_found(tmp_path: Path) -> None:
    found = build(
        tmp_path / "mill",
        {
            "core/a.py": "import mill.charts.x\n",
            "record/a.py": "from mill.references import x\nfrom mill.core import a\n",
            "references/__init__.py": "",
            "growth/a.py": "def f():\n    from ..record.a import x\n",
            "protocol/kinds/a.py": "from mill.protocol.engine.x import fold\nfrom ..child.x import y\n",
            "protocol/child/x.py": "from mill.protocol.file import values\n",
            "protocol/file/values.py": "import mill.protocol.schedule as s\n",
            "protocol/schedule.py": "",
            "protocol/engine/x.py": "from mill.protocol.document import Protocol\nfrom mill.protocol import Protocol\n",
            "protocol/document.py": "from mill.protocol.kinds.a import KINDS\n",
            "protocol/__init__.py": "from mill.protocol.engine.x import fold\n",
            "charts/x.py": "from mill.protocol import Protocol\nfrom mill.growth.a import x\n",
        },
    )
    assert {(a.source, a.target) for a in upwards(found)} == {
        ("core/a.py", "charts/x.py"),
        ("record/a.py", "references/__init__.py"),
        ("growth/a.py", "record/a.py"),
        ("protocol/kinds/a.py", "protocol/engine/x.py"),
        ("protocol/file/values.py", "protocol/schedule.py"),
        ("protocol/engine/x.py", "protocol/__init__.py"),
    }


def test_hidden_imports_are_found(tmp_path: Path) -> None:
    found = build(
        tmp_path / "mill",
        {
            "core/a.py": (
                "import importlib\n"
                "class A:\n"
                "    import json\n"
                "    def f(self):\n        import difflib\n"
                "    def g(self):\n        import matplotlib.pyplot\n"
                "    def _repr_html_(self):\n        from mill.charts.x import draw\n"
                "    def h(self):\n        return importlib.import_module('mill.core.b')\n"
                "    k = lambda self: __import__('os')\n"
            ),
            "core/b.py": "",
            "charts/x.py": "from mill.core import a\n",
            "cli/app.py": "def run():\n    from mill.core import a\ndef say():\n    import collections\n",
        },
    )
    assert {(a.function, a.target) for a in hidden(found)} == {
        ("f", "difflib"),
        ("h", "core/b.py"),
        ("lambda", "os"),
        ("say", "collections"),
    }
    assert circles(found) == [] == upwards(found), "a display that draws when it is called is no arrow"


def test_a_display_may_not_import_whatever_it_likes_from_above(tmp_path: Path) -> None:
    found = build(
        tmp_path / "mill",
        {
            "core/a.py": "def report():\n    from mill.protocol import x\n",
            "protocol/__init__.py": "import mill.core.a\n",
        },
    )
    assert [a.target for a in upwards(found)] == ["protocol/__init__.py"]
    assert circles(found) == [{"core/a.py", "protocol/__init__.py"}]

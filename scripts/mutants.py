"""Change the code in one place at a time, and see whether a test notices.

python scripts/mutants.py                                   # 200 mutants of the rooms below, seed 1
python scripts/mutants.py --files 'growthwatch/record/*' --count 40 --json out.json
python scripts/mutants.py --resume out.json --survivors     # after new tests: the survivors again
python scripts/mutants.py --only 17,40                      # some of the sample, with the same numbers

First the tests are run once on the code as it stands, to learn which of them reach which line
and how long each takes (kept in the temporary folder until code or tests change).  Each mutant
then gets, in a copy of the project, the tests that reach it, quickest first, until one fails.
A mutant that makes a test run without end counts as killed, and is named.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

import mutants_plugin as plugin

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("growthwatch/protocol/*.py", "growthwatch/growth/follow.py", "growthwatch/record/*.py")
"""Where mutants are made; ``*`` goes into folders too."""

LEFT_OUT = ("test_static.py", "test_notebooks.py")
"""Tests of the text of the code, and of pages: what they notice is not behaviour."""

FEW = 10
"""Where fewer tests reach a line, others that reach its file come after (what is cached runs once) [tests]."""

FIRST = 40
"""Tests that are tried before the rest is even imported."""

START = 60.0
"""What a run of pytest may take beside its tests, on a busy machine [s]."""

LONGEST = 300.0
"""Longest that a run may take [s]; longer only where its tests alone normally do."""

COMPARED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
COUNTED: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
}
EXTREMES = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "argmin": "argmax",
    "argmax": "argmin",
}
CHANGES = {"append", "update", "add", "extend", "pop", "discard", "remove", "setdefault", "insert", "clear"}
NO_BEHAVIOUR = {"slots", "repr", "strict", "maxsize", "stacklevel"}
"""Arguments by name that change no answer."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """One change of one file: what stood at an offset, and what stands there instead."""

    file: str
    line: int
    last: int
    """Lines of the part that changes: what reaches one of them reaches it."""
    statement: int
    """First line of its statement."""
    start: int
    column: int
    old: str
    new: str
    kind: str
    shown: str

    @property
    def key(self) -> str:
        """The same for as long as the line stays as it is."""
        return f"{self.file}:{self.line}:{self.column}|{self.kind}|{self.old}|{self.new}|{self.shown}"

    def apply(self, text: bytes) -> bytes:
        """The changed file."""
        old = self.old.encode()
        assert text[self.start : self.start + len(old)] == old
        return text[: self.start] + self.new.encode() + text[self.start + len(old) :]

    def compiles(self, text: bytes) -> bool:
        """Whether the changed file is Python at all."""
        try:
            compile(self.apply(text), self.file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
        return True

    def __str__(self) -> str:
        def short(text: str) -> str:
            line = " ".join(text.split())
            return line if len(line) <= 60 else f"{line[:57]}..."

        return f"{self.file}:{self.line}  {self.kind}: {short(self.old)} -> {short(self.new) or 'nothing'}"


class Points:
    """Every place of a file where one change makes a mutant."""

    def __init__(self, file: str, text: bytes, draw: random.Random) -> None:
        self.file, self.text, self.draw = file, text, draw
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = text.decode().splitlines()
        self.statement = 1
        self.optional = [False]
        self.found: list[Mutant] = []
        self._visit_all(ast.parse(text))

    def _at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def _span(self, node: Any) -> tuple[int, int]:
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _said(self, node: Any) -> str:
        start, end = self._span(node)
        return self.text[start:end].decode()

    def _add(self, kind: str, start: int, old: str, new: str) -> None:
        line = self.text.count(b"\n", 0, start) + 1
        if "# pragma: no cover" in self.lines[line - 1] or self.text[start : start + len(old.encode())].decode() != old:
            return
        last = line + old.count("\n")
        column = start - self.starts[line - 1]
        shown = self.lines[line - 1].strip()
        self.found.append(Mutant(self.file, line, last, self.statement, start, column, old, new, kind, shown))

    def _between(self, kind: str, left: Any, right: Any, old: str, new: str) -> None:
        """Change the operator between two parts; brackets and comments may stand there too."""
        start, end = self._span(left)[1], self._span(right)[0]
        gap = re.sub(rb"#[^\n]*", lambda m: b" " * len(m[0]), self.text[start:end])
        word = r"\s+".join(map(re.escape, old.split()))
        found = re.search((rf"\b{word}\b" if old[0].isalpha() else word).encode(), gap)
        if found:
            self._add(kind, start + found.start(), found[0].decode(), new)

    def _visit_all(self, node: ast.AST) -> None:
        body = getattr(node, "body", None)
        if isinstance(body, list) and isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ):
            # Texts that stand by themselves are docstrings, of attributes too.
            for child in body:
                if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
                    self._visit(child)
            for name, value in ast.iter_fields(node):
                if name not in ("body", "returns"):
                    self._visit_any(value)
            return
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "type_comment"):
                self._visit_any(value)

    def _visit_any(self, value: Any) -> None:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                self._visit(item)

    def _visit(self, node: ast.AST) -> None:
        """Note the points of a node and of what is in it."""
        outside = self.statement
        if isinstance(node, ast.stmt):
            self.statement = node.lineno
        try:
            if not self._left_out(node):
                before = len(self.optional)
                if isinstance(node, FUNCTIONS):
                    self.optional.append(node.returns is not None and "None" in self._said(node.returns))
                self._points(node)
                if not isinstance(node, ast.JoinedStr):
                    self._visit_all(node)
                else:
                    # Columns of what stands inside a formatted text are not to be relied on before Python 3.12.
                    self._pieces(node)
                del self.optional[before:]
        finally:
            self.statement = outside

    def _left_out(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
            return True
        if isinstance(node, FUNCTIONS) and node.name == "__repr__":
            return True
        if isinstance(node, ast.If) and "TYPE_CHECKING" in self._said(node.test):
            return True
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id in ("__all__", "__slots__") for t in node.targets
        ):
            return True
        return isinstance(node, ast.keyword) and node.arg in NO_BEHAVIOUR

    def _points(self, node: ast.AST) -> None:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, op, right in zip(sides, node.ops, node.comparators, strict=False):
                self._between("comparison", left, right, *COMPARED[type(op)])
        elif isinstance(node, ast.BoolOp):
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                self._between("and/or", left, right, old, new)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self._add("not dropped", self._span(node)[0], "not ", "")
        elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED:
            if not any(self._is_text(side) for side in (node.left, node.right)):
                self._between("arithmetic", node.left, node.right, *COUNTED[type(node.op)])
        elif (
            isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub) and not self._is_text(node.value)
        ):
            old, new = COUNTED[type(node.op)]
            self._between("arithmetic", node.target, node.value, f"{old}=", f"{new}=")
        elif isinstance(node, ast.Constant):
            self._constant(node)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.Return) and self.optional[-1] and node.value is not None:
            if not (isinstance(node.value, ast.Constant) and node.value.value is None):
                self._put("returns None", node.value, "None")
        elif isinstance(node, ast.arguments):
            defaults = [*node.defaults, *(d for d in node.kw_defaults if d is not None)]
            for default in defaults:
                if isinstance(default, ast.Constant) and isinstance(default.value, str):
                    self._put("default", default, '""' if default.value else '"x"')
        if isinstance(node, ast.If | ast.IfExp):
            self._put("never", node.test, "False")
        if self._only_changes(node):
            self._put("statement removed", node, "pass")

    def _put(self, kind: str, node: Any, new: str) -> None:
        if self._said(node) != new:
            self._add(kind, self._span(node)[0], self._said(node), new)

    @staticmethod
    def _is_text(node: ast.AST) -> bool:
        """Whether it is plain that something that is not a number is added."""
        return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple | ast.ListComp) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        )

    @staticmethod
    def _only_changes(node: ast.AST) -> bool:
        """Whether a statement does nothing but set or change something that is there already."""
        if isinstance(node, ast.Assign):
            return all(isinstance(t, ast.Attribute | ast.Subscript) for t in node.targets)
        if isinstance(node, ast.AugAssign):
            return True
        call = node.value if isinstance(node, ast.Expr) else None
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CHANGES

    def _constant(self, node: ast.Constant) -> None:
        value, said = node.value, self._said(node)
        if isinstance(value, bool):
            self._put("flipped", node, str(not value))
        elif isinstance(value, int) and re.fullmatch(r"[\d_]+", said):
            self._put("number", node, str(value + self.draw.choice((1, -1))))
        elif isinstance(value, float) and re.fullmatch(r"[\d_.]+(e-?\d+)?", said):
            self._put("number", node, repr(value + self.draw.choice((1, -1))))
        elif isinstance(value, str) and " " in value.strip() and re.search("[a-z]{3}", value):
            self._put("words dropped", node, '""')

    def _pieces(self, node: ast.JoinedStr) -> None:
        start, said = self._span(node)[0], self._said(node)
        for piece in node.values:
            if not isinstance(piece, ast.Constant):
                continue
            value = str(piece.value)
            if re.search("[a-z]{3}", value) and said.count(value) == 1:
                self._add("words dropped", start + len(said[: said.index(value)].encode()), value, "")

    def _call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in EXTREMES:
            end = self._span(node.func)[1]
            self._add("min/max", end - len(name), name, EXTREMES[name])
        elif name == "cast" and node.args:
            del node.args[0]  # a type


def sample(files: list[str], count: int, seed: int) -> list[Mutant]:
    """A sample with the same numbers every time: each file by its number of places."""
    texts = {f: (ROOT / f).read_bytes() for f in files}
    places = {f: Points(f, text, random.Random(f"{seed}{f}")).found for f, text in texts.items()}
    total = sum(map(len, places.values()))
    if not total:
        raise SystemExit("No place for a mutant: does --files name any file?")
    count = min(count, total)
    shares = {f: len(found) * count / total for f, found in places.items()}
    wanted = {f: int(share) for f, share in shares.items()}
    for f in sorted(shares, key=lambda f: (wanted[f] - shares[f], f))[: count - sum(wanted.values())]:
        wanted[f] += 1
    print(f"{total} places in {len(files)} files, {count} drawn with seed {seed}", flush=True)
    drawn: list[Mutant] = []
    for f, found in places.items():
        order = random.Random(f"{f}{seed}").sample(found, len(found))
        able = itertools.islice((m for m in order if m.compiles(texts[f])), wanted[f])
        drawn += sorted(able, key=lambda m: (m.start, m.kind))
    return drawn


# ---- Which tests reach which line ---------------------------------------------------------


def tracked() -> list[str]:
    """Files of the project as they are now, new ones too."""
    out = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    return sorted(f for f in out.stdout.decode().split("\0") if f and (ROOT / f).is_file())


def matching(patterns: list[str]) -> list[str]:
    """Files of Python that one of the patterns names."""
    return [f for f in tracked() if f.endswith(".py") and any(fnmatch.fnmatch(f, p) for p in patterns)]


def copy_to(folder: Path) -> Path:
    """Copy the project as it is now."""
    for f in tracked():
        (folder / f).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / f, folder / f)
    return folder


def pytest_in(folder: Path, *arguments: str, limit: float | None = None, **variables: str) -> int | None:
    """Run pytest on a copy; its code, or None where it took too long."""
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "PYTEST_ADDOPTS")}
    env |= {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "scripts")]), "PYTHONHASHSEED": "0", **variables}
    env |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "mutants_plugin"]
    command += ["--hypothesis-profile=mutants", *(f"--ignore-glob=*{name}" for name in LEFT_OUT), *arguments]
    with (folder / "pytest.log").open("wb") as log:
        run = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            return run.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()


@dataclass
class Reach:
    """Tests, how long each takes [s], and the tests of each line (-1 for imports and collection)."""

    tests: list[str]
    seconds: list[float]
    lines: dict[str, dict[str, list[int]]]
    failed: list[str]

    @classmethod
    def learnt(cls, tests: list[str], files: list[str], processes: int, keep: Path | None) -> Reach:
        """Run the tests once on the code as it stands, or take what was learnt of the same code and tests."""
        mark = hashlib.sha256(json.dumps([tests, files]).encode())
        for f in tracked():
            if f.startswith(("growthwatch/", "tests/", "examples/")) or f in (
                "pyproject.toml",
                "scripts/mutants_plugin.py",
            ):
                mark.update(f.encode() + (ROOT / f).read_bytes())
        kept = keep or Path(tempfile.gettempdir()) / f"growthwatch-reach-{mark.hexdigest()[:16]}.json"
        if kept.exists():
            print(f"Which tests reach which line: from {kept}", flush=True)
            return cls(**json.loads(kept.read_text(encoding="utf-8")))
        print("Running the tests on the code as it stands ...", flush=True)
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            copy, out = copy_to(Path(folder) / "copy"), Path(folder) / "reach"
            out.mkdir()
            spread = [] if processes == 1 else ["-n", str(processes)]
            modules = os.pathsep.join(str(copy / f) for f in files)
            code = pytest_in(copy, *spread, *tests, **{plugin.REACH: str(out), plugin.MODULES: modules})
            parts = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(out.glob("*.json"))]
            if code not in (0, 1) or not parts:
                raise SystemExit((copy / "pytest.log").read_text(encoding="utf-8", errors="replace")[-3000:])
        made = cls([], [], {}, sorted({name for p in parts for name in p["failed"]}))
        seconds = {name: s for p in parts for name, s in p["seconds"].items() if name not in made.failed}
        made.tests, made.seconds = list(seconds), list(seconds.values())
        place = {name: n for n, name in enumerate(made.tests)} | {"": -1}
        lines: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for part in parts:
            for file, by_line in part["lines"].items():
                for line, names in by_line.items():
                    lines[file][line].update(place[n] for n in names if n in place)
        if not lines:
            raise SystemExit("No line of the files was reached: was another copy of growthwatch imported?")
        made.lines = {f: {line: sorted(of) for line, of in by_line.items()} for f, by_line in lines.items()}
        kept.write_text(json.dumps(vars(made)), encoding="utf-8")
        print(f"{len(made.tests)} tests in {time.monotonic() - begun:.0f} s; kept in {kept}")
        for name in made.failed:
            print(f"does not pass without a mutant, left out: {name}")
        return made

    def of(self, mutant: Mutant) -> list[int]:
        """Tests for a mutant: those that reach it, quickest first; then, where few do, those of its file."""
        by_line = self.lines.get(mutant.file, {})

        def reaching(lines: range | list[int]) -> set[int]:
            return {t for line in lines for t in by_line.get(str(line), ())}

        there = reaching(range(mutant.line, mutant.last + 1)) or reaching([mutant.statement])
        direct = sorted(there - {-1}, key=lambda t: self.seconds[t])
        if not there or (len(direct) >= FEW and -1 not in there):
            return direct
        others = {t for of in by_line.values() for t in of} - there - {-1}
        return direct + sorted(others, key=lambda t: self.seconds[t])


# ---- One mutant ----------------------------------------------------------------------------


def within(tests: list[int], seconds: list[float], budget: float) -> list[int]:
    """As many of the tests as the budget has time for."""
    spent, out = 0.0, []
    for t in tests:
        spent += seconds[t]
        if out and spent > budget:
            break
        out.append(t)
    return out


def judge(mutant: Mutant, copy: Path, reach: Reach, budget: float) -> dict[str, Any]:
    """Run the tests that reach a mutant; what became of it."""
    wanted = reach.of(mutant)
    tests = within(wanted, reach.seconds, budget)
    told: dict[str, Any] = {"reached": len(wanted), "ran": len(tests)}
    if not tests:
        return {**told, "result": "survived", "by": "no test reaches it"}
    target = copy / mutant.file
    before = target.read_bytes()
    # A compiled file is told by second and size alone, which a mutant may share: none is left behind.
    compiled = list((target.parent / "__pycache__").glob(f"{target.stem}.*.pyc"))
    for c in compiled:
        c.unlink()
    target.write_bytes(mutant.apply(before))
    try:
        for part in (tests[:FIRST], tests[FIRST:]):
            if not part:
                continue
            named, failed = copy / "tests.txt", copy / "failed.txt"
            named.write_text("\n".join(reach.tests[t] for t in part), encoding="utf-8")
            failed.unlink(missing_ok=True)
            files = sorted({reach.tests[t].split("::")[0] for t in part})
            normal = sum(reach.seconds[t] for t in part)
            limit = max(min(START + 10 * normal, LONGEST), START + 2 * normal)
            variables = {plugin.TESTS: str(named), plugin.FAILED: str(failed), "PYTHONDONTWRITEBYTECODE": "1"}
            code = pytest_in(copy, "-x", *files, limit=limit, **variables)
            if code == 0:
                continue
            by = failed.read_text(encoding="utf-8") if failed.exists() else "the import"
            if code == 5:
                return {**told, "result": "error", "by": "the tests that reach it were not found"}
            return {**told, "result": "killed" if code is not None else "timeout", "by": by}
        return {**told, "result": "survived", "by": ""}
    finally:
        target.write_bytes(before)


def line_of(number: int, mutant: Mutant, told: dict[str, Any]) -> str:
    """What became of a mutant, in a line; of a survivor the code too."""
    words = {"killed": "killed by ", "timeout": "killed (no end) in ", "survived": "SURVIVED ", "error": "ERROR "}
    said = words[told["result"]] + told["by"]
    if told["result"] == "survived" and told["ran"]:
        said += f"({told['ran']} of {told['reached']} tests)"
    return f"{number:4d}  {mutant}  {said}" + (
        f"\n      | {mutant.shown}" if told["result"] in ("survived", "error") else ""
    )


def run(
    chosen: dict[int, Mutant], reach: Reach, options: argparse.Namespace, known: dict[str, Any]
) -> dict[int, dict[str, Any]]:
    """Judge mutants, a few at a time, and write down each result as it comes."""
    results = {n: known[m.key] for n, m in chosen.items() if m.key in known}
    out = options.json or options.resume
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.processes) as pool:
        copies: Queue[Path] = Queue()
        for n in range(options.processes):
            copies.put(copy_to(Path(folder) / str(n)))

        def one(mutant: Mutant) -> dict[str, Any]:
            copy = copies.get()
            begun = time.monotonic()
            try:
                return {**judge(mutant, copy, reach, options.budget), "took": round(time.monotonic() - begun, 1)}
            finally:
                copies.put(copy)

        waiting = {pool.submit(one, m): n for n, m in chosen.items() if n not in results}
        try:
            for done in as_completed(waiting):
                n = waiting[done]
                results[n] = done.result()
                print(line_of(n, chosen[n], results[n]), flush=True)
                if out:
                    known[chosen[n].key] = {
                        "number": n,
                        "mutant": str(chosen[n]),
                        "line": chosen[n].shown,
                        **results[n],
                    }
                    out.write_text(json.dumps(known, indent=1), encoding="utf-8")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def summary(chosen: dict[int, Mutant], results: dict[int, dict[str, Any]]) -> Iterator[str]:
    """What became of the sample."""
    by_folder: dict[str, Counter[str]] = defaultdict(Counter)
    for n, told in results.items():
        for name in (str(Path(chosen[n].file).parent), "all"):
            by_folder[name][told["result"]] += 1
    for name, c in sorted(by_folder.items(), key=lambda kv: (kv[0] == "all", kv[0])):
        killed, judged = c["killed"] + c["timeout"], sum(c.values()) - c["error"]
        ends = f" ({c['timeout']} by running without end)" if c["timeout"] else ""
        errors = f", {c['error']} not judged" if c["error"] else ""
        yield f"{name}: {killed} of {judged} killed{ends}, {100 * killed / max(judged, 1):.1f} %{errors}"
    left = [n for n in sorted(results) if results[n]["result"] == "survived"]
    if left:
        yield "\nSurvivors:"
        yield from (line_of(n, chosen[n], results[n]) for n in left)


def main() -> int:
    """Draw, learn, judge, sum up; 1 where less than ``--least`` per cent is killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="mutants to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--files", action="append", metavar="GLOB", help="other files than the usual rooms; may be repeated"
    )
    parser.add_argument("--only", metavar="N,N", help="only these numbers of the sample")
    parser.add_argument("--tests", nargs="+", default=["tests"], metavar="PATH", help="other tests than all of them")
    parser.add_argument("--budget", type=float, default=300.0, help="tests for a mutant, by their normal time [s]")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write results into this file, as they come")
    parser.add_argument("--resume", type=Path, help="do not judge again what this file has; results are added to it")
    parser.add_argument("--survivors", action="store_true", help="with --resume: judge survivors again")
    parser.add_argument(
        "--reach", type=Path, help="file that keeps which tests reach which line, and is believed if it exists"
    )
    parser.add_argument("--list", action="store_true", help="show the sample and run nothing")
    parser.add_argument("--least", type=float, default=0.0, help="fail below so many per cent killed")
    options = parser.parse_args()
    patterns: list[str] = options.files or list(ROOMS)
    chosen = dict(enumerate(sample(matching(patterns), options.count, options.seed), start=1))
    if options.only:
        wanted = [int(n) for n in options.only.split(",")]
        chosen = {n: chosen[n] for n in wanted}
    if options.list:
        for n, m in chosen.items():
            print(f"{n:4d}  {m}\n      | {m.shown}")
        return 0
    known: dict[str, Any] = {}
    if options.resume and options.resume.exists():
        known = json.loads(options.resume.read_text(encoding="utf-8"))
        if options.survivors:
            known = {k: v for k, v in known.items() if v["result"] not in ("survived", "error")}
    reach = Reach.learnt(options.tests, matching([*ROOMS, *patterns]), options.processes, options.reach)
    results = run(chosen, reach, options, known)
    print()
    for line in summary(chosen, results):
        print(line)
    killed = sum(r["result"] in ("killed", "timeout") for r in results.values())
    return 1 if 100 * killed < options.least * len(results) else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Importing growthwatch is cheap: nothing heavy is loaded before it is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["matplotlib", "scipy", "scipy.stats", "scipy.special", "pandas", "polars", "typer", "rich"]


def loaded_after(code: str) -> set[str]:
    show = f"import sys, json; print(json.dumps([m for m in {[*HEAVY, 'pydantic', 'numpy']!r} if m in sys.modules]))"
    run = subprocess.run([sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_the_import_itself_loads_nothing() -> None:
    assert loaded_after("import growthwatch") == set()


def test_the_error_loads_nothing() -> None:
    assert loaded_after("from growthwatch import GrowthwatchError") == set()


@pytest.mark.parametrize(
    "code",
    [
        "import growthwatch as gw; gw.references()",
        "import growthwatch as gw; gw.reference('uk-who').score(6.2, age_days=180, sex='f')",
        "import growthwatch as gw; gw.reference('who-2006').change([6.2, 6.3], age_days=[180, 200], sex='f')",
    ],
)
def test_scoring_loads_nothing_heavy(code: str) -> None:
    assert loaded_after(code) <= {"numpy", "pydantic", "scipy", "scipy.special"}


def test_to_know_a_reference_loads_no_special_functions() -> None:
    assert loaded_after("import growthwatch as gw; gw.references(); gw.reference('uk-who')") == {"numpy", "pydantic"}


@pytest.mark.parametrize(
    "code",
    [
        "gw.references(); gw.reference('uk-who'); gw.references()",
        "gw.reference('uk-who'); gw.references()",
        "import growthwatch.references.curves; gw.references(); gw.reference('uk-who')",
        "from growthwatch.references import references; references(); gw.references()",
        "gw.Score; gw.references(measure='head')",
    ],
)
def test_the_catalogue_answers_whatever_was_imported_before(code: str) -> None:
    loaded_after(f"import growthwatch as gw\n{code}")


def test_only_files_of_the_package_and_of_python_are_read() -> None:
    code = """
import sys, os
import numpy, pydantic, tomllib, importlib.resources, csv, html, fractions
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import growthwatch as gw
gw.reference("uk-who").score(6.2, age_days=180, sex="f")
home = os.path.dirname(gw.__file__)
roots = tuple(os.path.realpath(p) for p in {home, sys.prefix, sys.base_prefix})
others = [p for p in opened if not os.path.realpath(p).startswith(roots) and not p.isdigit()]
assert not others, others
assert any("weight.csv" in p for p in opened)
assert not any("height.csv" in p and "who-2006" in p for p in opened)
"""
    loaded_after(code)

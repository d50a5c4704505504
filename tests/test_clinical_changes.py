"""What a clinician must know of a version stands beside what judges in it, and is held to the files."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import growthwatch as gw

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "clinical-changes.md").read_text(encoding="utf-8")


def _script() -> ModuleType:
    path = ROOT / "scripts" / "build_clinical_changes.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


SCRIPT = _script()


def section(page: str, id: str, version: str) -> str:
    """What stands of one version of a protocol."""
    return page.partition(f"\n## {id} {version}\n")[2].partition("\n## ")[0]


def test_the_tables_are_those_that_the_script_writes() -> None:
    assert SCRIPT.written(PAGE) == PAGE
    assert {m[2] for m in SCRIPT.BLOCK.finditer(PAGE)} == {"judged", "rules", "references"}


@pytest.mark.parametrize("protocol", [gw.protocol(id) for id in gw.protocols()], ids=lambda p: p.identity)
def test_every_packaged_protocol_has_its_hash_on_the_page(protocol: gw.Protocol) -> None:
    told = section(PAGE, protocol.id, protocol.version)
    assert f"| protocol `{protocol.id}` | {protocol.version} | `{protocol.hash}` |" in told
    must_know = told.partition(SCRIPT.MUST_KNOW)[2].partition("\n### ")[0]
    assert must_know.count("\n- **") >= 5, "what a clinician must know is said in words"


def test_every_rule_says_its_source_and_who_decides() -> None:
    protocol = gw.protocol("uk-hv")
    told = section(PAGE, protocol.id, protocol.version)
    for rule in protocol.rules:
        assert f"\n| {rule.id} | {rule.title} | " in told, rule.id


def test_a_protocol_that_was_changed_is_seen() -> None:
    protocol = gw.protocol("uk-hv")
    assert SCRIPT.written(PAGE.replace(protocol.hash, "sha256:0")) == PAGE
    assert not section(PAGE, protocol.id, "9.9")


def test_every_reference_has_its_hash_on_the_page() -> None:
    assert f"| `uk-who` | `{gw.reference('uk-who').hash}` |" in PAGE
    assert all(f"| `{info.id}` |" in PAGE for info in gw.references() if not info.of_increments)

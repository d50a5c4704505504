"""The documentation as a website: it builds without a warning, holds every public name, and can be read by all.

The site is built once, without a network.  What happens where Chromium is missing stands in ``tests/loud.py``.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from once import once

import growthwatch as gw

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
ROOMS = (
    "references",
    "record",
    "growth",
    "protocol",
    "caseload",
    "anysize",
    "charts",
    "pages",
    "store",
    "interop.fhir",
)
READ = ("index", "start/lead", "start/developer", "start/clinician", "start/trainer", "signing-off", "api/store")
"""Pages that are opened: the first ones, and one of the reference."""


def build(out: Path) -> None:
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", str(out / "kept")]
    made = subprocess.run(
        [*command, str(DOCS), str(out / "html")], capture_output=True, text=True, env=env, cwd=ROOT, check=False
    )
    assert (made.returncode, made.stderr) == (0, ""), made.stderr


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sphinx")
    return once(tmp_path_factory, "site", build) / "html"


@pytest.fixture(scope="module")
def named(site: Path) -> set[str]:
    """Every Python name that has a place in the site, from its inventory (four lines, then a table that is packed)."""
    _, _, _, _, packed = (site / "objects.inv").read_bytes().split(b"\n", 4)
    lines = zlib.decompress(packed).decode().splitlines()
    return {found[1] for line in lines if (found := re.match(r"(\S+) py:\w+ ", line))}


def test_it_builds_without_a_warning_and_fetches_nothing(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert {p.relative_to(site).with_suffix("").as_posix() for p in pages} >= set(READ)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loads = re.findall(r"<(?:script|img|iframe)[^>]*\ssrc=\"([^\"]*)\"", text)
        loads += re.findall(r"<link[^>]*rel=\"(?:stylesheet|preload|icon)[^>]*href=\"([^\"]*)\"", text)
        assert [one for one in loads if one.startswith(("http", "//"))] == [], page.name


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_is_in_the_reference(named: set[str], room: str) -> None:
    module = importlib.import_module(f"growthwatch.{room}")
    assert [n for n in module.__all__ if f"growthwatch.{room}.{n}" not in named] == []


def test_every_name_of_growthwatch_is_in_the_reference(named: set[str]) -> None:
    table = (DOCS / "api" / "index.md").read_text(encoding="utf-8")
    for name in gw.__all__:
        assert f"`gw.{name}`" in table or name == "__version__", name
        homes = {f"growthwatch.{name}", *(f"growthwatch.{room}.{name}" for room in ROOMS)}
        assert homes & named, name


def test_what_pages_import_is_in_the_reference(named: set[str]) -> None:
    """A name that a page tells readers to import is explained somewhere."""
    unknown: list[str] = []
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for module, several, one in re.findall(
            r"^from (growthwatch[\w.]*) import (?:\(\s*([^)]*)\)|(.*))", page.read_text(encoding="utf-8"), re.M
        ):
            wanted = [n.strip() for n in re.split(r"[,\n]", several or one) if n.strip()]
            unknown += [f"{page.name}: {module}.{n}" for n in wanted if f"{module}.{n}" not in named]
    assert unknown == []


def test_a_name_that_is_not_there_is_seen(named: set[str]) -> None:
    assert "growthwatch.record.Weighed" in named and "growthwatch.record.Nothing" not in named


@pytest.mark.parametrize("role", ["lead", "developer", "clinician", "trainer"])
def test_a_first_page_is_one_screen(role: str) -> None:
    text = (DOCS / "start" / f"{role}.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 45 and len(text.split()) <= 330


def test_every_page_can_be_found_from_the_first(site: Path) -> None:
    """Breadth first along links between pages, from the start page."""
    seen, ahead = set[str](), ["index.html"]
    while ahead:
        page = ahead.pop()
        if page in seen:
            continue
        seen.add(page)
        article = (site / page).read_text(encoding="utf-8").split("<article", 1)[-1].split("</article>", 1)[0]
        for target in re.findall(r"href=\"([^\"#:]+\.html)", article):
            at = (site / page).parent.joinpath(target).resolve().relative_to(site.resolve()).as_posix()
            ahead.append(at)
    left = (
        {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
        - seen
        - {"genindex.html", "search.html", "py-modindex.html"}
    )
    assert left == set()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Any, site: Path, width: int, scheme: str) -> None:
    axe_playwright_python = pytest.importorskip("axe_playwright_python")
    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, asked = context.new_page(), list[str]()
    page.set_default_timeout(120_000)
    page.on("request", lambda r: asked.append(r.url))
    for name in READ if width < 1000 else READ[:2]:
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]] == [], name
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []
    context.close()

"""Pages made once for all that open pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from made_pages import make_pages
from once import once


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "pages", make_pages)


@pytest.fixture
def opened(browser: Any, folder: Path) -> Iterator[Callable[[str, int, str], tuple[Any, list[str]]]]:
    contexts: list[Any] = []

    def open_page(name: str, width: int, scheme: str) -> tuple[Any, list[str]]:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page, asked = context.new_page(), list[str]()
        page.set_default_timeout(120_000)
        page.on("request", lambda r: asked.append(r.url))
        page.goto((folder / f"{name}.html").as_uri())
        return page, asked

    yield open_page
    for context in contexts:
        context.close()

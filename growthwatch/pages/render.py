"""Templates to pages: everything that a record or a table says is escaped, and a page is one file by itself."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from growthwatch import __version__
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import write_wholly
from growthwatch.core.plain import seen

__all__ = ["render", "write_page"]


@cache
def _environment() -> Any:
    try:
        import jinja2
    except ImportError:
        raise GrowthwatchError.of("report", None, "Jinja2 to be installed (pip install 'growthwatch[pages]')") from None
    made: Any = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals["version"] = __version__
    return made


def _visible(value: Any) -> Any:
    """What a page says, with characters that have no shape written out: none of them may turn what is read."""
    if not isinstance(value, str):
        return value
    told = seen(value)
    return value if told == value else value.__class__(told)


def _template(name: str) -> str:
    return resources.files("growthwatch.pages").joinpath(f"templates/{name}").read_text(encoding="utf-8")


def render(template: str, **said: Any) -> str:
    """A page from one of the templates beside this file; every value is escaped.

    Parameters
    ----------
    template
        Its name, such as ``caseload.html``; pages extend ``base.html``, which has the one style of all.
    said
        What it says.

    Raises
    ------
    GrowthwatchError
        When Jinja2 is not installed.
    """
    return _environment().get_template(template).render(**said)


def write_page(page: str, path: str | os.PathLike[str]) -> None:
    """Write a page, wholly or not at all, for its owner alone.

    Raises
    ------
    GrowthwatchError
        When it cannot be written.
    """
    try:
        write_wholly(Path(path), page.encode("utf-8"), private=True)
    except OSError as e:
        raise GrowthwatchError.of("path", os.fspath(path), f"a file that can be written ({e.strerror or e})") from e

"""Sphinx configuration: ``sphinx-build -W docs docs/_build/html``."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from docutils.nodes import Element, SkipNode, math_block
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

_project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "growthwatch"
author = "The growthwatch developers"
project_copyright = "2026, " + author
version = release = _project["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
language = "en"
nitpicky = True
# Types in signatures are words for the reader; what must lead somewhere is a link, and those are all checked.
nitpick_ignore_regex = [("py:.*", ".*")]
suppress_warnings = ["ref.python"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4

napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_attr_annotations = False
autodoc_typehints = "none"  # the docstrings say what a thing is, in words and with its unit
autodoc_member_order = "groupwise"
autodoc_default_options = {"members": True, "exclude-members": "model_config, model_post_init"}
add_module_names = False
python_use_unqualified_type_names = True

html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"growthwatch {version}"
html_copy_source = False
html_show_sourcelink = False


# What the theme leaves out, for people who use a keyboard or a screen reader.
MENDED = (
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    ("<pre>", '<pre tabindex="0">'),
    ('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="All pages">'),
    ('<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
)


def mend(app: Sphinx, failed: Exception | None) -> None:
    """Write the pages again with what the theme leaves out."""
    if failed is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            for was, now in MENDED:
                text = text.replace(was, now)
            path.write_text(text, encoding="utf-8")


def formula(writer: HTML5Translator, node: Element) -> None:
    """Write a formula as MathML, which browsers draw themselves: nothing is fetched."""
    block = isinstance(node, math_block)
    writer.body.append(tex2mathml(node.astext(), as_block=block))
    raise SkipNode


def setup(app: Sphinx) -> None:
    """Sphinx calls this once."""
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.connect("build-finished", mend)

"""Every notebook runs from a fresh kernel; each is short, asks something, and ends with what it does not say."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
ASKED = {
    "how_is_this_child_growing": "How is this child growing?",
    "which_curve_for_a_condition": "Which curve is right for a child with a condition, and what if there is none?",
    "would_we_have_noticed": "Would we have noticed?",
    "what_would_the_new_protocol_have_changed": "What would the new protocol have changed?",
    "disabled_children_on_our_caseload": "What do we know about the disabled children on our caseload?",
    "how_often_does_a_rule_cry_wolf": "How often does a rule cry wolf?",
    "from_our_spreadsheet_to_mondays_list": "From our spreadsheet to Monday's list",
}

SHOWS = {
    "how_is_this_child_growing": ("T3 since 27 February 2024", "below the 0.4th centile"),
    # 8.7 kg at 700 days: z -2.17 on UK-WHO, -1.40 among children with Down syndrome, and -1.17 moved by one SD.
    "which_curve_for_a_condition": ("z -2.17", "z -1.40", "z -1.17 as adjusted, -2.17 on uk-who", "got 'epilepsy'"),
    "would_we_have_noticed": ("he is getting thinner", "2023-11-21  G3 opens", "tier T3 since 27 February 2024"),
    # 19 September 2023 and 77 days, in place of 84.
    "what_would_the_new_protocol_have_changed": (
        'G9 then "red" from 5 December 2023, not "red" from 12 December 2023',
    ),
    # Eight of twenty-four are disabled: six visits each, of which every fourth is weighed; of the others every second.
    "disabled_children_on_our_caseload": ("12 of 48", "48 of 96"),
    "how_often_does_a_rule_cry_wolf": ("One healthy child in four weighed this often", "2.0 SD: "),
    "from_our_spreadsheet_to_mondays_list": (
        "3 cannot wait, 15 this week",
        "In which unit are these weights?",
        "of 41 children reviewed anew",
    ),
}
"""Words that each shows, known from its data."""


def test_there_are_the_seven_and_no_others() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(ASKED) == set(SHOWS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_its_title_is_what_it_asks_and_it_ends_with_what_it_does_not_say(path: Path) -> None:
    cells = jupytext.read(path).cells
    assert cells[0].source.startswith(f"# {ASKED[path.stem]}\n")
    assert "## What this does not say\n" in cells[-1].source
    assert cells[-1].source.rpartition("## What this does not say")[2].count("\n- **") >= 3
    assert sum(len(c.source.splitlines()) for c in cells if c.cell_type == "code") <= 70, "a notebook is short"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_extra_brings_what_it_imports(path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = [*project["dependencies"], *project["optional-dependencies"]["notebook"]]
    names = {re.match(r"[\w-]+", one)[0] for one in brought} | {"growthwatch"}  # type: ignore[index]
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    used = {a.name.partition(".")[0] for n in tree if isinstance(n, ast.Import) for a in n.names}
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    used |= {(n.module or "").partition(".")[0] for n in tree if isinstance(n, ast.ImportFrom)}
    used |= {"pandas"} if 'to_frame("pandas")' in path.read_text(encoding="utf-8") else set()
    assert used - names - sys.stdlib_module_names == set()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_runs(path: Path) -> None:
    notebook = jupytext.read(path)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    shown = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    data = [o.get("data", {}) for o in shown]
    assert any("image/png" in d or "<svg" in "".join(d.get("text/html", "")) for d in data), "no picture was shown"
    assert not [o for o in shown if o.output_type in ("error",) or o.get("name") == "stderr"]
    words = "\n".join(
        str(o.get("text", "")) + "".join(d.get("text/plain", "")) for o, d in zip(shown, data, strict=True)
    )
    words += "\n".join("".join(d.get("text/html", "")) for d in data)
    assert [w for w in SHOWS[path.stem] if w not in words] == []

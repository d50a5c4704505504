"""Write a page for each packaged reference, from its metadata and figures.

    python scripts/build_reference_pages.py [OUT]

OUT is ``docs/references`` unless given: a Markdown page and a drawing (SVG) for each sex.
"""

from __future__ import annotations

import sys
from pathlib import Path

import growthwatch as gw
from growthwatch.core.sex import SEXES
from growthwatch.core.words import limit_words
from growthwatch.references import ReferenceInfo
from growthwatch.references.births import shown
from growthwatch.references.coverage import coverage
from growthwatch.references.display import births_words, coverage_words, lines_svg
from growthwatch.references.increments import increments

KINDS = {
    "standard": "Standard: how children should grow.",
    "reference": "Reference: how a population grew.",
    "descriptive": (
        "Descriptive: how children with the condition were found to grow, not how they should. "
        "It may add an alarm. It may never move or silence one."
    ),
}
RULES = {
    "nearest-day": "looked up by whole day",
    "row-below": "the row at or below the age",
    "linear": "linear between rows",
    "lagrange-4": "cubic through the four nearest rows",
    "closed-form": "published equations",
    "none": "fixed intervals",
}
DISTRIBUTIONS = {
    "lms": "LMS",
    "lms-shifted": "LMS after adding a constant",
    "normal": "normal",
    "log-normal": "normal on the logarithm",
    "skew-t": "skew t, type 3",
}
TAILS = {"none": "", "restricted-3sd": ", restricted beyond 3 SD", "half-normal-95": ", half-normal above the 95th"}


def page(info: ReferenceInfo) -> tuple[str, dict[str, str]]:
    """Return the page of a reference, and its drawings by file name."""
    lines = [f"# `{info.id}`", "", f"{info.title}.", "", KINDS[info.kind], ""]
    lines += [
        "| | |",
        "| --- | --- |",
        f"| Condition | {info.condition or 'none: the general population'} |",
        f"| Who | {info.population} |",
        f"| Published | {info.citation} |",
        f"| Figures read from | {info.origin} |",
        f"| Terms | {info.terms} |",
        f"| Correction for gestation | {', '.join(f'`{c}`' for c in info.corrections)}"
        + (f"; `{info.default_correction}` unless asked" if len(info.corrections) > 1 else "")
        + f". {info.correction_note} |",
        *([f"| Table | {births_words(info)} |"] if info.table_by else []),
        "",
        "## Read this",
        "",
        info.notes,
        *(["", info.remark] if info.remark else []),
        "",
        "## What it covers",
        "",
    ]
    drawings: dict[str, str] = {}
    if info.of_increments:
        made = increments(info.id)
        lines += ["| measure | unit of a gain | intervals |", "| --- | --- | --- |"]
        for measure in made.measures:
            every = made.intervals(measure)
            unit = "kg" if measure.startswith("weight") else "cm"
            last = limit_words(max(i.end_days for i in every))
            lines.append(f"| `{measure}` | {unit} | {len(every)}, from birth to {last} |")
        lines += ["", "```python", "from growthwatch.references import increments", ""]
        lines += ['increments.z(0.42, interval="2-3m", sex="female")  # 420 g between 2 and 3 months', "```"]
    else:
        ref = gw.reference(info.id)
        lines += ["| measure | unit | boys and girls | figures |", "| --- | --- | --- | --- |"]
        for measure, m in info.measures.items():
            tails = " and ".join(
                dict.fromkeys(TAILS[t.tail or m.tail].removeprefix(", ") or "plain" for t in m.tables if not t.overlap)
            )
            tails = f", {tails}" if tails != "plain" else ""
            rules = " and ".join(dict.fromkeys(RULES[t.interpolation or m.interpolation] for t in m.tables))
            how = f"{DISTRIBUTIONS[m.distribution]}{tails}; {rules}"
            unit = m.unit.replace("m2", "m²")
            lines.append(f"| `{measure}` | {unit} | {coverage_words(coverage(ref.source, measure))} | {how} |")
        breaks = {(b.at, b.reason) for m in info.measures.values() for b in m.breaks}
        if breaks:
            lines += ["", "Its lines break at these places, and are not smoothed:", ""]
            lines += [f"- {why}" for _, why in sorted(breaks)]
        positions = {m.position.source for m in info.measures.values() if m.position}
        if positions:
            lines += ["", "Lying or standing:", "", *(f"- {p}" for p in sorted(positions))]
        measure = ref.measures[0]
        lines += ["", "## Its nine lines", ""]
        if info.table_by:
            lines += ["Of the first and the last of its tables:", ""]
        for k, one in enumerate(shown(ref.source)):
            for sex in SEXES:
                if one.span(measure, sex) is not None:
                    name = f"{info.id}{f'-{k + 1}' if info.table_by else ''}-{sex}.svg"
                    drawings[name] = lines_svg(one, measure, sex) + "\n"
                    who = "boys" if sex == "male" else "girls"
                    title = f"Nine centile lines, 0.4th to 99.6th, {measure} of {who}, {one.info.short_title}"
                    lines.append(f"![{title}]({name})")
    return "\n".join(lines) + "\n", drawings


def main() -> None:
    """Write all pages."""
    default = Path(__file__).resolve().parent.parent / "docs" / "references"
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    out.mkdir(parents=True, exist_ok=True)
    for old in [*out.glob("*.md"), *out.glob("*.svg")]:
        old.unlink()
    for info in gw.references():
        text, drawings = page(info)
        (out / f"{info.id}.md").write_text(text, encoding="utf-8", newline="\n")
        for name, drawing in drawings.items():
            (out / name).write_text(drawing, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

"""Measure how far conventions differ, and write the tables of docs/conventions.md.

    python scripts/measure_conventions.py [PAGE]

Each table stands between ``<!-- measured: NAME -->`` and ``<!-- end -->``.  A test checks that
the page holds what this prints, so its numbers cannot go stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

import growthwatch as gw
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.sex import SEXES
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, TERM_DAYS
from growthwatch.core.words import limit_words
from growthwatch.references.curves import MeasureCurves
from growthwatch.references.distributions import LMS, Floats


def ordinal(label: str) -> str:
    """Say a centile: 0.4th, 2nd, 91st."""
    return label + {"1": "st", "2": "nd", "3": "rd"}.get(label[-1] if label != "12" else "", "th")


NINE = {ordinal(line.label): line.z for line in UK_NINE.lines}
SHOWN = ("0.4th", "9th", "50th", "91st", "99.6th")
CHILDREN = {"male": "boys", "female": "girls"}
GENERAL = ("weight", "height", "bmi", "head")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def signed(x: float, digits: int = 2) -> str:
    """Write a number with its sign; a true minus."""
    text = f"{x:+.{digits}f}"
    return (f"{0:.{digits}f}" if float(text) == 0 else text).replace("-", "−")


def code(sex: str, like: Floats) -> np.ndarray:
    """Sex as the curves have it."""
    return np.full(like.shape, SEXES.index(sex), np.uint8)


def splices() -> str:
    """Change of z at the same measurement at every join of two official tables."""
    rows = []
    for info in gw.references():
        if info.of_increments or info.table_by:  # of tables by birth, none follows another
            continue
        reference = gw.reference(info.id)
        for measure in reference.measures:
            curves = reference.curves(measure)
            for before, after in zip(curves.official, curves.official[1:], strict=False):
                at = float(after.from_)
                reason = next((b.reason for b in curves.info.breaks if b.at == at), "")
                if not reason:
                    continue
                for sex in SEXES:
                    z = np.array([NINE[k] for k in SHOWN])
                    just = np.full(z.shape, np.nextafter(at, -np.inf))
                    same = curves.value_in(before.id, z, code(sex, z), just)
                    moved = curves.z_in(after.id, same, code(sex, z), np.full(z.shape, at)) - z
                    if not np.isnan(moved).all():
                        words = [f"`{info.id}`", reason, measure] if sex == "male" else ["", "", ""]
                        rows.append([*words, CHILDREN[sex], *map(signed, moved.tolist())])
    return table(["reference", "join", "measure", "", *SHOWN], rows)


def hand_over() -> str:
    """Z on the next reference of a baby on a line of the last, on the last day that both cover."""
    rows = []
    last = gw.reference("intergrowth-preterm")
    for measure in ("weight", "height", "head"):
        for name in ("uk-who", "who"):
            for sex in SEXES:
                z = np.array([NINE[k] for k in SHOWN])
                same = last.value(z, corrected_age_days=168, sex=sex, measure=measure)
                there = gw.reference(name).z(same, corrected_age_days=168, sex=sex, measure=measure)
                words = [measure, f"`{name}`"] if sex == "male" else ["", ""]
                rows.append([*words, CHILDREN[sex], *map(signed, (there - z).tolist())])
    return table(["measure", "from `intergrowth-preterm` to", "", *SHOWN], rows)


def correction() -> str:
    """Chronological less corrected z of a child on the corrected 2nd centile."""
    ref = gw.reference("uk-who")
    ages = {"6 months": 0.5, "18 months": 1.5, "3 years": 3.0, "5 years": 5.0, "10 years": 10.0}
    rows = []
    for sex in SEXES:
        for weeks in (24, 28, 32, 36):
            early = TERM_DAYS - 7 * weeks
            off = []
            for years in ages.values():
                day = years * DAYS_PER_YEAR
                kg = ref.value(NINE["2nd"], corrected_age_days=day - early, sex=sex)
                off.append(ref.z(kg, corrected_age_days=day, sex=sex) - NINE["2nd"])
            rows.append([CHILDREN[sex] if weeks == 24 else "", f"{weeks} weeks", *map(signed, off)])
    return table(["", "born at", *ages], rows)


def correction_ends() -> str:
    """Fall of z at the same weight on the day that the paper rule ends."""
    ref = gw.reference("uk-who")
    rows = []
    for weeks, years in ((24, 2), (28, 2), (31, 2), (34, 1), (36, 1)):
        early, end = TERM_DAYS - 7 * weeks, years * DAYS_PER_YEAR
        for sex in SEXES:
            z = np.array([NINE[k] for k in SHOWN])
            kg = ref.value(z, corrected_age_days=end, sex=sex)
            off = ref.z(kg, corrected_age_days=end + early, sex=sex) - z
            words = [f"{weeks} weeks", f"{years} y"] if sex == "male" else ["", ""]
            rows.append([*words, CHILDREN[sex], *map(signed, off.tolist())])
    return table(["born at", "ends at", "", *SHOWN], rows)


def term() -> str:
    """Lifelong less paper rule at 6 weeks, for babies born at term."""
    paper, lifelong = gw.reference("uk-who"), gw.reference("uk-who", "lifelong")
    rows = []
    for weeks in (37, 38, 39, 41, 42):
        row = [f"{weeks}+0"]
        for sex in SEXES:
            for label in ("2nd", "50th"):
                kg = paper.value(NINE[label], age_days=42, sex=sex, gestation_days=7 * weeks)
                row.append(signed(lifelong.z(kg, age_days=42, sex=sex, gestation_days=7 * weeks) - NINE[label]))
        rows.append(row)
    return table(["born at", "boys, 2nd", "boys, 50th", "girls, 2nd", "girls, 50th"], rows)


def tails() -> str:
    """The same weight with and without WHO's restriction."""
    who, uk = gw.reference("who-2006"), gw.reference("uk-who")
    rows = []
    for ref, years, z, words in (
        (who, 1, -5.0, "without the restriction"),
        (who, 1, -6.0, "without the restriction"),
        (who, 2, 6.0, "without the restriction"),
        (uk, 1, -6.0, "with it"),
        (uk, 10, 5.0, "with it"),
    ):
        for sex in SEXES:
            curves = ref.curves("weight")
            kg = ref.value(z, age_days=round(years * DAYS_PER_YEAR), sex=sex)
            x, one = np.array([float(round(years * DAYS_PER_YEAR))]), np.array([kg])
            other = restricted(curves, sex, one, x) if ref is uk else plain(curves, sex, one, x)
            age = f"{years} year{'s' if years > 1 else ''}"
            rows.append([f"`{ref.id}`", f"{age}, {CHILDREN[sex]}, {kg:.2f} kg", signed(z), f"{signed(other)} {words}"])
    return table(["reference", "weight", "z", "the other way"], rows)


def plain(curves: MeasureCurves, sex: str, value: Floats, x: Floats) -> float:
    """Z by LMS alone."""
    prepared = LMS().prepare(curves.parameters(code(sex, x), x)[:3])
    return float(LMS().z(value, prepared, slice(None))[0])


def restricted(curves: MeasureCurves, sex: str, value: Floats, x: Floats) -> float:
    """Z by LMS with WHO's restriction."""
    from growthwatch.references.distributions import RestrictedLMS

    kind = RestrictedLMS()
    return float(kind.z(value, kind.prepare(curves.parameters(code(sex, x), x)[:3]), slice(None))[0])


def cdc_tail() -> str:
    """BMI above the 95th centile: the method of 2022 against the LMS of 2000."""
    ref = gw.reference("cdc-2000")
    rows = []
    for sex in SEXES:
        for years in (3, 6, 10, 15, 19):
            day = years * DAYS_PER_YEAR
            row = [CHILDREN[sex] if years == 3 else "", f"{years} years"]
            for z in (2.0, 2.5, 3.0, 4.0):
                bmi = ref.value(z, age_days=day, sex=sex, measure="bmi")
                old = plain(ref.curves("bmi"), sex, np.array([bmi]), np.array([day]))
                row.append(f"{signed(old)} ({bmi:.1f})")
            rows.append(row)
    return table(["", "age", *(f"z {z:g} in 2022 is, in 2000 (BMI)" for z in (2.0, 2.5, 3.0, 4.0))], rows)


def position() -> str:
    """What the difference between lying and standing is worth in z."""
    rows = []
    for name, words in (("who-2006", "0.7 cm"), ("cdc-2000", "0.8 cm")):
        ref = gw.reference(name)
        for years in (1, 2.01, 3, 4):
            off = []
            for sex in SEXES:
                rule = ref.info.measures["height"].position
                cm = ref.value(0.0, age_days=years * DAYS_PER_YEAR, sex=sex, measure="height")
                step = rule.lying_minus_standing_cm
                off.append(ref.z(cm + step, age_days=years * DAYS_PER_YEAR, sex=sex, measure="height"))
            rows.append(
                [
                    f"`{name}`, {words}" if years == 1 else "",
                    f"{years:.0f} year{'s' if years > 1 else ''}",
                    *map(signed, off),
                ]
            )
    return table(["reference", "age", "boys", "girls"], rows)


def between_rows() -> str:
    """Greatest difference on the nine lines, by the way in which rows are joined."""
    z = np.array(list(NINE.values()))
    uk, who = gw.reference("uk-who"), gw.reference("who-2006")

    def worst(difference: Callable[[str, str, Floats], Floats], ages: Floats, measure: str) -> str:
        best, where, whose = 0.0, 0.0, ""
        for sex in SEXES:
            off = np.abs(difference(measure, sex, ages))
            k = np.nanargmax(off.max(axis=1))
            if off[k].max() > best:
                best, where, whose = float(off[k].max()), float(ages[k]), CHILDREN[sex]
        return f"{best:.4f} ({whose}, {limit_words(round(where))})"

    def by_curves(a: MeasureCurves, b: MeasureCurves, sex: str, ages: Floats) -> Floats:
        x, lines = np.repeat(ages, z.size), np.tile(z, ages.size)
        value = a.value(lines, code(sex, x), x)
        return (b.z(value, code(sex, x), x) - lines).reshape(ages.size, z.size)

    def straight(measure: str, sex: str, ages: Floats) -> Floats:
        info = uk.info.measures[measure].model_copy(update={"interpolation": "linear"})
        text = uk.files[info.file].decode()
        return by_curves(uk.curves(measure), MeasureCurves(info, text, measure), sex, ages)

    def daily(measure: str, sex: str, ages: Floats) -> Floats:
        return by_curves(uk.curves(measure), who.curves(measure), sex, ages)

    def unrounded(measure: str, sex: str, ages: Floats) -> Floats:
        info = who.info.measures[measure].model_copy(update={"interpolation": "linear"})
        text = who.files[info.file].decode()
        return by_curves(MeasureCurves(info, text, measure), who.curves(measure), sex, ages)

    def whole_months(measure: str, sex: str, ages: Floats) -> Floats:
        x, lines = np.repeat(ages, z.size), np.tile(z, ages.size)
        value = who.value(lines, age_days=x, sex=sex, measure=measure)
        months = np.floor(x / DAYS_PER_MONTH + 1e-9) * DAYS_PER_MONTH
        return (who.z(value, age_days=months, sex=sex, measure=measure) - lines).reshape(ages.size, z.size)

    every = np.arange(-119, 7305, 0.5)
    shared = np.arange(14, 1461, 1.0)
    rows = [
        ["UK-WHO, all ages", "cubic through four rows", "straight lines", *(worst(straight, every, m) for m in ("weight", "head"))],
        ["UK-WHO, 2 weeks to 4 years", "its weekly and monthly rows", "WHO's daily rows", *(worst(daily, shared, m) for m in ("weight", "head"))],
        ["WHO 2006", "rounded half up to a day", "between days", *(worst(unrounded, np.arange(0.49, 1856, 1.0), m) for m in ("weight", "head"))],
    ]  # fmt: skip
    for month in (1, 2, 6, 12):
        last = np.floor((month + 1) * DAYS_PER_MONTH - 1e-9)
        rows.append(
            [f"WHO 2006, in month {month}", "days", "completed months", *(worst(whole_months, np.array([last]), m) for m in ("weight", "head"))]
        )  # fmt: skip
    return table(["where", "growthwatch", "other choice", "largest, weight", "largest, head"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "splices": splices,
    "hand-over": hand_over,
    "correction": correction,
    "correction ends": correction_ends,
    "term": term,
    "tails": tails,
    "cdc tail": cdc_tail,
    "position": position,
    "between rows": between_rows,
}
BLOCK = re.compile(r"<!-- measured: ([a-z -]+?) -->\n.*?<!-- end -->", re.S)


def written(page: str) -> str:
    """Return the page with its tables measured again."""

    def again(found: re.Match[str]) -> str:
        return f"<!-- measured: {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->"

    return BLOCK.sub(again, page)


def main() -> None:
    """Write the page."""
    default = Path(__file__).resolve().parent.parent / "docs" / "conventions.md"
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

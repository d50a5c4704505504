"""Write growthwatch's reference folders from a folder of source figures.

    python scripts/build_references.py SOURCE [OUT]

SOURCE holds one folder a published table, with ``<measure>_<sex>.csv`` files whose columns
are x, L, M, S (and, for the UK-WHO composite, segment).  OUT is the package's
``growthwatch/references/data`` unless given.  Everything that is not a figure (who, when,
terms, rules) is written here, in our own words; the figures are copied, never refitted.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = 30.4375
FILE = {
    "weight": "wfa",
    "height": "lhfa",
    "bmi": "bfa",
    "head": "hcfa",
    "weight-for-length": "wfl",
    "weight-for-height": "wfh",
}
UNIT = {
    "weight": "kg",
    "height": "cm",
    "bmi": "kg/m2",
    "head": "cm",
    "weight-for-length": "kg",
    "weight-for-height": "kg",
}

RCPCH_LIMITS = {
    "weight": (4, 8),
    "height": (4, 8),
    "head": (4, 8),
    "bmi": (4, 15),
    "weight-for-length": (4, 8),
    "weight-for-height": (4, 8),
}
LIMITS_SOURCE = (
    "RCPCH Digital Growth Charts: advisory beyond 4 SD, error beyond 8 SD (BMI 15); "
    "measurements are flagged, never dropped"
)

UK90_TERMS = (
    "Copyright RCPCH; the UK 1990 figures are usable under licence from the Medical Research Council. "
    "Ask RCPCH and MRC before redistributing. WHO segments: WHO's own terms, with attribution."
)
WHO_TERMS = (
    "World Health Organization; attribution required. WHO's R packages carry the figures under GPL-3, WHO's web "
    "publications under CC BY-NC-SA 3.0 IGO: which applies to the bare figures is not settled."
)


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a file of source figures."""
    with (folder / name).open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def tidy(x: float) -> str:
    """Write an x without superfluous digits."""
    x = round(x, 6)
    return repr(int(x)) if x == int(x) else repr(x)


def years_rounded_to_weeks_or_months(x: float) -> float:
    """Undo the rounding of a published decimal age: 0.0192 y is one week, 0.0833 y one month."""
    days = x * DAYS_PER_YEAR
    for step in (7.0, DAYS_PER_MONTH):
        exact = round(days / step) * step
        if abs(exact - days) < 1e-3:
            return exact
    raise SystemExit(f"{x} years is neither whole weeks nor whole months")


def months_from_rounded_years(x: float) -> float:
    """0.08 y, 0.17 y … are months / 12 rounded to two decimals."""
    months = round(x * 12)
    if abs(months / 12 - x) > 0.0051:
        raise SystemExit(f"{x} years is not a whole number of months")
    return months * DAYS_PER_MONTH


def years(x: float) -> float:
    """Turn decimal years into days."""
    return x * DAYS_PER_YEAR


def between(first: float, last: float):
    """Keep ages from `first` to `last` years."""
    return lambda x: first * DAYS_PER_YEAR - 1e-6 <= x <= last * DAYS_PER_YEAR + 1e-6


def figures(rows, table, sex, to_x=float, keep=lambda x: True):
    """Turn source rows into rows of ours; L, M and S stay text, so that no digit is lost."""
    out = []
    for r in rows:
        x = to_x(float(r["x"]))
        if keep(x):
            out.append((table, sex, x, r["L"], r["M"], r["S"]))
    return out


def who_2006(source: Path):
    """Build WHO 2006."""
    files = {}
    for measure in ("weight", "height", "bmi", "head", "weight-for-length", "weight-for-height"):
        files[measure] = [
            row
            for sex in ("male", "female")
            for row in figures(read(source / "who_2006", f"{FILE[measure]}_{sex}.csv"), "who-2006", sex)
        ]
    return files


def uk_who(source: Path):
    """Build UK-WHO out of its parts."""
    files = {}
    for measure in ("weight", "height", "bmi", "head"):
        rows = []
        for sex in ("male", "female"):
            composite = read(source / "uk_who_rcpch", f"{FILE[measure]}_{sex}.csv")
            part = {
                name: [r for r in composite if r["segment"] == name]
                for name in ("uk90_preterm", "uk_who_infant", "uk_who_child")
            }
            full = read(source / "uk90_full_sitar", f"{FILE[measure]}_{sex}.csv")
            rows += figures(part["uk90_preterm"], "uk90-preterm", sex, years_rounded_to_weeks_or_months)
            infant = figures(part["uk_who_infant"], "who", sex, years_rounded_to_weeks_or_months)
            child = figures(part["uk_who_child"], "who", sex, years_rounded_to_weeks_or_months)
            if measure in ("weight", "head"):
                if infant[-1][2:] != child[0][2:]:
                    raise SystemExit("the WHO weight and head tables should meet at two years")
                rows += infant + child[1:]
            else:
                rows += [("who-lying", *r[1:]) for r in infant] + [("who-standing", *r[1:]) for r in child]
            # The published ages of this table are three-decimal years, and those are its knots: using
            # exact months instead moves z by up to 3e-4 from LMSgrowth, using these moves it by 1e-6.
            end = 18 if measure == "head" else 20
            rows += figures(full, "uk90", sex, years, between(4, end))
            rows += figures(full, "uk90-from-2-years", sex, years, between(2, end))
        files[measure] = rows
    return files


def trisomy_21_uk(source: Path):
    """Build Down syndrome, UK."""
    files = {}
    for measure in ("weight", "height", "bmi", "head"):
        files[measure] = [
            row
            for sex in ("male", "female")
            for row in figures(
                read(source / "trisomy21_uk_2002", f"{FILE[measure]}_{sex}.csv"),
                "trisomy-21-uk-2002",
                sex,
                months_from_rounded_years,
            )
        ]
    return files


def cp(folder: str, table: str):
    """Build one of the cerebral palsy charts."""

    def build(source: Path):
        return {
            "weight": [
                row
                for sex in ("male", "female")
                for row in figures(read(source / folder, f"wfa_{sex}.csv"), table, sex, years)
            ]
        }

    return build


def simple_tables(name: str):
    """Name the one table of a reference that has one."""
    return lambda measure: [{"id": name}]


def uk_who_tables(measure: str):
    """Name the tables of UK-WHO and where each is official."""
    preterm = {"id": "uk90-preterm", "until": 14, "label": "UK 1990 births (reanalysed 2009)"}
    uk90 = {"id": "uk90", "from": 1461, "label": "UK 1990"}
    early = {"id": "uk90-from-2-years", "overlap": True, "label": "UK 1990"}
    if measure in ("weight", "head"):
        who = [{"id": "who", "from": 14, "until": 1461, "label": "WHO 2006"}]
    else:
        who = [
            {"id": "who-lying", "from": 14, "until": 730.5, "label": "WHO 2006, length"},
            {"id": "who-standing", "from": 730.5, "until": 1461, "label": "WHO 2006, height"},
        ]
    return ([] if measure == "bmi" else [preterm]) + who + [uk90, early]


BREAKS = {
    "weight": {"14": "42 weeks: UK births to WHO", "1461": "4 years: WHO to UK 1990"},
    "head": {"14": "42 weeks: UK births to WHO", "1461": "4 years: WHO to UK 1990"},
    "height": {
        "14": "42 weeks: UK births to WHO",
        "730.5": "2 years: lying to standing",
        "1461": "4 years: WHO to UK 1990",
    },
    "bmi": {"730.5": "2 years: lying to standing", "1461": "4 years: WHO to UK 1990"},
}

REFERENCES = [
    {
        "id": "who-2006",
        "edition": "2006",
        "kind": "standard",
        "condition": "",
        "title": "WHO Child Growth Standards, birth to 5 years",
        "short_title": "WHO 2006",
        "population": "Healthy breast-fed children of six countries (Multicentre Growth Reference Study)",
        "citation": (
            "WHO Multicentre Growth Reference Study Group. WHO Child Growth Standards based on "
            "length/height, weight and age. Acta Paediatr Suppl 2006;450:76-85. "
            "doi:10.1111/j.1651-2227.2006.tb02378.x; WHO Child Growth Standards: methods and "
            "development. Geneva: WHO, 2006 (ISBN 92 4 154693 X) and 2007 (ISBN 978 92 4 154718 5)."
        ),
        "origin": (
            "WHO igrowup macro tables, by day of age to 1856 days and by 0.1 cm, as carried by the R "
            "package growthstandards; identical on all common rows with WHO's own R package anthro."
        ),
        "terms": WHO_TERMS,
        "corrections": ["paper", "lifelong", "none"],
        "default_correction": "paper",
        "correction_note": (
            "WHO builds in no correction. A gestation that is given is used, by the paper-chart rule "
            "unless another is asked for; with none given, age is chronological."
        ),
        "interpolation": {
            "weight": "nearest-day",
            "height": "nearest-day",
            "bmi": "nearest-day",
            "head": "nearest-day",
            "weight-for-length": "linear",
            "weight-for-height": "linear",
        },
        "tail": {
            "weight": "restricted-3sd",
            "height": "none",
            "bmi": "restricted-3sd",
            "head": "none",
            "weight-for-length": "restricted-3sd",
            "weight-for-height": "restricted-3sd",
        },
        "notes": (
            "A lookup by day: ages are rounded half up to whole days, never interpolated. Beyond 3 SD "
            "the weight-based measures are linear in the distance between 2 and 3 SD (WHO's "
            "restriction); length and head circumference are plain LMS."
        ),
        "build": who_2006,
        "tables": simple_tables("who-2006"),
        "breaks": {},
        "position": {
            "height": (
                730.5,
                0.7,
                "WHO 2006: recumbent length to day 730, standing height from day 731; 0.7 cm between them",
            ),
            "weight-for-length": ("lying", 0.7, "WHO 2006: 0.7 cm added to a standing height"),
            "weight-for-height": ("standing", 0.7, "WHO 2006: 0.7 cm taken from a recumbent length"),
        },
    },
    {
        "id": "uk-who",
        "edition": "2009",
        "kind": "reference",
        "condition": "",
        "title": "UK-WHO growth reference, 23 weeks' gestation to 20 years",
        "short_title": "UK-WHO",
        "population": (
            "UK births to 42 weeks (UK 1990, reanalysed 2009), WHO 2006 from 2 weeks to 4 years, UK "
            "1990 from 4 to 20 years"
        ),
        "citation": (
            "Wright CM, Williams AF, Elliman D, et al. Using the new UK-WHO growth charts. BMJ "
            "2010;340:c1140. doi:10.1136/bmj.c1140; Cole TJ, Wright CM, Williams AF. Arch Dis Child "
            "Fetal Neonatal Ed 2012;97:F219-22; Cole TJ, Freeman JV, Preece MA. Stat Med "
            "1998;17:407-429; Cole TJ, Williams AF, Wright CM. Ann Hum Biol 2011;38:7-11. "
            "doi:10.3109/03014460.2011.544139"
        ),
        "origin": (
            "Births and WHO knots (weekly to 13 weeks, then monthly): tables of RCPCH Digital Growth "
            "Charts. UK 1990 from 2 years: the data set uk90 of the R package sitar (T. J. Cole), whose "
            "ages, three-decimal years, are the knots."
        ),
        "terms": UK90_TERMS,
        "corrections": ["paper", "lifelong", "none"],
        "default_correction": "paper",
        "correction_note": "Paper-chart rule by default; 'lifelong' is that of RCPCH Digital Growth Charts.",
        "interpolation": dict.fromkeys(("weight", "height", "bmi", "head"), "lagrange-4"),
        "tail": dict.fromkeys(("weight", "height", "bmi", "head"), "none"),
        "notes": (
            "At an exact boundary the table of the older ages is used. WHO's restriction beyond 3 SD "
            "has never applied to UK 1990 and is not applied here (T. J. Cole). Weight and head "
            "circumference do not break at 2 years; length and BMI do (lying to standing). UK 1990 from "
            "2 years is used only to measure change across the 4-year boundary."
        ),
        "build": uk_who,
        "tables": uk_who_tables,
        "breaks": BREAKS,
        "position": {
            "height": (
                730.5,
                None,
                "UK-WHO: lying below exactly 2 years, standing from then; no conversion is published with the chart",
            )
        },
    },
    {
        "id": "trisomy-21-uk-2002",
        "edition": "2002, BMI 2013",
        "kind": "reference",
        "condition": "trisomy 21",
        "title": "Down syndrome, UK and Republic of Ireland, birth to 20 years",
        "short_title": "Down syndrome UK 2002",
        "population": (
            "Children with Down syndrome in the UK and Republic of Ireland, those with severe heart disease left out"
        ),
        "citation": (
            "Styles ME, Cole TJ, Dennis J, Preece MA. New cross sectional stature, weight, and head "
            "circumference references for Down's syndrome in the UK and Republic of Ireland. Arch Dis "
            "Child 2002;87:104-108. doi:10.1136/adc.87.2.104. BMI centiles added 2013."
        ),
        "origin": (
            "Tables of RCPCH Digital Growth Charts (trisomy_21); the published ages are months / 12 "
            "rounded to two decimals, and are read as whole months."
        ),
        "terms": (
            "Copyright of its owners (Down Syndrome Medical Interest Group, RCPCH); ask them before redistributing."
        ),
        "corrections": ["paper", "lifelong", "none"],
        "default_correction": "paper",
        "correction_note": "As for UK-WHO.",
        "interpolation": dict.fromkeys(("weight", "height", "bmi", "head"), "lagrange-4"),
        "tail": dict.fromkeys(("weight", "height", "bmi", "head"), "none"),
        "notes": "Weight and height to 20 years, head circumference to 18, BMI to 18.92.",
        "build": trisomy_21_uk,
        "tables": simple_tables("trisomy-21-uk-2002"),
        "breaks": {},
        "position": {},
    },
]
for _id, _folder, _feeding in (
    ("cp-gmfcs-5-tube", "cp_brooks_2011_gmfcs_5tf", "tube-fed"),
    ("cp-gmfcs-5-oral", "cp_brooks_2011_gmfcs_5nt", "orally fed"),
):
    REFERENCES.append(
        {
            "id": _id,
            "edition": "2011",
            "kind": "descriptive",
            "condition": f"cerebral palsy, GMFCS V, {_feeding}",
            "title": f"Cerebral palsy, GMFCS V, {_feeding}, 2 to 20 years",
            "short_title": f"Cerebral palsy GMFCS V {_feeding}",
            "population": (
                "Clients of the California Department of Developmental Services with cerebral palsy, 1988 to 2002"
            ),
            "citation": (
                "Brooks J, Day S, Shavelle R, Strauss D. Low weight, morbidity, and mortality in children "
                "with cerebral palsy: new clinical growth charts. Pediatrics 2011;128:e299-e307. "
                "doi:10.1542/peds.2010-2801"
            ),
            "origin": (
                "L, M and S by half-year as tabulated in the R package peditools; cross-checked with a second carrier."
            ),
            "terms": (
                "Copyright of the authors and the American Academy of Pediatrics; one author has told "
                "another package's maintainer that the data may be used freely. Ask for your own "
                "permission."
            ),
            "corrections": ["none"],
            "default_correction": "none",
            "correction_note": "Published by chronological age; no correction for gestation.",
            "interpolation": {"weight": "linear"},
            "tail": {"weight": "none"},
            "notes": (
                "Descriptive: how these children were found to grow, not how they should. Below the 20th "
                "centile the authors found more illness. It can add an alarm; it can never move or silence "
                "one."
            ),
            "build": cp(_folder, _id),
            "tables": simple_tables(_id),
            "breaks": {},
            "position": {},
        }
    )


def toml_value(value) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(type(value))


def write(spec: dict, source: Path, out: Path) -> None:
    """Write one reference folder."""
    folder = out / spec["id"]
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# Written by scripts/build_references.py; edit that, not this."]
    lines.append("layout = 1")
    for key in (
        "id",
        "edition",
        "kind",
        "condition",
        "title",
        "short_title",
        "population",
        "citation",
        "origin",
        "terms",
        "corrections",
        "default_correction",
        "correction_note",
        "notes",
    ):
        lines.append(f"{key} = {toml_value(spec[key])}")
    lines.append(f"limits_source = {toml_value(LIMITS_SOURCE)}")
    for measure, rows in spec["build"](source).items():
        by_length = measure.startswith("weight-for-")
        x_name = "length_cm" if by_length else "age_days"
        advisory, implausible = RCPCH_LIMITS[measure]
        head = f'measures."{measure}"'
        lines += [
            "",
            f"[{head}]",
            f'file = "{measure}.csv"',
            f'unit = "{UNIT[measure]}"',
            f'x = "{x_name}"',
            'distribution = "lms"',
            f'interpolation = "{spec["interpolation"][measure]}"',
            f'tail = "{spec["tail"][measure]}"',
            f"advisory_z = {advisory}",
            f"implausible_z = {implausible}",
        ]
        if measure in spec["position"]:
            switch, difference, why = spec["position"][measure]
            lines += ["", f"[{head}.position]"]
            lines += [f'expects = "{switch}"'] if isinstance(switch, str) else [f"standing_from_age_days = {switch}"]
            lines += [] if difference is None else [f"lying_minus_standing_cm = {difference}"]
            lines += [f"source = {toml_value(why)}"]
        for table in spec["tables"](measure):
            lines += ["", f"[[{head}.tables]]"]
            lines += [f"{k} = {toml_value(v)}" for k, v in table.items()]
        for at, why in spec["breaks"].get(measure, {}).items():
            lines += ["", f"[[{head}.breaks]]", f"at = {at}", f"reason = {toml_value(why)}"]
        with (folder / f"{measure}.csv").open("w", newline="", encoding="utf-8") as f:
            w = csv.writer(f, lineterminator="\n")
            w.writerow(["table", "sex", x_name, "L", "M", "S"])
            for table, sex, x, *parameters in rows:
                w.writerow([table, sex, tidy(x), *parameters])
    (folder / "reference.toml").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Write all folders."""
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    out = (
        Path(sys.argv[2])
        if len(sys.argv) == 3
        else Path(__file__).resolve().parent.parent / "growthwatch" / "references" / "data"
    )
    for spec in REFERENCES:
        write(spec, Path(sys.argv[1]), out)
        print(spec["id"])


if __name__ == "__main__":
    main()

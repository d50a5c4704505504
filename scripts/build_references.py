"""Write growthwatch's reference folders from a folder of source figures.

    python scripts/build_references.py SOURCE [OUT]

SOURCE holds one folder a published table, with ``<measure>_<sex>.csv`` files whose columns
are x, L, M, S, or other parameters (and, for the UK-WHO composite, segment).  OUT is the package's
``growthwatch/references/data`` unless given.  Everything that is not a figure (who, when,
terms, rules) is written here, in our own words; the figures are copied, never refitted.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = 30.4375
TERM_DAYS = 280
FILE = {
    "weight": "wfa",
    "height": "lhfa",
    "bmi": "bfa",
    "head": "hcfa",
    "weight-for-length": "wfl",
    "weight-for-height": "wfh",
    "arm": "acfa",
    "triceps-skinfold": "tsfa",
    "subscapular-skinfold": "ssfa",
    "sitting-height": "sitht",
    "leg-length": "leglen",
    "waist": "waist",
    "body-fat": "bfat",
}
UNIT = {
    "weight": "kg",
    "height": "cm",
    "bmi": "kg/m2",
    "head": "cm",
    "weight-for-length": "kg",
    "weight-for-height": "kg",
    "arm": "cm",
    "triceps-skinfold": "mm",
    "subscapular-skinfold": "mm",
    "sitting-height": "cm",
    "leg-length": "cm",
    "waist": "cm",
    "body-fat": "%",
    "weight-gain": "g",
    "length-gain": "cm",
}

SEXES = ("male", "female")

RCPCH_LIMITS = {"bmi": (4, 15)}
OTHER_LIMITS = (4, 8)
LIMITS_SOURCE = (
    "RCPCH Digital Growth Charts: advisory beyond 4 SD, error beyond 8 SD (BMI 15); "
    "measurements are flagged, never dropped"
)
MORE_LIMITS_SOURCE = LIMITS_SOURCE + ". Measures of which RCPCH does not speak are flagged alike (local choice)"

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


def months(x: float) -> float:
    """Turn months into days."""
    return x * DAYS_PER_MONTH


def from_term(x: float) -> float:
    """Turn days of gestation into days from term."""
    return x - TERM_DAYS


def figures(rows, table, sex, to_x=float, keep=lambda x: True, columns=("L", "M", "S")):
    """Turn source rows into rows of ours; parameters stay text, so that no digit is lost."""
    out = []
    for r in rows:
        x = to_x(float(r["x"]))
        if keep(x):
            out.append((table, sex, x, *(r[c] for c in columns)))
    return out


def plain(folder, table, names, to_x=float, **how):
    """Build a reference of one table: `names` says which source file each measure is in.

    A sex whose file is not there, or is named in `without`, is left out.
    """
    without = how.pop("without", ())

    def build(source: Path):
        files = {}
        for measure, name in names.items():
            files[measure] = [
                row
                for sex in SEXES
                if (measure, sex) not in without and (source / folder / f"{name}_{sex}.csv").exists()
                for row in figures(read(source / folder, f"{name}_{sex}.csv"), table, sex, to_x, **how)
            ]
        return files

    return build


def named(*measures):
    """Say in which source file each measure is, for those that have the usual name."""
    return {m: FILE[m] for m in measures}


WHO_MEASURES = (
    "weight",
    "height",
    "bmi",
    "head",
    "weight-for-length",
    "weight-for-height",
    "arm",
    "triceps-skinfold",
    "subscapular-skinfold",
)
who_2006 = plain("who_2006", "who-2006", named(*WHO_MEASURES))
WHO_2007_FILES = {"weight": "wfa", "height": "hfa", "bmi": "bfa"}


who_2007 = plain("who_2007", "who-2007", WHO_2007_FILES, months)
arm_5_to_19 = plain("muac_mramba_2017", "mramba-2017", named("arm"), months)


def who_joined(source: Path):
    """Join WHO 2006 and WHO 2007; arm circumference goes on with Mramba 2017, which was made for it."""
    older = who_2007(source) | arm_5_to_19(source)
    return {m: rows + older.get(m, []) for m, rows in who_2006(source).items()}


WHO_JOINT = 1856.5


def who_tables(measure: str):
    """WHO 2006 to its last day, WHO 2007 from 61 months; there is no age between the two."""
    if measure == "arm":
        return [
            {"id": "who-2006", "until": WHO_JOINT, "label": "WHO 2006", "interpolation": "nearest-day"},
            {"id": "mramba-2017", "from": WHO_JOINT, "label": "Mramba 2017", "interpolation": "linear", "tail": "none"},
        ]
    if measure not in WHO_2007_FILES:
        return [{"id": "who-2006"}]
    return [
        {"id": "who-2006", "until": WHO_JOINT, "label": "WHO 2006", "interpolation": "nearest-day"},
        {"id": "who-2007", "from": WHO_JOINT, "label": "WHO 2007", "interpolation": "linear"},
    ]


def cdc(source: Path):
    """Build CDC 2000, with the extended BMI of 2022."""
    here = source / "cdc_2000"
    files = plain("cdc_2000", "cdc-2000", named("weight", "head", "weight-for-length", "weight-for-height"))(source)
    for measure in ("weight", "head"):
        files[measure] = [(t, s, months(x), *p) for t, s, x, *p in files[measure]]
    files["height"], files["bmi"] = [], []
    for sex in SEXES:
        files["height"] += figures(read(here, f"lfa_{sex}.csv"), "cdc-length", sex, months)
        files["height"] += figures(read(here, f"hfa_{sex}.csv"), "cdc-stature", sex, months)
        extended = read(source / "cdc_2022_bmi_ext", f"bfa_{sex}.csv")
        up_to = months(240)
        files["bmi"] += figures(
            extended, "cdc-2000", sex, months, lambda x, end=up_to: x <= end, ("L", "M", "S", "sigma")
        )
    return {m: files[m] for m in ("weight", "height", "bmi", "head", "weight-for-length", "weight-for-height")}


def cdc_tables(measure: str):
    """CDC: length below 24 months, stature from then; head to 36 months (the row after it serves interpolation)."""
    if measure == "height":
        return [
            {"id": "cdc-length", "until": 730.5, "label": "CDC 2000, length"},
            {"id": "cdc-stature", "from": 730.5, "label": "CDC 2000, stature"},
        ]
    return [{"id": "cdc-2000", "until": 1095.75}] if measure == "head" else [{"id": "cdc-2000"}]


def uk90(source: Path):
    """Build UK 1990, all that its data set holds."""
    names = ("weight", "height", "bmi", "head", "sitting-height", "leg-length", "waist", "body-fat")
    return plain("uk90_full_sitar", "uk90", named(*names), years)(source)


def zemel(source: Path):
    """Build Down syndrome, US: infants (months) to 2 years, then children (half-years)."""
    here = source / "trisomy21_us_zemel_2015"
    files = {}
    for measure, infant, child in (
        ("weight", "wfa", "wfa"),
        ("height", "lfa", "hfa"),
        ("bmi", None, "bfa"),
        ("head", "hcfa", "hcfa"),
    ):
        files[measure] = []
        for sex in SEXES:
            if infant:
                rows = read(here, f"{infant}__infant_0_36m_{sex}.csv")
                files[measure] += figures(rows, "infant", sex, months)
            files[measure] += figures(read(here, f"{child}__child_2_20y_{sex}.csv"), "child", sex, years)
    files["weight-for-length"] = [row for sex in SEXES for row in figures(read(here, f"wfl_{sex}.csv"), "infant", sex)]
    return files


def zemel_tables(measure: str):
    """Infants' charts to 2 years, children's from then; the infants' go on to 3 years, which serves change."""
    infant = {"id": "infant", "until": 730.5, "label": "birth to 36 months"}
    child = {"id": "child", "from": 730.5, "label": "2 to 20 years"}
    if measure == "weight-for-length":
        return [{"id": "infant"}]
    return [{"id": "child"}] if measure == "bmi" else [infant, child]


def newborn(source: Path):
    """Build INTERGROWTH newborn size: very preterm (normal, weight on its logarithm), then skew t."""
    files = {}
    for measure, name in (("weight", "wfa"), ("height", "lfa"), ("head", "hcfa")):
        log = "1" if measure == "weight" else "0"
        files[measure] = []
        for sex in SEXES:
            early = read(source / "intergrowth_very_preterm_2016", f"{name}_{sex}.csv")
            late = read(source / "intergrowth_newborn_2014", f"{name}_{sex}.csv")
            files[measure] += [
                ("very-preterm", sex, x, log, mu, sigma, "1", "inf")
                for _, _, x, mu, sigma in figures(early, "", sex, from_term, columns=("mu", "sigma"))
            ]
            files[measure] += [
                ("newborn", sex, x, "0", *p)
                for _, _, x, *p in figures(late, "", sex, from_term, columns=("mu", "sigma", "nu", "tau"))
            ]
    return files


NEWBORN_JOINT = 231 - 280


def newborn_tables(measure: str):
    """Very preterm size at birth to 32+6 weeks, newborn size from 33+0; whole days only, so no age lies between."""
    return [
        {"id": "very-preterm", "until": NEWBORN_JOINT - 0.5, "label": "24+0 to 32+6 weeks (2016)"},
        {"id": "newborn", "from": NEWBORN_JOINT - 0.5, "label": "33+0 to 42+6 weeks (2014)"},
    ]


# The published equations: t is postmenstrual age in weeks, or length in decimetres.  Each term is
# (coefficient, power of t, power of log t); the second list of a pair is what boys have besides.
PRETERM_EQUATIONS = {
    "weight": {
        "mu": ([(2.591277, 0, 0), (-0.01155, 0.5, 0), (-2201.705, -2, 0)], [(0.0911639, 0, 0)]),
        "sigma": ([(0.1470258, 0, 0), (505.92394, -2, 0), (-140.0576, -2, 1)], []),
    },
    "height": {
        "mu": ([(4.136244, 0, 0), (-547.0018, -2, 0), (0.0026066, 1, 0)], [(0.0314961, 0, 0)]),
        "sigma": ([(0.050489, 0, 0), (310.44761, -2, 0), (-90.0742, -2, 1)], []),
    },
    "head": {
        "mu": ([(55.53617, 0, 0), (-852.0059, -1, 0)], [(0.7957903, 0, 0)]),
        "sigma": ([(3.0582292, 0, 0), (3910.05, -2, 0), (-180.5625, -1, 0)], []),
    },
}
PRETERM_BY_LENGTH = {
    "male": {
        "mu": [(13.98383, 0, 0), (203.5677, -2, 0), (-291.114, -2, 1)],
        "log sigma": [(-1.830098, 0, 0), (0.0049708, 3, 0)],
    },
    "female": {
        "mu": [(50.32492, 0, 0), (140.8019, -1, 0), (-167.906, -0.5, 0)],
        "sigma": [(0.2195888, 0, 0), (-0.0046046, 3, 0), (0.0033017, 3, 1)],
    },
}


def preterm(source: Path):
    """Build INTERGROWTH postnatal growth of preterm infants: equations, checked against the source's table."""
    name = "intergrowth-preterm"
    equations = {
        (measure, sex): {p: [*both, *(boys if sex == "male" else [])] for p, (both, boys) in parameters.items()}
        for measure, parameters in PRETERM_EQUATIONS.items()
        for sex in SEXES
    }
    equations |= {("weight-for-length", sex): PRETERM_BY_LENGTH[sex] for sex in SEXES}
    files = {}
    for (measure, sex), parameters in equations.items():
        by_length = measure == "weight-for-length"
        name_ = {"weight": "wfa", "height": "lfa", "head": "hcfa", "weight-for-length": "wfl"}[measure]
        for row in read(source / "intergrowth_preterm_postnatal_2015", f"{name_}_{sex}.csv"):
            t = float(row["x"]) / (10 if by_length else 1)
            for parameter, terms in parameters.items():
                made = sum(c * t**p * math.log(t) ** q for c, p, q in terms)
                made = math.exp(made) if parameter.startswith("log ") else made
                if not math.isclose(made, float(row[parameter.removeprefix("log ")]), rel_tol=1e-12):
                    raise SystemExit(f"{measure}, {sex}, {row['x']}: the equations do not give the table")
        files.setdefault(measure, [])
        files[measure] += [
            (name, sex, parameter, *(repr(v) for v in term))
            for parameter, terms in parameters.items()
            for term in terms
        ]
    return files


def velocity(source: Path):
    """Build the WHO increments."""
    files = {}
    for measure, stem, lengths in (("weight-gain", "wv", (1, 2, 3, 4, 6)), ("length-gain", "lv", (2, 3, 4, 6))):
        files[measure] = []
        for sex in SEXES:
            for length in lengths:
                for r in read(source / "who_velocity_2009", f"{stem}{length}mo_{sex}.csv"):
                    ends = [tidy(round(months(float(r[e])), 4)) for e in ("x", "x_end")]
                    files[measure].append(
                        ("who-velocity-2009", sex, r["interval"], *ends, r["L"], r["M"], r["S"], r["delta"])
                    )
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


NL_WEEKS = range(25, 37)


def preterm_nl(source: Path):
    """Build the Dutch charts of children born preterm: a table for each completed week of gestation."""
    return {
        measure: [
            row
            for week in NL_WEEKS
            for sex in SEXES
            for row in figures(
                read(source / "preterm_nl_2012", f"{FILE[measure]}__ga{week}_{sex}.csv"), f"week-{week}", sex, years
            )
        ]
        for measure in ("weight", "height", "head")
    }


def preterm_nl_tables(measure: str):
    """Name the tables by completed week of gestation, each with its days."""
    return [
        {"id": f"week-{w}", "births": {"least": 7 * w, "most": 7 * w + 6, "label": f"born at {w} weeks"}}
        for w in NL_WEEKS
    ]


CZ_CLASSES = {
    "below-1500-g": ("bw_lt1500", {"most": 1499, "label": "birth weight below 1500 g"}),
    "from-1500-g": ("bw_1500_2500", {"least": 1500, "most": 2500, "label": "birth weight 1500 to 2500 g"}),
}


def weeks_from_term(x: float) -> float:
    """Turn weeks of postmenstrual age into days from term."""
    return 7 * x - TERM_DAYS


def preterm_cz(source: Path):
    """Build the Czech charts of children born preterm: a table for each class of birth weight."""
    return {
        measure: [
            row
            for table, (name, _) in CZ_CLASSES.items()
            for sex in SEXES
            for row in figures(
                read(source / "preterm_cz_2015", f"{FILE[measure]}__{name}_{sex}.csv"),
                table,
                sex,
                float if measure == "weight-for-length" else weeks_from_term,
            )
        ]
        for measure in ("weight", "height", "head", "weight-for-length")
    }


def preterm_cz_tables(measure: str):
    """Name the tables by class of birth weight."""
    return [{"id": table, "births": births} for table, (_, births) in CZ_CLASSES.items()]


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
            "arm": "nearest-day",
            "triceps-skinfold": "nearest-day",
            "subscapular-skinfold": "nearest-day",
        },
        "tail": {
            "weight": "restricted-3sd",
            "height": "none",
            "bmi": "restricted-3sd",
            "head": "none",
            "weight-for-length": "restricted-3sd",
            "weight-for-height": "restricted-3sd",
            "arm": "restricted-3sd",
            "triceps-skinfold": "restricted-3sd",
            "subscapular-skinfold": "restricted-3sd",
        },
        "notes": (
            "A lookup by day: ages are rounded half up to whole days, never interpolated. Beyond 3 SD "
            "the weight-based measures, arm circumference and skinfolds are linear in the distance between 2 and 3 SD "
            "(WHO's restriction); length and head circumference are plain LMS. Arm circumference and skinfolds begin "
            "at 91 days."
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
GENERAL_CORRECTION = (
    "The publication builds in no correction. A gestation that is given is used, by the paper-chart rule "
    "unless another is asked for; with none given, age is chronological."
)
ALL_CORRECTIONS = {
    "corrections": ["paper", "lifelong", "none"],
    "default_correction": "paper",
    "correction_note": GENERAL_CORRECTION,
}
NO_CORRECTION = {"corrections": ["none"], "default_correction": "none"}
LIFELONG = {"corrections": ["lifelong"], "default_correction": "lifelong"}
PLAIN = {"interpolation": "linear", "tail": "none", "breaks": {}, "position": {}}
UK90_CITATION = (
    "Freeman JV, Cole TJ, Chinn S, Jones PRM, White EM, Preece MA. Cross sectional stature and weight reference "
    "curves for the UK, 1990. Arch Dis Child 1995;73:17-24. doi:10.1136/adc.73.1.17; Cole TJ, Freeman JV, Preece "
    "MA. British 1990 growth reference centiles for weight, height, body mass index and head circumference fitted "
    "by maximum penalized likelihood. Stat Med 1998;17:407-429."
)
WHO_2007_CITATION = (
    "de Onis M, Onyango AW, Borghi E, Siyam A, Nishida C, Siekmann J. Development of a WHO growth reference for "
    "school-aged children and adolescents. Bull World Health Organ 2007;85:660-667. doi:10.2471/BLT.07.043497"
)
ARM_CITATION = (
    "Mramba L, Ngari M, Mwangome M, et al. A growth reference for mid upper arm circumference for age among school age "
    "children and adolescents, and validation for mortality: growth curve construction and longitudinal cohort study. "
    "BMJ 2017;358:j3423. doi:10.1136/bmj.j3423"
)
CDC_TERMS = (
    "Work of the United States government (CDC, National Center for Health Statistics): in the public domain in the "
    "United States. Name CDC as the source."
)
INTERGROWTH_TERMS = (
    "INTERGROWTH-21st and the University of Oxford. The charts and tables are published for use free of charge; "
    "terms for software are those of the consortium, and no licence for the bare figures was found. Ask before "
    "redistributing."
)
PEDITOOLS = "as tabulated in the R package peditools"
WHO_2006_SPEC = REFERENCES[0]
SECOND = "2 years: lying to standing"

REFERENCES += [
    {
        "id": "who-2007",
        "edition": "2007",
        "kind": "reference",
        "condition": "",
        "title": "WHO Growth Reference, 5 to 19 years",
        "short_title": "WHO 2007",
        "population": "US children of 1977 (NCHS), fitted again and joined to the WHO standards at 5 years",
        "citation": WHO_2007_CITATION,
        "origin": "Tables by month of WHO's R package anthroplus.",
        "terms": WHO_TERMS,
        **ALL_CORRECTIONS,
        "interpolation": "linear",
        "tail": {"weight": "restricted-3sd", "height": "none", "bmi": "restricted-3sd"},
        "notes": (
            "L, M and S are linear between months of 30.4375 days, from month 60, as WHO AnthroPlus has it. Weight ends "
            "at 10 years: WHO publishes none after, because weight alone cannot tell puberty from fatness. Beyond 3 SD "
            "weight and BMI are linear in the distance between 2 and 3 SD; height is plain LMS. Ages are in completed "
            "months to WHO: weight counts to the end of month 120, height and BMI to the end of month 228."
        ),
        "build": who_2007,
        "tables": simple_tables("who-2007"),
        "breaks": {},
        "position": {"height": ("standing", None, "WHO 2007: standing height throughout; no conversion is published")},
    },
    {
        "id": "who",
        "edition": "2006, 2007",
        "kind": "reference",
        "condition": "",
        "title": "WHO, birth to 19 years: the standards of 2006 joined to the reference of 2007",
        "short_title": "WHO",
        "population": (
            "To 5 years, healthy breast-fed children of six countries; from 5 years, US children of 1977, fitted again "
            "(arm circumference: US children of the surveys NHANES I to III)"
        ),
        "citation": WHO_2006_SPEC["citation"]
        + "; "
        + WHO_2007_CITATION
        + "; arm circumference from 5 years: "
        + ARM_CITATION,
        "origin": (
            WHO_2006_SPEC["origin"]
            + " From 61 months: tables by month of WHO's R package anthroplus. Arm circumference "
            f"from 61 months: L, M and S by month {PEDITOOLS}."
        ),
        "terms": (
            WHO_TERMS
            + " Arm circumference from 61 months: an open-access article of the BMJ, copyright of its authors; "
            "its licence is to be read there."
        ),
        **ALL_CORRECTIONS,
        "interpolation": {
            **WHO_2006_SPEC["interpolation"],
            "weight": "linear",
            "height": "linear",
            "bmi": "linear",
            "arm": "linear",
        },
        "tail": WHO_2006_SPEC["tail"],
        "notes": (
            "The standards of 2006 count to their last day, 1,856; the reference of 2007 from there, which is month 61. "
            "Between 60 and 61 months WHO has two answers: its software for the standards goes on to day 1,856, as here, "
            "and AnthroPlus uses the tables of 2007 from month 60, as who-2007 does. They differ by up to 0.2 SD "
            "between -3 and 3 SD. Both tables cover these 30 days, so that change across the joint is measured in one "
            "table where both weighings lie in one; otherwise there is no number. Standards to 5 years, reference "
            "after: taken together, a reference. Weight ends at 10 years; head circumference, skinfolds and weight for "
            "length end with the standards. Arm circumference goes on to 19 years with Mramba 2017, which was made to "
            "continue the standard and is no table of WHO's: at 60 months its medians are 16.52 cm for boys, as WHO's, "
            "and 16.82 cm for girls, where WHO has 16.85. It is plain LMS, without the restriction beyond 3 SD."
        ),
        "build": who_joined,
        "tables": who_tables,
        "breaks": {m: {str(WHO_JOINT): "61 months: WHO 2006 to WHO 2007"} for m in WHO_2007_FILES}
        | {"arm": {str(WHO_JOINT): "61 months: WHO 2006 to Mramba 2017"}},
        "position": WHO_2006_SPEC["position"],
    },
    {
        "id": "uk90",
        "edition": "1990",
        "kind": "reference",
        "condition": "",
        "title": "UK 1990 growth reference, 23 weeks' gestation to 23 years",
        "short_title": "UK 1990",
        "population": "Children in the UK, surveys of 1978 to 1994",
        "citation": UK90_CITATION,
        "origin": (
            "The data set uk90 of the R package sitar (T. J. Cole), whose ages, three-decimal years, are the knots."
        ),
        "terms": (
            "Copyright RCPCH; usable under licence from the Medical Research Council. Ask RCPCH and MRC before "
            "redistributing."
        ),
        **ALL_CORRECTIONS,
        "interpolation": "lagrange-4",
        "tail": "none",
        "notes": (
            "Below 4 years UK charts have used UK-WHO since 2009: use uk-who, unless you mean UK 1990. The births are "
            "those of 1990, not the reanalysis of 2009 that UK-WHO has. One table from before term to adulthood: "
            "neither birth nor 2 years (lying to standing) breaks it. sitar interpolates with a cubic spline, LMSgrowth "
            "and RCPCH with cubics through four points, as here. Head circumference ends at 18 years for boys, 17 "
            "for girls; waist is from 3 to 17 years, body fat from 4.75 to 19.8."
        ),
        "build": uk90,
        "tables": simple_tables("uk90"),
        "breaks": {},
        "position": {
            "height": (730.5, None, "UK 1990: lying below 2 years, standing from then; no conversion is published")
        },
    },
    {
        "id": "cdc-2000",
        "edition": "2000, BMI 2022",
        "kind": "reference",
        "condition": "",
        "title": "CDC growth charts, birth to 20 years, with the extended BMI of 2022",
        "short_title": "CDC 2000",
        "population": (
            "US children of national surveys, 1963 to 1994, and US births; above the 95th BMI centile, US children with "
            "obesity, 1988 to 2016"
        ),
        "citation": (
            "Kuczmarski RJ, Ogden CL, Guo SS, et al. 2000 CDC growth charts for the United States: methods and "
            "development. Vital Health Stat 11 2002;(246):1-190; Hales CM, Freedman DS, Akinbami L, Wei R, Ogden CL. "
            "Vital Health Stat 2 2022;(197). doi:10.15620/cdc:121711; Wei R, Ogden CL, Parsons VL, Freedman DS, Hales "
            "CM. Ann Hum Biol 2020;47:514-521."
        ),
        "origin": (
            "The reference file of the CDC SAS program as the R package growthcleanr carries it; extended BMI: tables of "
            "RCPCH Digital Growth Charts, which give CDC's closed form of sigma to 5e-7."
        ),
        "terms": CDC_TERMS,
        **ALL_CORRECTIONS,
        "interpolation": "linear",
        "tail": {"bmi": "half-normal-95", "": "none"},
        "notes": (
            "L, M and S (and sigma) are linear between half-months, months of 30.4375 days. Length below 24 months, "
            "stature from then; CDC takes 0.8 cm between them. BMI from 2 years; above its 95th centile the extended "
            "method of 2022, without the ceiling of z that CDC's program meets when a centile rounds to 100. Sigma is "
            "linear between half-months here and a formula there: they differ by less than 2e-5. CDC itself advises "
            "the WHO standards below 2 years."
        ),
        "build": cdc,
        "tables": cdc_tables,
        "breaks": {"height": {"730.5": SECOND}},
        "position": {
            "height": (730.5, 0.8, "CDC 2000: length below 24 months, stature from then; 0.8 cm between them"),
            "weight-for-length": ("lying", 0.8, "CDC 2000: length is 0.8 cm more than stature"),
            "weight-for-height": ("standing", 0.8, "CDC 2000: stature is 0.8 cm less than length"),
        },
    },
    {
        "id": "trisomy-21-us-2015",
        "edition": "2015 with erratum",
        "kind": "reference",
        "condition": "trisomy 21",
        "title": "Down syndrome, United States, birth to 20 years",
        "short_title": "Down syndrome US 2015",
        "population": "637 children with Down syndrome in the United States (Down Syndrome Growing Up Study)",
        "citation": (
            "Zemel BS, Pipan M, Stallings VA, et al. Growth charts for children with Down syndrome in the United "
            "States. Pediatrics 2015;136:e1204-e1211. doi:10.1542/peds.2015-1652; and its erratum (supplemental table "
            "18)."
        ),
        "origin": (
            f"{PEDITOOLS.capitalize()}, checked row by row against a collection of references of RCPCH; the erratum from "
            "a third package."
        ),
        "terms": (
            "Copyright of the American Academy of Pediatrics; no permission for the bare figures was found. Ask the AAP."
        ),
        **ALL_CORRECTIONS,
        **PLAIN,
        "notes": (
            "The published head circumferences of boys from 2 to 20 years were wrong (medians by up to 0.36 cm, and the "
            "skewness); these are those of the erratum, all 37 rows. The chart of infants (by month; head and length from 1 month) "
            "counts to 2 years, that of children (by half-year) from then: the two do not meet exactly. Published to "
            "three decimals. BMI from 2 years. Weight for length from 49 cm (boys) or 52 cm (girls)."
        ),
        "build": zemel,
        "tables": zemel_tables,
        "breaks": {
            "weight": {"730.5": "2 years: infants' to children's chart"},
            "height": {"730.5": SECOND},
            "head": {"730.5": "2 years: infants' to children's chart"},
        },
        "position": {
            "height": (730.5, None, "Zemel 2015: length below 2 years, height from then; no conversion is published")
        },
    },
    {
        "id": "trisomy-21-nl-2012",
        "edition": "2012",
        "kind": "reference",
        "condition": "trisomy 21",
        "title": "Down syndrome, the Netherlands",
        "short_title": "Down syndrome NL 2012",
        "population": "Dutch children with Down syndrome without severe other illness",
        "citation": (
            "Van Gameren-Oosterom HBM, Van Dommelen P, Oudesluys-Murphy AM, Buitendijk SE, Van Buuren S, Van Wouwe JP. "
            "Healthy growth in children with Down syndrome. PLoS ONE 2012;7:e31079. doi:10.1371/journal.pone.0031079"
        ),
        "origin": "The reference files of TNO's R package nlreferences; ages are their four-decimal years.",
        "terms": "TNO owns the Dutch figures; its package is under the AGPL, version 3. Ask TNO before redistributing.",
        **ALL_CORRECTIONS,
        **PLAIN,
        "notes": (
            "Height to 21 years; weight only to 1.75 years and head circumference to 1.5, as published. TNO reads a power "
            "of 0.01 or less as 0; here it is used as it stands."
        ),
        "build": plain("trisomy21_nl_2012", "trisomy-21-nl-2012", named("weight", "height", "head"), years),
        "tables": simple_tables("trisomy-21-nl-2012"),
    },
    {
        "id": "turner-uk-1985",
        "edition": "1985",
        "kind": "reference",
        "condition": "Turner syndrome",
        "title": "Turner syndrome, height of girls, 1 to 20 years",
        "short_title": "Turner syndrome UK 1985",
        "population": "European girls with Turner syndrome who had no growth hormone or oestrogen",
        "citation": (
            "Lyon AJ, Preece MA, Grant DB. Growth curve for girls with Turner syndrome. Arch Dis Child "
            "1985;60:932-935. doi:10.1136/adc.60.10.932"
        ),
        "origin": (
            "Tables of RCPCH Digital Growth Charts: the published means by year, smoothed with a natural cubic spline; "
            "coefficient of variation 4.7 % throughout."
        ),
        "terms": "Copyright of its owners; RCPCH says so of condition charts in general. Ask before redistributing.",
        **NO_CORRECTION,
        "correction_note": "From 1 year of age; the publication does not speak of gestation.",
        **{**PLAIN, "interpolation": "lagrange-4"},
        "notes": (
            "Girls only, height only: there is no weight, BMI or head circumference. Untreated girls of the time before "
            "growth hormone: a girl who is treated is expected to be taller. The smoothing is RCPCH's, not the authors'."
        ),
        "build": plain("turner_uk_lyon_1985", "turner-uk-1985", named("height"), years),
        "tables": simple_tables("turner-uk-1985"),
    },
    {
        "id": "achondroplasia-eu-2018",
        "edition": "2018",
        "kind": "reference",
        "condition": "achondroplasia",
        "title": "Achondroplasia, Europe, birth to 20 years",
        "short_title": "Achondroplasia EU 2018",
        "population": "About 450 children with achondroplasia in Sweden, Norway, Denmark and Germany",
        "citation": (
            "Merker A, Neumeyer L, Hertel NT, et al. Growth in achondroplasia: development of height, weight, head "
            "circumference, and body mass index in a European cohort. Am J Med Genet A 2018;176:1723-1734. "
            "doi:10.1002/ajmg.a.38853"
        ),
        "origin": "The public reference files of CrescNet; their 3rd and 97th centiles follow from L, M and S to 1.2e-4.",
        "terms": "Copyright of the authors and publisher; CrescNet says that each owner's terms hold. Ask the owners.",
        **ALL_CORRECTIONS,
        **PLAIN,
        "notes": "The paper has head circumference too; its figures were not found, and it is left out.",
        "build": plain(
            "achondroplasia_eu_merker_2018", "achondroplasia-eu-2018", named("weight", "height", "bmi"), years
        ),
        "tables": simple_tables("achondroplasia-eu-2018"),
    },
    {
        "id": "hypochondroplasia-eu-2024",
        "edition": "2024",
        "kind": "reference",
        "condition": "hypochondroplasia",
        "title": "Hypochondroplasia, Europe, birth to 16 years",
        "short_title": "Hypochondroplasia EU 2024",
        "population": (
            "188 children with hypochondroplasia (79 girls), 14 centres in Europe, the UK among them: 983 heights, 896 "
            "weights, 389 head circumferences"
        ),
        "citation": (
            "Cheung MS, Cole TJ, Arundel P, Bridges N, Burren CP, Cole T, et al. Growth reference charts for children with "
            "hypochondroplasia. Am J Med Genet A 2024;194:243-252. doi:10.1002/ajmg.a.63431"
        ),
        "origin": (
            "The public reference files of CrescNet, by tenth of a year; their 3rd and 97th centiles follow from L, M and "
            "S to 1.2e-4."
        ),
        "terms": (
            "Copyright of the authors and publisher; CrescNet lists the figures as given on request, and says that each "
            "owner's terms hold. Ask the owners."
        ),
        **ALL_CORRECTIONS,
        "correction_note": (
            "The figures' carrier does not speak of gestation. A gestation that is given is used, by the paper-chart rule "
            "unless another is asked for; with none given, age is chronological."
        ),
        **PLAIN,
        "notes": (
            "No printed centile of the paper was found to test the figures with: what they are is sound (measures, ages, "
            "distributions and medians agree with the abstract and with the known picture), but that check is still owed. "
            "Height and head circumference are normal with one coefficient of variation at all ages, weight has one L "
            "and one S at all ages: near birth the spread is a compromise. The girls' curves rest on 79 girls."
        ),
        "build": plain(
            "hypochondroplasia_eu_cheung_2024", "hypochondroplasia-eu-2024", named("weight", "height", "head"), years
        ),
        "tables": simple_tables("hypochondroplasia-eu-2024"),
    },
    {
        "id": "noonan-it-2024",
        "edition": "2024",
        "kind": "reference",
        "condition": "Noonan syndrome",
        "title": "Noonan syndrome, Italy, birth to 19.8 years",
        "short_title": "Noonan syndrome IT 2024",
        "population": "Children with Noonan syndrome followed for 15 years at one Italian centre",
        "citation": (
            "Cappa M, d'Aniello F, Digilio MC, et al. Noonan syndrome growth charts and genotypes: 15-year longitudinal "
            "single-centre study. Horm Res Paediatr 2024 (PMID 38964306)."
        ),
        "origin": f"L, M and S by fifth of a year {PEDITOOLS}.",
        "terms": "Copyright of the authors and publisher. Ask the owners before redistributing.",
        **ALL_CORRECTIONS,
        **PLAIN,
        "notes": (
            "BMI of girls only: the carrier withdrew the published BMI of boys as faulty. The height velocities of the "
            "paper are not here: they are of a year around an age, neither a size nor a gain between two ages. Published "
            "to three decimals. Boys' weight and height are very skew in the late teens (L of weight -2.5 at the end)."
        ),
        "build": plain(
            "noonan_it_cappa_2024",
            "noonan-it-2024",
            {"weight": "wfa", "height": "hfa", "bmi": "bfa"},
            years,
            without={("bmi", "male")},
        ),
        "tables": simple_tables("noonan-it-2024"),
    },
    {
        "id": "noonan-jp-2016",
        "edition": "2016",
        "kind": "reference",
        "condition": "Noonan syndrome",
        "title": "Noonan syndrome, Japan, birth to 20 years",
        "short_title": "Noonan syndrome JP 2016",
        "population": "308 people with Noonan syndrome in Japan",
        "citation": (
            "Isojima T, Sakazume S, Hasegawa T, et al. Growth references for Japanese individuals with Noonan syndrome. "
            "Pediatr Res 2016;79:543-548. doi:10.1038/pr.2015.254"
        ),
        "origin": "The public reference files of CrescNet.",
        "terms": "Copyright of the authors and publisher; CrescNet says that each owner's terms hold. Ask the owners.",
        **ALL_CORRECTIONS,
        **PLAIN,
        "notes": (
            "Printed to two or three figures (S to two decimals), so that z is coarse: by up to 0.1 SD near the median, and by 5 % of z "
            "further out. The authors' "
            "centiles are of a truncated distribution, and where L is strongly negative (boys' weight, 7 to 13.5 years) "
            "their median is up to 1.7 % from M. Here it is the plain LMS of the printed figures, z 0 at M."
        ),
        "build": plain("noonan_jp_isojima_2016", "noonan-jp-2016", named("weight", "height", "bmi"), years),
        "tables": simple_tables("noonan-jp-2016"),
    },
    {
        "id": "intergrowth-newborn",
        "edition": "2014, 2016",
        "kind": "standard",
        "condition": "",
        "title": "INTERGROWTH-21st size at birth, 24+0 to 42+6 weeks of gestation",
        "short_title": "INTERGROWTH newborn",
        "population": "Births after pregnancies of low risk, eight countries",
        "citation": (
            "Villar J, Cheikh Ismail L, Victora CG, et al. International standards for newborn weight, length, and head "
            "circumference by gestational age and sex. Lancet 2014;384:857-868. doi:10.1016/S0140-6736(14)60932-6; "
            "Villar J, Giuliani F, Fenton TR, et al. INTERGROWTH-21st very preterm size at birth reference charts. "
            "Lancet 2016;387:844-845. doi:10.1016/S0140-6736(16)00384-6"
        ),
        "origin": (
            "Coefficients by day and published equations as the R package gigs has them; from 33+0 weeks the published "
            "centile tables differ from the coefficients by up to 0.015 kg."
        ),
        "terms": INTERGROWTH_TERMS,
        **LIFELONG,
        "correction_note": (
            "By gestation at birth, always: the age used is gestation less 40 weeks, which is negative for most."
        ),
        "interpolation": "nearest-day",
        "distribution": "skew-t",
        "tail": "none",
        "notes": (
            "For the day of birth only: a later age has status age_above_reference, and a missing gestation "
            "missing_gestation. Below 33+0 weeks these are reference charts, not standards: few pregnancies that end so "
            "early are of low risk. Weight there is normal on its logarithm, length and head normal; from 33+0 all three "
            "are skew t. The two parts do not meet: nothing is smoothed."
        ),
        "build": newborn,
        "tables": newborn_tables,
        "breaks": {
            m: {str(NEWBORN_JOINT - 0.5): "33 weeks: very preterm charts to newborn standards"}
            for m in ("weight", "height", "head")
        },
        "position": {},
        "latest_age_days": 0,
        "needs_gestation": True,
    },
    {
        "id": "intergrowth-preterm",
        "edition": "2015",
        "kind": "standard",
        "condition": "preterm birth",
        "title": "INTERGROWTH-21st postnatal growth of preterm infants, 27 to 64 weeks after the last period",
        "short_title": "INTERGROWTH preterm",
        "population": "201 preterm singletons of low-risk pregnancies, eight countries",
        "citation": (
            "Villar J, Giuliani F, Bhutta ZA, et al. Postnatal growth standards for preterm infants: the Preterm "
            "Postnatal Follow-up Study of the INTERGROWTH-21st Project. Lancet Glob Health 2015;3:e681-e691. "
            "doi:10.1016/S2214-109X(15)00163-1"
        ),
        "origin": (
            "The published equations, evaluated at any age; weight for length: equations that E. Ohuma gave to the "
            "authors of the R package gigs, not in the paper."
        ),
        "terms": INTERGROWTH_TERMS,
        **LIFELONG,
        "correction_note": (
            "By postmenstrual age, always: gestation at birth plus age since. The age used is that less 40 weeks."
        ),
        "interpolation": "closed-form",
        "distribution": {"weight": "log-normal", "height": "log-normal", "": "normal"},
        "closed_form": {
            "": {"offset": 280, "unit": 7, "from": -91, "until": 168},
            "weight-for-length": {"offset": 0, "unit": 10, "from": 35, "until": 65},
        },
        "tail": "none",
        "notes": (
            "For babies born before 37 weeks, from 27+0 weeks to 64+0, which is 24 weeks (about 6 months) from term. From "
            "then the status is age_above_reference: go on with who, by WHO's own standards, or with uk-who in the UK. z "
            "jumps at that hand-over, and is never smoothed. A baby born at 37+0 weeks or later has status "
            "gestation_not_covered; a missing gestation, missing_gestation. Only 201 babies, few born before 33 weeks: "
            "the outer lines there rest on little."
        ),
        "build": preterm,
        "born_before_days": 259,
        "tables": simple_tables("intergrowth-preterm"),
        "breaks": {},
        "position": {},
        "needs_gestation": True,
    },
    {
        "id": "preterm-nl-2012",
        "edition": "2012",
        "kind": "reference",
        "condition": "preterm birth",
        "title": "Children born preterm, the Netherlands, by completed week of gestation, birth to 4 years",
        "short_title": "Preterm NL 2012",
        "population": (
            "1,690 Dutch children born at 25 to 35 completed weeks in 2002 and 2003, and 634 born at term; routine visits"
        ),
        "citation": (
            "Bocca-Tjeertes IFA, van Buuren S, Bos AF, Kerstens JM, ten Vergert EM, Reijneveld SA. Growth of preterm and "
            "full-term children aged 0-4 years: integrating median growth and variability in growth charts. J Pediatr "
            "2012;161:460-465.e1"
        ),
        "origin": "The reference files of TNO's R package nlreferences; ages are their four-decimal years.",
        "terms": "TNO owns the Dutch figures; its package is under the AGPL, version 3. Ask TNO before redistributing.",
        **NO_CORRECTION,
        "correction_note": (
            "Age is chronological, because each week of gestation has its own table: never correct as well."
        ),
        "table_by": "gestation_days",
        **PLAIN,
        "notes": (
            "One table for each completed week of gestation from 25 to 36, chosen by the child's gestation, which is never "
            "guessed: without it the status is missing_gestation, at another week gestation_not_covered. Weight and length "
            "to 4 years, head circumference to 1.5. The paper speaks of 25 to 35 weeks; the owner's files have 36 too. "
            "Length and head are normal: TNO gives mean and SD and interpolates both linearly; here S = SD / mean is "
            "linear, which differs only in the second order. No printed value was found to test with; median length "
            "agrees with preterm-cz-2015 to 1 %, weight to 7 %, head circumference to 4 %."
        ),
        "build": preterm_nl,
        "tables": preterm_nl_tables,
    },
    {
        "id": "preterm-cz-2015",
        "edition": "2015",
        "kind": "reference",
        "condition": "preterm birth",
        "title": "Children born preterm, Czechia, by class of birth weight, 37 to 144 weeks after the last period",
        "short_title": "Preterm CZ 2015",
        "population": (
            "1,781 Czech children born preterm weighing at most 2500 g, 5,676 examinations at one centre in Prague, 2001 "
            "to 2015"
        ),
        "citation": (
            "Helmich J. Auxology, an application for charting the growth of prematurely born children, version 3.2.0; "
            "expert supervision H. Krasnicanova, statistics M. Hladikova. https://github.com/jirihelmich/auxology. No "
            "journal article was found."
        ),
        "origin": (
            "The tables of that application, by completed week; its separate table of rounded centiles follows from them."
        ),
        "terms": (
            "CC0-1.0 (public domain), by the author's word for the whole repository; whether the clinic agrees for the "
            "tables was not asked."
        ),
        **LIFELONG,
        "correction_note": (
            "By postmenstrual age, always: gestation at birth plus age since. The age used is that less 40 weeks."
        ),
        "table_by": "birth_weight_g",
        **PLAIN,
        "notes": (
            "One table for birth weights below 1500 g and one from 1500 to 2500 g, chosen by the child's birth weight, "
            "which is never guessed: without it the status is missing_birth_weight, above 2500 g "
            "birth_weight_not_covered. For births before 37 weeks. The application reads the row of the completed week; "
            "linear between weeks is our choice. Treat weeks beyond 109 with care: the application says that children were "
            "examined from the 37th to the 109th week, and its tables go on to week 144 (2 years from term). Weight for "
            "length is by whole centimetres of length. Not published in a journal."
        ),
        "build": preterm_cz,
        "born_before_days": 259,
        "tables": preterm_cz_tables,
        "needs_gestation": True,
    },
    {
        "id": "who-velocity-2009",
        "edition": "2009",
        "kind": "standard",
        "condition": "",
        "title": "WHO growth velocity standards: gains in weight and length over 1 to 6 months, birth to 2 years",
        "short_title": "WHO velocity",
        "population": "882 healthy breast-fed children of six countries, followed from birth",
        "citation": (
            "WHO Child Growth Standards: growth velocity based on weight, length and head circumference: methods and "
            "development. Geneva: WHO, 2009 (ISBN 978 92 4 154763 5)."
        ),
        "origin": "WHO's tables of increments as an open-source app carries them; the 1- and 2-month ones as a second does.",
        "terms": WHO_TERMS,
        **NO_CORRECTION,
        "correction_note": "Gains between two ages of the published intervals; ages are the caller's.",
        "interpolation": "none",
        "distribution": "lms-shifted",
        "tail": "none",
        "notes": (
            "Gains, not sizes: used through growthwatch.references.increments, and refused by gw.reference. Intervals are "
            "fixed: nothing is interpolated. A gain here is judged by age alone, not by where the child started: a big "
            "baby who slows towards the middle looks as slow as a small one who falls. Weight over 1, 2, 3, 4 and 6 "
            "months, length over 2, 3, 4 and 6. Head circumference and the gains by birth weight are not here: no full "
            "tables were found."
        ),
        "build": velocity,
        "tables": simple_tables("who-velocity-2009"),
        "breaks": {},
        "position": {},
    },
]
for _id, _folder, _level, _feeding in (
    ("cp-gmfcs-1", "cp_brooks_2011_gmfcs_1", "I", ""),
    ("cp-gmfcs-2", "cp_brooks_2011_gmfcs_2", "II", ""),
    ("cp-gmfcs-3", "cp_brooks_2011_gmfcs_3", "III", ""),
    ("cp-gmfcs-4", "cp_brooks_2011_gmfcs_4", "IV", ""),
    ("cp-gmfcs-5-tube", "cp_brooks_2011_gmfcs_5tf", "V", "tube-fed"),
    ("cp-gmfcs-5-oral", "cp_brooks_2011_gmfcs_5nt", "V", "orally fed"),
):
    _fed = f", {_feeding}" if _feeding else ""
    _illness = (
        "Below the 5th centile of weight the authors found more illness and deaths."
        if _level in ("I", "II")
        else "Below the 20th centile of weight the authors found more illness and deaths."
    )
    REFERENCES.append(
        {
            "id": _id,
            "edition": "2011",
            "kind": "descriptive",
            "condition": f"cerebral palsy, GMFCS {_level}{_fed}",
            "title": f"Cerebral palsy, GMFCS {_level}{_fed}, 2 to 20 years",
            "short_title": f"Cerebral palsy GMFCS {_level}{' ' + _feeding if _feeding else ''}",
            "population": (
                "Clients of the California Department of Developmental Services with cerebral palsy, 1988 to 2002"
            ),
            "citation": (
                "Brooks J, Day S, Shavelle R, Strauss D. Low weight, morbidity, and mortality in children "
                "with cerebral palsy: new clinical growth charts. Pediatrics 2011;128:e299-e307. "
                "doi:10.1542/peds.2010-2801"
            ),
            "origin": f"L, M and S by half-year {PEDITOOLS}; cross-checked with a second carrier.",
            "terms": (
                "Copyright of the authors and the American Academy of Pediatrics; one author has told "
                "another package's maintainer that the data may be used freely. Ask for your own "
                "permission."
            ),
            **NO_CORRECTION,
            "correction_note": "Published by chronological age; no correction for gestation.",
            **PLAIN,
            "notes": (
                f"Descriptive: how these children were found to grow, not how they should. {_illness} It can add an "
                "alarm; it can never move or silence one. The authors fitted a family of four parameters; only L, M and S "
                "are published and held here, so the outer centiles may differ from those of the printed charts."
                + (
                    " Height is hard to measure at this level (contractures, scoliosis): read height and BMI with care."
                    if _level in ("IV", "V")
                    else ""
                )
            ),
            "build": plain(_folder, _id, {"weight": "wfa", "height": "hfa", "bmi": "bfa"}, years),
            "tables": simple_tables(_id),
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
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    raise TypeError(type(value))


COLUMNS = {
    ("lms", "half-normal-95"): ("L", "M", "S", "sigma"),
    ("lms-shifted", "none"): ("L", "M", "S", "delta"),
    ("skew-t", "none"): ("log", "mu", "sigma", "nu", "tau"),
}


def of(value, measure):
    """Return what a spec says of one measure: one value for all, or one each."""
    return value.get(measure, value.get("")) if isinstance(value, dict) else value


def write(spec: dict, source: Path, out: Path) -> None:
    """Write one reference folder."""
    folder = out / spec["id"]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
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
        "table_by",
        "notes",
    ):
        if key in spec:
            lines.append(f"{key} = {toml_value(spec[key])}")
    files = spec["build"](source)
    known = {"weight", "height", "bmi", "head", "weight-for-length", "weight-for-height"} >= set(files)
    lines.append(f"limits_source = {toml_value(LIMITS_SOURCE if known else MORE_LIMITS_SOURCE)}")
    for measure, rows in files.items():
        by_length = measure.startswith("weight-for-")
        x_name = "interval" if measure.endswith("-gain") else "length_cm" if by_length else "age_days"
        advisory, implausible = RCPCH_LIMITS.get(measure, OTHER_LIMITS)
        distribution, tail = of(spec.get("distribution", "lms"), measure), of(spec["tail"], measure)
        interpolation = of(spec["interpolation"], measure)
        head = f'measures."{measure}"'
        lines += [
            "",
            f"[{head}]",
            f'file = "{measure}.csv"',
            f'unit = "{UNIT[measure]}"',
            f'x = "{x_name}"',
            f'distribution = "{distribution}"',
            f'interpolation = "{interpolation}"',
            f'tail = "{tail}"',
            f"advisory_z = {advisory}",
            f"implausible_z = {implausible}",
        ]
        if "latest_age_days" in spec:
            lines.append(f"latest_age_days = {spec['latest_age_days']}")
        if spec.get("needs_gestation") and not by_length:
            lines.append("needs_gestation = true")
        if "born_before_days" in spec:
            lines.append(f"born_before_days = {spec['born_before_days']}")
        form = of(spec.get("closed_form"), measure)
        if form:
            lines += ["", f"[{head}.closed_form]", *(f"{k} = {v}" for k, v in form.items())]
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
        columns = [x_name, *COLUMNS.get((distribution, tail), ("L", "M", "S"))]
        if form:
            columns = ["parameter", "coefficient", "power", "log_power"]
        elif x_name == "interval":
            columns[1:1] = ["start_days", "end_days"]
        with (folder / f"{measure}.csv").open("w", newline="", encoding="utf-8") as f:
            w = csv.writer(f, lineterminator="\n")
            w.writerow(["table", "sex", *columns])
            for table, sex, x, *parameters in rows:
                w.writerow([table, sex, x if isinstance(x, str) else tidy(x), *parameters])
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

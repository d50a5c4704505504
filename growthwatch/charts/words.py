"""What a chart says: heading, alternative text, footer, table and metadata, all from the same facts."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Any

import growthwatch
from growthwatch.charts.facts import AFTER_TERM_DAYS, ChartFacts, Place, Point
from growthwatch.charts.moved import adjusted_words
from growthwatch.core.calendar import age_months
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.status import MEANINGS, STATUS_WORDS, Status
from growthwatch.core.units import DAYS_PER_MONTH, TERM_DAYS
from growthwatch.core.words import count_words, days_words, kg_words, limit_words, list_words, long_date, percent_words
from growthwatch.protocol.child import ASSUMED, SUSPECTED, UNCERTAIN, UPPER_BOUND
from growthwatch.references import Reference

__all__ = [
    "age_words",
    "alt_text",
    "both_ages",
    "boy_or_girl",
    "correction_words",
    "metadata",
    "minus",
    "moment_words",
    "notes",
    "reference_words",
    "rule_line_words",
    "summary",
    "table",
    "title",
    "warnings",
]

KINDS = {
    "standard": "standard: how healthy children grow in good conditions",
    "reference": "reference: how children of its population were found to grow",
    "descriptive": "descriptive: how children with this condition were found to grow, not how they should",
}
"""The kinds of reference, in words."""

KINDS_SHORT = {
    "standard": "standard",
    "reference": "reference: how children were found to grow",
    "descriptive": "descriptive: how these children grew, not how they should",
}
"""The same for small pages."""

STANDARD_TABLES = frozenset({"who", "who-2006"})
"""Tables of the WHO standard of 2006 inside of references that are no standards as a whole."""


# --- the child and its ages -----------------------------------------------------------------


def boy_or_girl(facts: ChartFacts) -> str:
    """The word for the child."""
    return "boy" if facts.sex == "male" else "girl"


def short_title(facts: ChartFacts) -> str:
    """The reference as it is named in the title."""
    descriptive = " (descriptive)" if facts.reference.kind == "descriptive" else ""
    return f"{facts.reference.info.short_title}{descriptive}"


def title(facts: ChartFacts) -> str:
    """The usual title."""
    return f"{facts.measure.title}, {boy_or_girl(facts)}: {short_title(facts)}"


def age_words(facts: ChartFacts, age_days: int) -> str:
    """An age since birth as a health visitor says it."""
    if age_days == 0:
        return "birth"
    if age_days < 14:
        return count_words(age_days, "day")
    if age_days < 26 * 7:
        return f"{age_days // 7} weeks"
    try:
        months = age_months(facts.birth, facts.birth + dt.timedelta(days=age_days))
    except OverflowError:
        months = int(age_days / DAYS_PER_MONTH)
    if months < 24:
        return count_words(months, "month")
    years, rest = divmod(months, 12)
    return f"{years} years" + (f" {count_words(rest, 'month')}" if rest else "")


def both_ages(facts: ChartFacts, point: Point) -> str:
    """The age of a reading, with the corrected one where it differs."""
    words = age_words(facts, point.age_days)
    if facts.measure.by_length:
        return f"{words}, {point.length_cm:.1f} cm long"
    if point.corrected or facts.at_birth_only:
        if facts.at_birth_only:
            return f"{words} ({gestation_words(round(point.corrected_age_days) + TERM_DAYS)} of gestation)"
        return f"{words} ({_corrected(round(point.corrected_age_days))})"
    if facts.reference.table_by == "gestation_days":
        return f"{words} (since birth)" if point.age_days else words
    return f"{words} (uncorrected)" if facts.preterm else words


def _corrected(age_days: int) -> str:
    """A corrected age: before 42 weeks as weeks of gestation."""
    if age_days < AFTER_TERM_DAYS:
        return f"{gestation_words(age_days + TERM_DAYS)} of gestation"
    return f"{_short_age(age_days)} corrected"


def gestation_words(days: int) -> str:
    """A gestation: ``30 weeks + 0``."""
    weeks, rest = divmod(days, 7)
    return f"{weeks} weeks + {rest}"


def _short_age(days: int) -> str:
    if days < 26 * 7:
        return f"{days // 7} weeks"
    months = int(days / DAYS_PER_MONTH)
    return count_words(months, "month") if months < 24 else limit_words(days)


# --- places ---------------------------------------------------------------------------------


def sds_words(z: float, at_most: bool = False) -> str:
    """A score and its place among the lines: the one word for one place."""
    figure = f"{z:.2f}".replace("-0.00", "0.00")
    return f"SDS {'at most ' if at_most else ''}{figure}, {UK_NINE.describe(z)}"


def _place(facts: ChartFacts, place: Place, reference: Reference, at_most: bool = False) -> str:
    if place.z is None:
        return f"no SDS: {no_score(facts, place.status, reference)}"
    return sds_words(place.z, at_most)


def place_words(facts: ChartFacts, point: Point, at_most: bool = False) -> str:
    """The place of a reading on all references that are shown: the standard's first, for danger is read there."""
    own = _place(facts, point.place, facts.reference, at_most)
    if facts.unadjusted is not None:
        base = facts.beside[facts.unadjusted].reference
        name, place = base.info.short_title, point.beside[facts.unadjusted]
        if place.z is None:
            own += f"; no SDS unadjusted ({name})"
        else:
            own += f"; unadjusted ({name}) {sds_words(place.z, at_most)}"
    if facts.standard is None:
        return own
    standard = facts.beside[facts.standard].reference
    words = _place(facts, point.beside[facts.standard], standard, at_most)
    if not facts.measure.by_length:
        used = standard.corrected_age(point.age_days, facts.gestation_days)
        if used != point.corrected_age_days and not math.isnan(used):
            words = f"(at {_corrected(round(used))}) {words}"
    name = facts.reference.info.short_title
    own = own if point.place.z is None else f"on {name} {own}"
    return f"on {standard.info.short_title} {words}; {own}"


def no_score(facts: ChartFacts, status: str, reference: Reference) -> str:
    """Why a reading has no score, in words that name the reference's limits."""
    span, name = facts.span(reference), reference.info.short_title
    limits: Any = limit_words
    if facts.measure.by_length:
        limits = _cm
    if span is not None and status in (str(Status.AGE_BELOW_REFERENCE), str(Status.LENGTH_BELOW_REFERENCE)):
        return f"{name} begins at {limits(span[0])}"
    if span is not None and status in (str(Status.AGE_ABOVE_REFERENCE), str(Status.LENGTH_ABOVE_REFERENCE)):
        return f"{name} ends at {limits(span[1])}"
    if status == str(Status.SEX_NOT_COVERED):
        return f"{name} has no figures for {'boys' if facts.sex == 'male' else 'girls'}"
    return MEANINGS[Status(STATUS_WORDS.index(status))]


def _cm(value: float) -> str:
    return f"{value:g} cm"


# --- what must be said before anything else --------------------------------------------------


def warnings(facts: ChartFacts, loss: bool = True) -> list[str]:
    """What a reader must know before any figure: death, a latest weight that does not count or is old, a loss."""
    out: list[str] = []
    if facts.died_age_days is not None:
        out.append(f"Died at {_at_age(facts, facts.died_age_days)}.")
    if facts.unused is not None:
        out.append(_unused_words(facts))
    if facts.stale_days is not None and facts.last is not None:
        last = facts.last
        out.append(
            f"Not current: the last weight that counts is {days_words(facts.stale_days)} old "
            f"({facts.measure.words(last.value)} at {age_words(facts, last.age_days)}). "
            f"The child is {_at_age(facts, facts.age_days)} old now."
        )
    if facts.apart and facts.last is not None:
        kg = list_words([facts.measure.words(v) for v in sorted((*facts.also, facts.last.value))])
        if facts.last.age_days == 0:
            out.append(f"{kg} are both recorded for birth: which one is the birth weight?")
        else:
            at = both_ages(facts, facts.last)
            out.append(f"{kg} on one day, at {at}: too far apart for one child. Weigh again.")
    if loss and facts.loss is not None:
        out.append(_loss_words(facts))
    if not facts.believed and facts.gestation_days is not None:
        out.append(
            f"The recorded gestation of {gestation_words(facts.gestation_days)} cannot be right: "
            "ages are counted from birth, and nothing is scored."
        )
    elif facts.gestation_doubted is not None and facts.gestation_days is not None:
        kg, z = facts.gestation_doubted
        out.append(
            f"Born at {gestation_words(facts.gestation_days)} with {kg_words(kg)}: both cannot be right "
            f"(z {z:.1f} at that gestation). Ask for the gestation first: the place on the lines hangs on it."
        )
    return out


def _at_age(facts: ChartFacts, age_days: int) -> str:
    return "0 days" if age_days == 0 else age_words(facts, age_days)


def _unused_words(facts: ChartFacts) -> str:
    unused = facts.unused
    assert unused is not None
    kg, point = facts.measure.words(unused.value), unused.point
    at = f" at {both_ages(facts, point)}" if point is not None else ""
    if unused.validity == SUSPECTED:
        words = f"Latest weight in doubt: {kg}{at} ({unused.reason}). Weigh again or confirm it."
    elif unused.validity == UNCERTAIN:
        words = f"Latest weight may be wrong either way: {kg}{at} ({unused.reason}). Weigh again, class III."
    elif unused.validity == UPPER_BOUND and point is not None:
        place = place_words(facts, point, at_most=True)
        words = f"Latest weight is at most {kg}{at} ({unused.reason}), {place}: weigh again."
    else:
        words = f"Latest weight not used: {kg}{at} ({unused.reason})."
    words += _if_right(facts, unused.value, unused.validity == UPPER_BOUND)
    if unused.more:
        more = "1 more weight does" if unused.more == 1 else f"{unused.more} more weights do"
        words += f" {more} not count since the last that does."
    return words


def _if_right(facts: ChartFacts, value: float, at_most: bool) -> str:
    """How far a latest weight that does not count would be below the best one."""
    counted = [p for p in facts.points if p.counts]
    best = max(counted, key=lambda p: p.value, default=None)
    if best is None or value >= best.value:
        return ""
    name = "birth weight" if best.age_days == 0 else "the best weight"
    lost = percent_words(100 * (best.value - value) / best.value)
    start = "At least" if at_most else "If right:"
    return f" {start} {lost} below {name} ({facts.measure.words(best.value)})."


def _loss_words(facts: ChartFacts) -> str:
    loss = facts.loss
    assert loss is not None
    words = (
        f"{percent_words(loss.percent)} below birth weight ({facts.measure.words(loss.birth)}) "
        f"at {age_words(facts, loss.at.age_days)}, not regained"
    )
    if loss.lowest is not loss.at:
        words += f"; lowest {percent_words(loss.lowest_percent)} below, at {age_words(facts, loss.lowest.age_days)}"
    return f"{words}."


# --- the reading that counts ---------------------------------------------------------------------


def count(facts: ChartFacts) -> str:
    """How many readings there are, and how many of them are not plain."""
    if not facts.points:
        return f"No {facts.measure.thing} recorded"
    odd = [
        f"{facts.number(kind)} {word}"
        for kind, word in ((UPPER_BOUND, "at most"), (UNCERTAIN, "uncertain"), (SUSPECTED, "suspected of error"))
        if facts.number(kind)
    ]
    if repeated := sum(p.repeated for p in facts.points):
        odd.append(f"{repeated} repeated since")
    return count_words(len(facts.points), facts.measure.one) + (f" ({', '.join(odd)})" if odd else "")


def last_words(facts: ChartFacts) -> str:
    """The last reading that counts, in words; nothing where none does and the warnings say of the latest."""
    last = facts.last
    if last is None or (facts.unused is not None and not last.counts):
        return ""
    counts = " that counts" if facts.unused is not None else ""
    most = {UPPER_BOUND: "at most ", UNCERTAIN: "uncertain ", SUSPECTED: "suspected "}.get(last.validity, "")
    place = place_words(facts, last, last.validity == UPPER_BOUND)
    also = list_words([facts.measure.words(v) for v in facts.also])
    also = f" (and {also} on that day)" if also else ""
    # The place of an old weight is no place of today.
    then = "then " if facts.stale_days is not None else ""
    return f"last{counts} {most}{facts.measure.words(last.value)}{also} at {both_ages(facts, last)}, {then}{place}"


def summary(facts: ChartFacts, titled: bool) -> str:
    """The row under the title; with a title of one's own, sex and reference too."""
    name = f"{boy_or_girl(facts).capitalize()}, {short_title(facts)}. " if titled else ""
    last = last_words(facts)
    return minus(f"{name}{count(facts)}" + (f": {last}." if last else "."))


def minus(text: str) -> str:
    """Write minus signs as such before figures."""
    return re.sub(r"(?<![\w+])-(?=\d)", "−", text)


def alt_text(facts: ChartFacts) -> str:
    """The chart in a sentence: what must be known first, first."""
    head = f"{facts.measure.chart} chart, {boy_or_girl(facts)}, {short_title(facts)}"
    number = count(facts)
    number = number[0].lower() + number[1:]
    rest = ", ".join(p for p in (number, last_words(facts)) if p)
    said = warnings(facts)
    words = ". ".join([head, " ".join(said) + f" {rest[0].upper()}{rest[1:]}"]) if said else f"{head}, {rest}"
    adjusted = adjusted_words(facts)
    return ". ".join([words, *(row.rstrip(".") for row in adjusted)]) if adjusted else words


# --- the footer ------------------------------------------------------------------------------------


def age_basis_words(facts: ChartFacts) -> str:
    """Which age the scores are by, in a few words."""
    until = facts.corrected_until_days
    if until is None:
        return "chronological"
    if math.isinf(until):
        return f"corrected for gestation at every age ({facts.reference.correction})"
    return f"corrected for gestation until {limit_words(until)} corrected ({facts.reference.correction})"


def correction_words(facts: ChartFacts, short: bool = False) -> str:
    """How age is corrected, for this child and by which rule."""
    if facts.at_birth_only:
        return "Births are shown at their gestation."
    if facts.reference.table_by == "gestation_days":
        return "Ages are counted from birth: the lines are those of the child's own week of gestation."
    if not facts.rule.rules:
        if facts.standard is not None and any(p.crossed for p in facts.points):
            of = facts.beside[facts.standard].reference.info.short_title
            return (
                f"Ages are counted from birth; before {facts.reference.info.short_title} begins, crosses: "
                f"age corrected for gestation as on {of}."
            )
        return "Ages are counted from birth" + ("." if short else ", without correction for gestation.")
    rules = [
        "every child at every age"
        if math.isinf(r.born_before_days)
        else f"born before {r.born_before_days / 7:g} weeks until {limit_words(r.until_corrected_age_days)}"
        for r in facts.rule.rules
    ]
    rule = "" if short else f" Correction for gestation ({facts.rule.title}): {', '.join(rules)}."
    if facts.gestation_days is None:
        return f"Gestation at birth not recorded, taken as term: ages are counted from birth.{rule}"
    born = f"Born at {gestation_words(facts.gestation_days)}"
    if facts.corrected_until_days is None:
        return f"{born}: ages are counted from birth.{rule}"
    dots = "Dots: age since birth" + (", from 42 weeks" if facts.by_gestation else "")
    return f"{born}. {dots}. Crosses: age corrected for gestation.{rule}"


def kind_words(facts: ChartFacts, low: float, high: float, short: bool = False) -> str:
    """What the lines between two ages are: a standard, or how children were found to grow."""
    kinds = KINDS_SHORT if short else KINDS
    info = facts.reference.info
    if info.kind != "reference" or facts.is_adjusted:
        return kinds.get(info.kind, info.kind)
    shown = [
        (t.id in STANDARD_TABLES, t.label)
        for t in facts.reference.curves(facts.measure.name).official
        if facts.measure.by_length or ((t.from_ is None or t.from_ < high) and (t.until is None or t.until > low))
    ]
    if not any(standard for standard, _ in shown):
        return kinds["reference"]
    if all(standard for standard, _ in shown):
        return kinds["standard"]
    names = list_words([label for standard, label in shown if not standard])
    return f"WHO 2006 part: {kinds['standard']}; {names}: {kinds['reference']}"


def reference_words(facts: ChartFacts, low: float, high: float, grey: bool, short: bool = False) -> str:
    """The references of the lines: title, edition, kind, id and hash."""
    info = facts.reference.info
    if facts.unadjusted is not None:
        base = facts.beside[facts.unadjusted].reference
        out = (
            f"Blue lines: {info.title}; {KINDS.get(info.kind, info.kind)}. {facts.reference.label}. "
            f"Grey lines: {base.info.title}, unadjusted: 2nd, 50th and 98th. {base.label}"
        )
    elif short:
        kind = kind_words(facts, low, high, short)
        out = f"Lines: {info.short_title}, {info.edition}; {kind}. {facts.reference.label}"
    else:
        out = f"Lines: {info.title}; edition {info.edition}; {kind_words(facts, low, high)}. {facts.reference.label}"
    if facts.standard is not None and grey:
        standard = facts.beside[facts.standard].reference
        out += f". {'Grey' if short else 'Thin grey lines'}: {standard.info.short_title}. {standard.label}"
    return out


def moment_words(facts: ChartFacts) -> str:
    """The day of the chart and the library that drew it."""
    known = f", as known on {long_date(facts.known_on)}" if facts.known_on is not None else ""
    return f"As of {long_date(facts.as_of)}{known}. growthwatch {growthwatch.__version__}"


def notes(facts: ChartFacts, scores: bool = False) -> list[str]:
    """What the footer must say about readings that are missing from the picture, or odd in it."""
    out: list[str] = []
    thing = facts.measure.thing if facts.measure.unit == "kg" else "measurement"
    by_reason: dict[str, int] = {}
    for p in facts.points:
        if p.z is None:
            why = no_score(facts, p.place.status, facts.reference)
            by_reason[why] = by_reason.get(why, 0) + 1
    for why, n in by_reason.items():
        beside = facts.standard is not None
        without = "without a place on the child's own lines" if beside else "without lines or score"
        if not facts.believed:
            without = "without a score"
        # Where scores are drawn, a reading without one has no place at all.
        how = "not drawn, without a score" if scores else f"shown {without}"
        out.append(f"{count_words(n, thing)} {how}: {why}.")
    if (n := facts.number(ASSUMED)) > 0:
        out.append(f"{count_words(n, 'weight')} taken as valid although clothing or scale was not recorded.")
    if facts.undated:
        out.append(f"{count_words(facts.undated, thing)} without a certain date not drawn.")
    if facts.replaced:
        out.append(f"{count_words(facts.replaced, 'weight')} replaced by a repeat not drawn.")
    if facts.unpaired:
        out.append(f"{count_words(facts.unpaired, 'weight')} not drawn: no length was measured near enough in time.")
    if facts.later:
        name = facts.reference.info.short_title
        out.append(f"{count_words(facts.later, thing)} after birth not drawn: {name} is for the day of birth only.")
    return out


def rule_line_words(facts: ChartFacts, short: bool = False) -> list[str]:
    """Which rule reads a line that is none of the nine."""
    return [
        f"Chain-dotted: the {n.ordinal}, which rule {n.rule} reads{'' if short else f' ({n.title})'}."
        for n in facts.rule_lines
    ]


# --- as data ---------------------------------------------------------------------------------------


def metadata(facts: ChartFacts, title: str, description: str) -> dict[str, str]:
    """Text chunks of the PNG; none of them identifies the child."""
    more = {"Adjustment": ". ".join(facts.adjustments)} if facts.adjustments else {}
    for beside in facts.beside:
        name = "Base reference" if beside.unadjusted else "Standard"
        more |= {name: beside.reference.id, f"{name} hash": beside.reference.hash}
    return {
        "Title": title,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Reference": facts.reference.id,
        "Reference hash": facts.reference.hash,
        "As of": facts.as_of.isoformat(),
        "Age basis": age_basis_words(facts),
        "Description": description,
        **more,
    }


def table(facts: ChartFacts) -> list[dict[str, Any]]:
    """The drawn readings as rows, oldest first."""
    return [
        {
            "age_days": p.age_days,
            "corrected_age_days": p.corrected_age_days,
            **({"length_cm": p.length_cm} if p.length_cm is not None else {}),
            facts.measure.column: p.value,
            "z": p.place.z,
            "centile": p.place.centile,
            "status": p.place.status,
            "validity": p.validity,
            "reference": str(facts.reference.label),
            **_beside(facts, p.beside),
        }
        for p in facts.points
    ]


def _beside(facts: ChartFacts, places: Sequence[Place]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for beside, place in zip(facts.beside, places, strict=True):
        name = "unadjusted" if beside.unadjusted else "standard"
        out |= {
            f"{name}_z": place.z,
            f"{name}_centile": place.centile,
            f"{name}_reference": str(beside.reference.label),
        }
    return out

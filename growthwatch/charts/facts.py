"""What a chart shows, before anything is drawn: points, words and metadata from one reading of the record."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import growthwatch
from growthwatch.core.calendar import age_months, as_instant, local_day
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.status import MEANINGS, STATUS_WORDS, Status
from growthwatch.core.units import DAYS_PER_MONTH, PRETERM_DAYS, TERM_DAYS
from growthwatch.core.words import count_words, kg_words, limit_words, long_date
from growthwatch.protocol.child import ASSUMED, SUSPECTED, UPPER_BOUND, VALID, Scorer, read_child
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.document import protocol as packaged_protocol
from growthwatch.protocol.kinds.kind import GrowthKind
from growthwatch.record import Record
from growthwatch.record.known import Known
from growthwatch.references import Reference
from growthwatch.references import reference as packaged_reference
from growthwatch.references.metadata import Correction, corrections
from growthwatch.references.scores import AdjustedScore

__all__ = ["ChartFacts", "Point", "read_facts"]

KINDS = {
    "standard": "standard: how healthy children grow in good conditions",
    "reference": "reference: how children of its population were found to grow",
    "descriptive": "descriptive: how children with this condition were found to grow, not how they should",
}
"""The kinds of reference, in words."""


@dataclass(frozen=True, slots=True)
class Point:
    """One weighing that is drawn.

    ``corrected_age_days`` is the age that was used for the score; it equals ``age_days``
    where no correction applies.  ``unadjusted_z`` and ``unadjusted_centile`` are those on the
    base of an adjusted reference.
    """

    age_days: int
    corrected_age_days: float
    kg: float
    z: float | None
    centile: float | None
    status: str
    validity: str
    unadjusted_z: float | None = None
    unadjusted_centile: float | None = None

    @property
    def corrected(self) -> bool:
        """Whether the two ages differ."""
        return self.corrected_age_days != self.age_days

    @property
    def counts(self) -> bool:
        """Whether the weight is valid, or assumed to be."""
        return self.validity in (VALID, ASSUMED)


@dataclass(frozen=True)
class ChartFacts:
    """All that a chart says about one child at one moment."""

    reference: Reference
    child_id: str
    sex: str
    birth: dt.date
    gestation_days: int | None
    points: tuple[Point, ...]
    undated: int
    replaced: int
    as_of: dt.date
    known_on: dt.date | None
    loss_percent: float | None
    adjustments: tuple[str, ...] = ()

    # --- the child --------------------------------------------------------------------

    @property
    def preterm(self) -> bool:
        """Born before 37 weeks."""
        return self.gestation_days is not None and self.gestation_days < PRETERM_DAYS

    @property
    def boy_or_girl(self) -> str:
        """The word for the child."""
        return "boy" if self.sex == "male" else "girl"

    @property
    def age_days(self) -> int:
        """Age on the day asked about [days]."""
        return (self.as_of - self.birth).days

    @property
    def rule(self) -> Correction:
        """The correction of the reference."""
        return corrections().named(self.reference.correction)

    @property
    def corrected_until_days(self) -> float | None:
        """Corrected age at which correction stops [days]; infinite for life, None where there is no correction."""
        if self.gestation_days is None or self.gestation_days == TERM_DAYS:
            return None
        for rule in self.rule.rules:
            if self.gestation_days < rule.born_before_days:
                return rule.until_corrected_age_days
        return None

    @property
    def last(self) -> Point | None:
        """The latest valid weighing; the latest of any kind while there is none."""
        counted = [p for p in self.points if p.counts] or list(self.points)
        return counted[-1] if counted else None

    def number(self, *validities: str) -> int:
        """How many drawn weighings have one of these validities."""
        return sum(p.validity in validities for p in self.points)

    # --- words ------------------------------------------------------------------------

    def age_words(self, age_days: int) -> str:
        """An age since birth as a health visitor says it."""
        if age_days == 0:
            return "birth"
        if age_days < 14:
            return count_words(age_days, "day")
        if age_days < 26 * 7:
            return f"{age_days // 7} weeks"
        months = age_months(self.birth, self.birth + dt.timedelta(days=age_days))
        if months < 24:
            return count_words(months, "month")
        years, rest = divmod(months, 12)
        return f"{years} years" + (f" {count_words(rest, 'month')}" if rest else "")

    def both_ages(self, point: Point) -> str:
        """The age of a weighing, with the corrected one where it differs."""
        words = self.age_words(point.age_days)
        if not point.corrected:
            return words
        corrected = round(point.corrected_age_days)
        if corrected < 14:
            weeks, days = divmod(corrected + TERM_DAYS, 7)
            return f"{words} ({weeks} weeks + {days} of gestation)"
        return f"{words} ({_short_age(corrected)} corrected)"

    def place_words(self, point: Point, minus: str = "-") -> str:
        """The score of a weighing and its place among the lines."""
        if point.z is None:
            return f"no SDS: {no_score(point.status, self.reference, self.sex)}"
        words = f"SDS {point.z:.2f}, {UK_NINE.describe(point.z)}"
        if self.is_adjusted:
            base = self.reference.base.info.short_title
            if point.unadjusted_z is None:
                words += f"; no SDS unadjusted ({base})"
            else:
                words += f"; unadjusted ({base}) SDS {point.unadjusted_z:.2f}, {UK_NINE.describe(point.unadjusted_z)}"
        return re.sub(r"-(?=\d)", minus, words)

    @property
    def is_adjusted(self) -> bool:
        """Whether the lines are those of an adjusted reference, and it counts on the day."""
        return bool(self.reference.links)

    @property
    def short_title(self) -> str:
        """The reference as it is named in the title."""
        descriptive = " (descriptive)" if self.reference.kind == "descriptive" else ""
        return f"{self.reference.info.short_title}{descriptive}"

    @property
    def weighings(self) -> str:
        """How many weighings there are, and how many of them are not plain."""
        if not self.points:
            return "No weight recorded"
        odd = [
            f"{self.number(kind)} {word}"
            for kind, word in ((UPPER_BOUND, "at most"), (SUSPECTED, "suspected of error"))
            if self.number(kind)
        ]
        return count_words(len(self.points), "weighing") + (f" ({', '.join(odd)})" if odd else "")

    def last_words(self, minus: str = "-") -> str:
        """The last weighing in words."""
        last = self.last
        if last is None:
            return ""
        most = {UPPER_BOUND: "at most ", SUSPECTED: "suspected "}.get(last.validity, "")
        at = self.both_ages(last)
        return f"last {most}{kg_words(last.kg)} at {at}, {self.place_words(last, minus)}"

    @property
    def alt_text(self) -> str:
        """The chart in a sentence."""
        parts = [f"Weight chart, {self.boy_or_girl}, {self.short_title}"]
        parts.append(self.weighings if self.points else "no weight recorded")
        words = ", ".join(p for p in (*parts, self.last_words()) if p)
        return ". ".join([words, *self.adjustments]) if self.adjustments else words

    @property
    def age_basis(self) -> str:
        """Which age the scores are by, in a few words."""
        until = self.corrected_until_days
        if until is None:
            return "chronological"
        if math.isinf(until):
            return f"corrected for gestation at every age ({self.reference.correction})"
        return f"corrected for gestation until {limit_words(until)} corrected ({self.reference.correction})"

    @property
    def correction_words(self) -> str:
        """How age is corrected, for this child and by which rule."""
        if not self.rule.rules:
            return "Ages are counted from birth, without correction for gestation."
        rules = [
            "every child at every age"
            if math.isinf(r.born_before_days)
            else f"born before {r.born_before_days / 7:g} weeks until {limit_words(r.until_corrected_age_days)}"
            for r in self.rule.rules
        ]
        rule = f"Correction for gestation ({self.rule.title}): {', '.join(rules)}."
        if self.gestation_days is None:
            return f"Gestation at birth not recorded, taken as term: ages are counted from birth. {rule}"
        weeks, days = divmod(self.gestation_days, 7)
        born = f"Born at {weeks} weeks + {days}"
        if self.corrected_until_days is None:
            return f"{born}: ages are counted from birth. {rule}"
        return (
            f"{born}. Dots: age since birth, with birth at the mark for 40 weeks. "
            f"Crosses: age corrected for gestation. {rule}"
        )

    def reference_words(self) -> str:
        """The reference of the lines: title, edition, kind, id and hash."""
        info = self.reference.info
        if self.is_adjusted:
            base = self.reference.base
            return (
                f"Blue lines: {info.title}; {KINDS.get(info.kind, info.kind)}. {self.reference.label}. "
                f"Grey lines: {base.info.title}, unadjusted. {base.label}"
            )
        return f"Lines: {info.title}; edition {info.edition}; {KINDS.get(info.kind, info.kind)}. {self.reference.label}"

    def moment_words(self) -> str:
        """The day of the chart and the library that drew it."""
        known = f", as known on {long_date(self.known_on)}" if self.known_on is not None else ""
        return f"As of {long_date(self.as_of)}{known}. growthwatch {growthwatch.__version__}"

    def notes(self) -> list[str]:
        """What the footer must say about weights that are missing from the picture, or odd in it."""
        out: list[str] = []
        by_reason: dict[str, int] = {}
        for p in self.points:
            if p.z is None:
                why = no_score(p.status, self.reference, self.sex)
                by_reason[why] = by_reason.get(why, 0) + 1
        for why, n in by_reason.items():
            out.append(f"{count_words(n, 'weight')} shown without lines or score: {why}.")
        if (n := self.number(ASSUMED)) > 0:
            out.append(f"{count_words(n, 'weight')} taken as valid although clothing or scale was not recorded.")
        if self.undated:
            out.append(f"{count_words(self.undated, 'weight')} without a certain date not drawn.")
        if self.replaced:
            out.append(f"{count_words(self.replaced, 'weight')} replaced by a repeat not drawn.")
        return out

    def metadata(self, title: str) -> dict[str, str]:
        """Text chunks of the PNG; none of them identifies the child."""
        more = {"Adjustment": ". ".join(self.adjustments)} if self.adjustments else {}
        if self.is_adjusted:
            more |= {"Base reference": self.reference.base.id, "Base reference hash": self.reference.base.hash}
        return {
            "Title": title,
            "Software": f"growthwatch {growthwatch.__version__}",
            "Reference": self.reference.id,
            "Reference hash": self.reference.hash,
            "As of": self.as_of.isoformat(),
            "Age basis": self.age_basis,
            "Description": self.alt_text,
            **more,
        }

    def table(self) -> list[dict[str, Any]]:
        """The drawn weighings as rows, oldest first."""
        return [
            {
                "age_days": p.age_days,
                "corrected_age_days": p.corrected_age_days,
                "weight_kg": p.kg,
                "z": p.z,
                "centile": p.centile,
                "status": p.status,
                "validity": p.validity,
                "reference": str(self.reference.label),
                **(
                    {
                        "unadjusted_z": p.unadjusted_z,
                        "unadjusted_centile": p.unadjusted_centile,
                        "unadjusted_reference": str(self.reference.base.label),
                    }
                    if self.is_adjusted
                    else {}
                ),
            }
            for p in self.points
        ]


def _short_age(days: int) -> str:
    if days < 26 * 7:
        return f"{days // 7} weeks"
    months = int(days / DAYS_PER_MONTH)
    return count_words(months, "month") if months < 24 else limit_words(days)


def no_score(status: str, reference: Reference, sex: str) -> str:
    """Why a weight has no score, in words that name the reference's limits."""
    span = reference.span("weight", sex)
    name = reference.info.short_title
    if span is not None and status == str(Status.AGE_BELOW_REFERENCE):
        return f"{name} begins at {limit_words(span[0])}"
    if span is not None and status == str(Status.AGE_ABOVE_REFERENCE):
        return f"{name} ends at {limit_words(span[1])}"
    if status == str(Status.SEX_NOT_COVERED):
        return f"{name} has no figures for {'boys' if sex == 'male' else 'girls'}"
    return MEANINGS[Status(STATUS_WORDS.index(status))]


def _choose_reference(reference: object, correction: str | None) -> Reference:
    if isinstance(reference, str):
        return packaged_reference(reference, correction)
    if not isinstance(reference, Reference):
        raise GrowthwatchError.of("reference", reference, "an id such as 'uk-who', or a Reference")
    if correction is not None and correction != reference.correction:
        raise GrowthwatchError.of("correction", correction, f"None, or {reference.correction!r} as the reference has")
    return reference


def _newborn_loss(protocol: Protocol) -> float | None:
    """Least loss of birth weight that the protocol wants assessed [percent], where it has such a rule."""
    losses = [r.birth_loss_percent for r in protocol.rules if isinstance(r, GrowthKind)]
    return next((loss for loss in losses if loss is not None), None)


def read_facts(
    record: object,
    *,
    reference: object = "uk-who",
    correction: str | None = None,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: object = None,
    measure: object = "weight",
) -> ChartFacts:
    """Read what a chart shows.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, and where the record has no birth or no sex at that moment.
    """
    if not isinstance(record, Record):
        raise GrowthwatchError.of("record", record, "a Record, such as Record.load('child.json')")
    if measure != "weight":
        raise GrowthwatchError.of("measure", measure, "'weight': no other measure is charted")
    curves = _choose_reference(reference, correction)
    if "weight" not in curves.measures:
        curves.curves("weight")  # raises, naming the measures that there are
    rules = packaged_protocol("uk-hv") if protocol is None else protocol
    if not isinstance(rules, Protocol):
        raise GrowthwatchError.of("protocol", protocol, "a Protocol, or None for the packaged one")
    zone = rules.zone
    if as_of is not None:
        moment = as_instant(as_of, zone, "as_of")
    elif record.events:
        moment = max(e.recorded_at for e in record.events)
    else:
        raise _missing("birth", "the record has no events")
    known = moment if known_at is None else as_instant(known_at, zone, "known_at")
    today = local_day(moment, zone)
    known_day = local_day(known, zone)
    by_then = Known.of(record, as_of=moment, known_at=known, zone=zone)
    events = by_then.effective(today.toordinal())
    scorer = Scorer(rules.settings, rules.reference, [e for _, e in events], by_then.in_doubt)
    child = read_child(rules.settings, rules.reference, events, scorer)
    if child.ages.birth is None:
        raise _missing("birth", f"no birth was recorded by {long_date(today)}")
    age = float((today - child.ages.birth.date).days)
    curves = child.on_birth(curves)
    adjustments = tuple(curves.notices(today, age))
    curves = curves.effective(today, age)
    sex, gestation = child.ages.birth.sex, child.ages.birth.gestation_days
    if gestation is not None and math.isnan(curves.corrected_age(0.0, gestation)):
        born = f"{gestation // 7} weeks + {gestation % 7} days"
        adjustments += (f"Born at {born}, as recorded, is not believed: drawn by age since birth",)
        gestation = None
    if sex is None:
        raise _missing("sex", "the sex of the child was not recorded, and the lines differ by sex")
    dated = [w for w in child.weights.all if not w.unused and w.id not in by_then.in_doubt]
    drawn = [w for w in dated if w.replaced_by is None]
    points: Sequence[Point] = ()
    if drawn:
        ages = np.array([w.age_days for w in drawn], np.int64)
        score = curves.score(
            np.array([w.kg for w in drawn]), age_days=ages, sex=sex, measure="weight", gestation_days=gestation
        )
        used = curves.corrected_age(ages, gestation)
        beside: list[tuple[float | None, float | None]] = [(None, None)] * len(drawn)
        if isinstance(score, AdjustedScore):
            plain = score.unadjusted
            beside = [(_number(z), _number(c)) for z, c in zip(plain.z, plain.centile, strict=True)]
        points = [
            Point(w.age_days, _plain(float(x)), w.kg, _number(z), _number(c), str(s), w.validity, *b)
            for w, x, z, c, s, b in zip(drawn, used, score.z, score.centile, score.status, beside, strict=True)
        ]
    return ChartFacts(
        reference=curves,
        child_id=record.child_id,
        sex=sex,
        birth=child.ages.birth.date,
        gestation_days=gestation,
        points=tuple(points),
        undated=len(child.weights.all) - len(dated),
        replaced=len(dated) - len(drawn),
        as_of=today,
        known_on=known_day if known_day != today and known_at is not None else None,
        loss_percent=_newborn_loss(rules),
        adjustments=adjustments,
    )


def _missing(field: str, why: str) -> GrowthwatchError:
    return GrowthwatchError(f"{field}: {why}", field=field, value=None, expected=f"a record that says the {field}")


def _number(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)


def _plain(value: float) -> float:
    return int(value) if value.is_integer() else value

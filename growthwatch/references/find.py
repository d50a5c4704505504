"""Which packaged references fit a child: by condition, measure, sex, age and gestation."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import Field, ValidationError

from growthwatch.core.closed import Closed
from growthwatch.core.errors import GrowthwatchError, nearest
from growthwatch.core.sex import MISSING_SEX, sex_codes
from growthwatch.core.status import MEANINGS, Status
from growthwatch.references.catalogue import Catalogue, folders, known_measure, measure_elsewhere, packaged
from growthwatch.references.checks import check_gestation, check_measure, check_number
from growthwatch.references.coverage import Covers, coverage, status_of
from growthwatch.references.metadata import ReferenceInfo, explain_validation, read_toml
from growthwatch.references.source import Population, Source, read_population

__all__ = ["covers", "elsewhere", "find_source", "fits", "references"]


class _Name(Closed):
    means: str = Field(min_length=1)
    said: list[str] = Field(min_length=1)


class _Names(Closed):
    source: str = Field(min_length=1)
    tag: Literal["N", "G", "L"]
    review_by: dt.date
    name: list[_Name]


def _plain(text: str) -> str:
    """Text for looking up: small letters, single spaces, no commas or hyphens."""
    return " ".join(re.sub(r"[,;()‐-―-]", " ", text.lower().replace("’", "'")).split())


@cache
def _everyday() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of the everyday names of conditions, longest first, and what each means."""
    path = resources.files("growthwatch.references") / "condition-names.toml"
    try:
        names = _Names.model_validate(read_toml(path)).name
    except ValidationError as e:  # pragma: no cover - the packaged file is tested
        raise explain_validation(e, str(path)) from None
    means = {_plain(said): _plain(n.means) for n in names for said in n.said}
    longest = sorted(means, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)"), means


_SLIP = 0.8
"""How alike two words must be for one to be a slip of the pen for the other; less is another word."""

_LEVEL = re.compile(r"(?:^|\s)(?:i{1,3}|iv|v|\d+)$")


def condition_asked(condition: str) -> re.Pattern[str] | None:
    """Return the pattern that finds a condition in a name as `_plain` has it; None for none at all."""
    pattern, means = _everyday()
    word = pattern.sub(lambda found: means[found[0]], _plain(condition))
    if not word:
        return None
    return re.compile(re.escape(word) + (r"(?!\w)" if _LEVEL.search(word) else ""))


def references(
    *,
    condition: str | None = None,
    measure: str | None = None,
    age_days: float | None = None,
    sex: str | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
    birth_weight_kg: float | None = None,
) -> Catalogue:
    """Return the packaged references, or those that fit.

    Parameters
    ----------
    condition
        Part of the name of a condition or of the title, in any case, or an everyday name for it
        (``condition-names.toml``: CP, T21, GMFCS 5, premature); ``""`` asks for those of no condition.
        A level is a whole word: ``GMFCS I`` is not ``GMFCS II``.
    measure
        A measure that the reference must have.
    age_days, sex, gestation_days, length_cm, birth_weight_kg
        A child whom the reference must cover, by the measure if one is given, by any otherwise.

    Raises
    ------
    GrowthwatchError
        For a condition or measure that no packaged reference has, naming the nearest; for
        anything else than words and finite numbers.

    Notes
    -----
    References of gains are listed beside those of sizes; their measures are ``weight-gain``
    and ``length-gain``, and they are used through `growthwatch.references.increments`.
    """
    every = entries = list(packaged().values())
    if condition is not None:
        if not isinstance(condition, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of("condition", condition, "words, such as 'trisomy 21'")
        asked = condition_asked(condition)
        entries = [e for e in every if (asked.search(_plain(f"{e.condition} {e.title}")) if asked else not e.condition)]
        if every and not entries:
            known = sorted({e.condition for e in every if e.condition})
            parts = {p.strip() for e in every for p in (*e.condition.split(","), *e.title.split(",")) if e.condition}
            parts |= {w for p in parts for w in p.split() if len(w) > 3} | set(_everyday()[1])
            expected = f"part of the name of one that there is: {known}{nearest(condition, parts, _SLIP)}"
            raise GrowthwatchError.of("condition", condition, expected)
    if measure is not None:
        check_measure(measure)
        entries = [e for e in entries if measure in e.measures]
        if every and measure not in (known := dict.fromkeys(m for e in every for m in e.measures)):
            raise GrowthwatchError.of("measure", measure, f"one of {list(known)}{nearest(measure, known)}")
    _check_numbers(age_days, gestation_days, length_cm, birth_weight_kg)
    if gestation_days is not None:
        check_gestation(gestation_days)
    if age_days is not None or sex is not None or length_cm is not None:
        entries = [
            e
            for e in entries
            if fits(
                e,
                measure,
                sex=sex,
                age_days=age_days,
                gestation_days=gestation_days,
                length_cm=length_cm,
                birth_weight_kg=birth_weight_kg,
            )
        ]
    return Catalogue(entries)


@cache
def _source(name: str) -> Population:
    return read_population(folders()[name])


@cache
def _corrected(name: str, correction: str) -> Population:
    return _source(name).corrected(correction)


def find_source(id: str, correction: str | None = None) -> Source:
    """Curves of a packaged reference: see `growthwatch.reference`."""
    if not isinstance(id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("reference", id, "an id such as 'uk-who'")
    name, plus, named = id.partition("+")
    if plus and not named:
        raise GrowthwatchError.of("reference", id, "a correction after the plus, such as 'uk-who+lifelong'")
    if named and correction is not None and named != correction:
        raise GrowthwatchError.of("correction", correction, f"{named!r}, as the id says, or none")
    if name not in folders():
        raise GrowthwatchError.of("reference", id, f"one of {sorted(folders())}{_near(name)}")
    made, wanted = _source(name), named or correction
    return made if wanted in (None, made.correction) else _corrected(name, wanted)


def _near(name: str) -> str:
    """End of a sentence that refuses an id: those that begin so, or are of the condition that it names; else a slip."""
    word = _plain(name)
    found = [id for id in folders() if word and _plain(id).startswith(f"{word} ")]
    asked = condition_asked(name)
    if not found and asked is not None and (len(word) > 2 or word in _everyday()[1]):
        found = [id for id, e in packaged().items() if asked.search(_plain(f"{e.condition} {e.title}"))]
    if not found:
        return nearest(name, folders(), _SLIP)
    return f"; nearest: {', '.join(repr(id) for id in sorted(found))}"


def _check_numbers(
    age_days: float | None, gestation_days: float | None, length_cm: float | None, birth_weight_kg: float | None
) -> None:
    check_number("age_days", age_days)
    check_number("gestation_days", gestation_days)
    check_number("length_cm", length_cm)
    check_number("birth_weight_kg", birth_weight_kg)


def _sex(sex: str | None) -> int | None:
    if sex is None:
        return None
    code = int(sex_codes(sex))
    if code >= MISSING_SEX:
        raise GrowthwatchError.of("sex", sex, "male, female, m or f")
    return code


def fits(
    info: ReferenceInfo,
    measure: str | None,
    *,
    sex: str | None = None,
    age_days: float | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
    birth_weight_kg: float | None = None,
) -> bool:
    """Whether a packaged reference covers a child, for one measure or, if None, for any by that axis."""
    if info.of_increments:
        return measure in info.measures and sex is None and age_days is None and length_cm is None
    asked = _sex(sex)
    names = [m for m in info.measures if measure is None or m == measure]
    if age_days is not None or length_cm is not None:
        axis = "length_cm" if age_days is None else "age_days"
        names = [m for m in names if info.measures[m].x == axis or measure is not None]
    if sex is None and age_days is None and length_cm is None:
        return bool(names)
    made = find_source(info.id)
    given = (age_days, gestation_days, length_cm, birth_weight_kg)
    return any(status_of(made, m, asked, *given) is Status.OK for m in names)


def elsewhere(
    measure: str = "weight",
    *,
    sex: str | None = None,
    age_days: float | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
    birth_weight_kg: float | None = None,
    besides: str = "",
    condition: str = "",
) -> tuple[str, ...]:
    """Ids of the packaged references that cover a child: first those of the condition, then the general ones.

    References of other conditions are left out.

    Parameters
    ----------
    besides
        Id of a reference to leave out.
    condition
        The child's condition, as the catalogue has it; empty for none.
    """

    def near(info: ReferenceInfo) -> bool:
        return not info.condition or (bool(condition) and _same(info.condition, condition))

    found = [
        i
        for i in packaged().values()
        if i.id != besides
        and near(i)
        and fits(
            i,
            measure,
            sex=sex,
            age_days=age_days,
            gestation_days=gestation_days,
            length_cm=length_cm,
            birth_weight_kg=birth_weight_kg,
        )
    ]
    return tuple(i.id for i in sorted(found, key=lambda i: not i.condition))


def _same(a: str, b: str) -> bool:
    """Whether two conditions are one: the words before the first comma."""
    return a.split(",")[0].strip().lower() == b.split(",")[0].strip().lower()


def covers(
    source: Source,
    measure: str,
    *,
    sex: str | None = None,
    age_days: float | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
    birth_weight_kg: float | None = None,
) -> Covers:
    """Answer `Reference.covers`."""
    check_measure(measure)
    _check_numbers(age_days, gestation_days, length_cm, birth_weight_kg)
    has = measure in source.measures
    if has:
        status = status_of(source, measure, _sex(sex), age_days, gestation_days, length_cm, birth_weight_kg)
        if status is Status.OK:
            return Covers(str(status), coverage(source, measure), (), source.id, f"{source.id} covers this")
        word, why = str(status), MEANINGS[status]
        ours = coverage(source, measure)
    else:
        if not known_measure(measure):
            raise GrowthwatchError.of(
                "measure",
                measure,
                f"one of {list(source.measures)}, which {source.id} has{measure_elsewhere(measure)}",
            )
        word, why, ours = "measure_not_covered", f"the reference has no measure {measure!r}", coverage(source)
    others = elsewhere(
        measure,
        sex=sex,
        age_days=age_days,
        gestation_days=gestation_days,
        length_cm=length_cm,
        birth_weight_kg=birth_weight_kg,
        besides=source.info.id,
        condition=source.info.condition,
    )
    there = f"Packaged references that do: {', '.join(others)}" if others else "No other packaged reference does"
    listed = "; ".join(map(str, ours))
    return Covers(word, ours, others, source.id, f"{source.id}: {why}. It covers {listed}. {there}.")

"""The command that lists the packaged references."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from growthwatch.cli.arguments import (
    AsJson,
    ExitCode,
    guarded,
)
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.references import Reference, ReferenceInfo
    from growthwatch.references.increments import Increments

__all__ = ["references"]

_ANYBODY = "children in general"
_KINDS = {
    "standard": "standard (how children should grow)",
    "reference": "reference (how a population grows)",
    "descriptive": "descriptive (how children with the condition were found to grow, not how they should)",
}


@guarded
def references(
    condition: Annotated[
        str | None, typer.Option("--condition", metavar="TEXT", help="Part of the name of a condition.")
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", metavar="NAME", help="A measure it must have.")] = None,
    as_json: AsJson = False,
) -> ExitCode:
    """List the packaged references and their terms.

    For whom each is, which measures at which ages, whose figures, on what terms.
    """
    from growthwatch.cli.show import out, out_bytes, pairs, table, text, width
    from growthwatch.references import references as find
    from growthwatch.references.display import births_words

    known = sorted({m for info in find() for m in info.measures})
    if measure is not None and measure not in known:
        raise GrowthwatchError.of("--measure", measure, f"one of {', '.join(known)}")
    found = find(condition=condition, measure=measure)
    if as_json:
        from growthwatch.core.canonical import canonical_json

        made = [_loaded(info) for info in found]
        entries: list[dict[str, Any]] = [
            {
                **{
                    k: getattr(r.info, k)
                    for k in ("id", "condition", "kind", "edition", "title", "population", "citation", "origin")
                },
                "terms": r.info.terms,
                "notes": r.info.notes,
                "remark": r.info.remark,
                "table_by": r.info.table_by,
                "births": [b.label for b in r.info.births],
                "corrections": list(r.info.corrections),
                "default_correction": r.info.default_correction,
                "hash": r.hash,
                "measures": {
                    m: {
                        "unit": r.info.measures[m].unit,
                        "x": r.info.measures[m].x,
                        "covers": _covers(r, m),
                    }
                    for m in r.measures
                },
            }
            for r in made
        ]
        out_bytes(canonical_json(entries))
        return ExitCode.FINE
    if not found:
        out(text("No packaged reference fits. growthwatch references lists them all."))
    if found and width() >= 150:
        heads = [
            ("Id", 0),
            ("For", 5),
            ("Kind", 5),
            ("Measures and ages", 8),
            ("Edition", 3),
            ("Title", 7),
            ("Terms", 9),
        ]
        cells = [
            (i.id, i.condition or _ANYBODY, i.kind, "\n".join(_measures(_loaded(i))), i.edition, i.title, i.terms)
            for i in found
        ]
        out(table(heads, [[text(c) for c in row] for row in cells]))
        return ExitCode.FINE
    for number, info in enumerate(found):
        facts: list[tuple[str, object]] = [
            ("For", info.condition or _ANYBODY),
            ("Kind", _KINDS[info.kind]),
            ("Measures", "; ".join(_measures(_loaded(info)))),
            ("Title", info.title),
            ("Edition", info.edition),
            ("Terms", info.terms),
            *([("Table", births_words(info))] if info.table_by else []),
            ("Notes", " ".join(filter(None, (info.notes, info.remark)))),
        ]
        out(*([text("")] if number else []), text(info.id, "bold"), pairs(facts))
    return ExitCode.FINE


def _loaded(info: ReferenceInfo) -> Reference | Increments:
    from growthwatch.references import reference
    from growthwatch.references.increments import increments

    return increments(info.id) if info.of_increments else reference(info.id)


def _covers(found: Reference | Increments, measure: str) -> dict[str, list[float] | None]:
    from growthwatch.references.increments import Increments

    if isinstance(found, Increments):
        ends = [(i.start_days, i.end_days) for i in found.intervals(measure)]
        whole = [min(e[0] for e in ends), max(e[1] for e in ends)]
        return {"male": whole, "female": whole}
    spans = {sex: found.span(measure, sex) for sex in ("male", "female")}
    return {sex: None if span is None else list(span) for sex, span in spans.items()}


def _measures(found: Reference | Increments) -> Iterator[str]:
    """Each measure with the ages, or lengths, that it covers."""
    from growthwatch.core.words import limit_words
    from growthwatch.references.increments import Increments

    if isinstance(found, Increments):
        for name in found.measures:
            every = found.intervals(name)
            yield f"{name}, {len(every)} intervals, birth to {limit_words(max(i.end_days for i in every))}"
        return
    for name in found.measures:
        x = found.info.measures[name].x
        boys, girls = (_span(found.span(name, sex), x) for sex in ("male", "female"))
        if boys == girls:
            yield f"{name}, {boys}"
        else:
            yield f"{name}, boys {boys}, girls {girls}"


def _span(covers: tuple[float, float] | None, x: str) -> str:
    from growthwatch.core.words import limit_words

    if covers is None:
        return "not covered"
    if x != "age_days":
        return f"{covers[0]:g} to {covers[1]:g} cm long"
    return f"{limit_words(covers[0])} to {limit_words(covers[1])}"

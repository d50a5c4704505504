"""Patients, conditions, and who looks after the child."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from growthwatch.interop.fhir.drafts import BIRTH_TIME, Here, Patient
from growthwatch.interop.fhir.nodes import (
    clean,
    codings,
    first_words,
    flag,
    identifiers,
    many,
    one,
    reference,
    usable_id,
    word,
)
from growthwatch.interop.fhir.own import OURS, overlay, own_id
from growthwatch.interop.fhir.report import Refusal
from growthwatch.interop.fhir.times import when

__all__ = ["condition", "episode", "name_of", "patient"]

_OLDEST_YEARS = 20
"""The charts end at the 20th birthday: who was older when the file came in and in it is no child of a record."""


def patient(here: Here) -> Patient:
    """Read a patient; the birth is None where there is no day of it.

    Raises
    ------
    Refusal
        Where it is a grown-up, as the mother in the notification of a birth.
    """
    node = here.node
    # What growthwatch wrote itself names the child as the record does.
    ours = dict(identifiers(node)).get(f"{OURS}child")
    # The id of one that is contained is its own in that resource alone.
    child_id = usable_id(ours or (here.resource if here.held_by else here.resource.rpartition("/")[2]))
    found = Patient(here.resource, child_id, identifiers(node), None, None, here.server if ours is None else None)
    if flag(node, "active") is False:
        here.doubt("active", False, "its sender does not use this patient any more", "look whether there is another")
    for i, link in enumerate(many(node, "link")):
        if word(link, "type") in ("replaced-by", "replace", "replaces"):
            leads = reference(link, "other")
            here.doubt(f"link[{i}]", leads, "it is joined with another patient", "look whether the two are one child")
    try:
        if node.get("birthDate") is None:
            raise Refusal("birthDate", None, "it does not say when the child was born", "give the day")
        born = here.day(node["birthDate"], "birthDate")
        if here.received_at.year - born.on.year > _OLDEST_YEARS:
            raise Refusal(
                "birthDate",
                node.get("birthDate"),
                "this is a grown-up, and no child of a record",
                "nothing, if that is right",
            )
        found.born = _event(here, "born", "/birth", born.on, _birth_time(here, born.on), _sex(here))
    except Refusal as e:
        if "grown-up" in str(e):
            raise
        here.report.add("refused", here.resource, e.path, e.value, e.reason, e.remedy)
    if node.get("deceasedDateTime") is not None:
        try:
            died = here.day(node["deceasedDateTime"], "deceasedDateTime")
            found.died = _event(here, "died", "/death", died.on, died.time, {})
        except Refusal as e:
            here.report.add("refused", here.resource, e.path, e.value, e.reason, e.remedy)
    elif flag(node, "deceasedBoolean"):
        here.report.add(
            "refused",
            here.resource,
            "deceasedBoolean",
            True,
            "the child died, and it does not say when",
            "give the day, as deceasedDateTime",
        )
    return found


def _event(here: Here, type: str, part: str, on: dt.date, time: dt.time | None, more: dict[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "recorded_at": here.recorded_at(part),
        "actor": "not named",
        "role": "other",
        "id": here.event_id(part),
        "type": type,
        "on": on,
        **more,
    }
    if time is not None:
        out["time"] = time
    overlay(out, here.node, part)
    return out


def _sex(here: Here) -> dict[str, str]:
    given = word(here.node, "gender")
    if given in ("male", "female"):
        return {"sex": given}
    here.doubt("gender", given, "without male or female there is no centile", "give male or female, if it is known")
    return {}


def _birth_time(here: Here, on: dt.date) -> dt.time | None:
    for e in many(one(here.node, "_birthDate"), "extension"):
        if word(e, "url") == BIRTH_TIME and e.get("valueDateTime") is not None:
            value = e["valueDateTime"]
            try:
                found = when(value, "birthDate.extension", here.zone)
            except Refusal as wrong:
                here.doubt(wrong.path, wrong.value, wrong.reason, wrong.remedy)
                return None
            if found.on != on:
                here.doubt(
                    "birthDate.extension",
                    value,
                    f"the time of birth is of another day than birthDate, {on}: birthDate is taken",
                    "give the day of birth that is right",
                )
                return None
            return found.time
    return None


def condition(here: Here) -> None:
    """Read a diagnosis, and its end."""
    node = here.node
    verified = _code(node, "verificationStatus")
    if verified is not None and verified not in ("confirmed", "entered-in-error"):
        raise Refusal("verificationStatus", verified, "it is not confirmed", "send it again when it is")
    concept = one(node, "code")
    found = {w for pair in codings(concept) if (w := here.conditions.get((pair[0] or "", pair[1] or ""))) is not None}
    words = first_words(concept)
    if len(found) != 1:
        what = sorted(found) if found else words or codings(concept)
        reason = "its codes say different things" if found else "a record has no word for this condition"
        raise Refusal("code", what, reason, "name its word in conditions={(system, code): word}, if it bears on growth")
    keys = [k for k in ("recordedDate", "assertedDate", "onsetDateTime") if node.get(k) is not None]
    # Where growthwatch wrote the end alone, the beginning is none of its events.
    ends = own_id(node, "/end") is not None and own_id(node) is None
    if not keys and not ends:
        raise Refusal("recordedDate", None, "it does not say since when", "give recordedDate or onsetDateTime")
    state = _code(node, "clinicalStatus")
    ended = None
    if state in ("inactive", "remission", "resolved"):
        if node.get("abatementDateTime") is None:
            here.doubt(
                "abatementDateTime",
                None,
                f"it is {state}, and does not say since when: it is kept as it was",
                "give abatementDateTime",
            )
        else:
            ended = here.day(node["abatementDateTime"], "abatementDateTime")
    who = here.who("asserter") if many(node, "asserter") else here.who("recorder")
    kept = found.pop()
    if not ends:
        on = here.day(node[keys[0]], keys[0])
        data = {"condition": kept, "description": words}
        here.add("condition_diagnosed", on, data, path="code", who=who).in_error = verified == "entered-in-error"
    if ended is not None and verified != "entered-in-error":
        here.add(
            "condition_ended",
            ended,
            {"condition": kept, "reason": str(state)},
            path="abatementDateTime",
            part="/end",
            who=who,
        )


def _code(node: Any, key: str) -> str | None:
    """A status that is a word in STU3 and a concept in R4."""
    return word(node, key) or next((code for _, code in codings(one(node, key)) if code), None)


def name_of(here: Here, leads: str | None) -> str | None:
    """The name of a practitioner, team or organisation that is in the file."""
    found = here.find(leads)
    if found is None:
        return None
    if (plain := clean(word(found, "name"))) is not None:
        return plain
    name = one(found, "name")
    given = [name.get(k) for k in ("prefix", "given", "family")]
    parts = [x for g in given for x in (cast("list[Any]", g) if isinstance(g, list) else [g]) if isinstance(x, str)]
    return clean(word(name, "text")) or clean(" ".join(parts))


def episode(here: Here) -> None:
    """Read an episode of care: a service that named who looks after the child."""
    node = here.node
    status = word(node, "status")
    if status not in ("active", "onhold", "finished", "entered-in-error"):
        raise Refusal("status", status, "nobody looks after the child by it", "nothing, if that is right")
    start = one(node, "period").get("start")
    if start is None:
        raise Refusal("period.start", None, "it does not say since when", "give the day")
    on = here.day(start, "period.start")
    service = next((w for t in many(node, "type") if (w := first_words(t)) is not None), None)
    if service is None:
        raise Refusal("type", None, "it does not say which service", "name the service")
    worker = _worker(here)
    if worker is None:
        raise Refusal(
            "careManager",
            None,
            "it names nobody who looks after the child",
            "name the care manager, or a team with one person",
        )
    data = {"service": service, "worker": worker}
    draft = here.add("service_allocated", on, data, path="team", who=(worker, "other"))
    draft.in_error = status == "entered-in-error"
    if status == "finished" and own_id(node) is None:
        here.doubt(
            "status",
            status,
            "it is over: a record says so by a new worker or level only",
            "write down who looks after the child now",
        )


def _worker(here: Here) -> str | None:
    manager = one(here.node, "careManager")
    if manager:
        return clean(word(manager, "display")) or name_of(here, reference(here.node, "careManager"))
    people: list[str] = []
    for team in many(here.node, "team"):
        found = here.find(word(team, "reference")) or {}
        for p in many(found, "participant"):
            member = one(p, "member")
            name = clean(word(member, "display")) or name_of(here, word(member, "reference"))
            if name is not None:
                people.append(name)
    return people[0] if len(people) == 1 else None

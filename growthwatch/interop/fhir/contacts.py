"""Contacts, missed visits, requests, and what a questionnaire holds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from growthwatch.interop.fhir.codes import unit_of_code
from growthwatch.interop.fhir.drafts import Here
from growthwatch.interop.fhir.nodes import Node, choice, clean, codings, first_words, flag, many, one, reference, word
from growthwatch.interop.fhir.observations import centimetres
from growthwatch.interop.fhir.own import OURS, own_id
from growthwatch.interop.fhir.people import name_of
from growthwatch.interop.fhir.quantities import amount
from growthwatch.interop.fhir.report import Refusal
from growthwatch.record.doubts import LEAST_KG, MOST_KG

__all__ = ["REFERRAL", "appointment", "communication", "encounter", "questionnaire", "request"]

REFERRAL = f"{OURS}referral"
"""The system of the category by which growthwatch tells a referral from a request."""

_SEEN = {"AMB": True, "HH": True, "EMER": True, "FLD": True, "OBSENC": True, "VR": False}
_INPATIENT = ("IMP", "ACUTE", "NONAC", "SS")


def encounter(here: Here) -> str:
    """Read an encounter: a contact, an admission, or a visit that was cancelled."""
    node = here.node
    status, period = word(node, "status"), one(node, "period")
    if status in ("planned", "triaged", "arrived"):
        here.skip(f"Encounter ({status})")
        return "not_read"
    if status not in ("finished", "in-progress", "completed", "cancelled", "entered-in-error", "onleave"):
        raise Refusal("status", status, "it does not say that it took place", "give the status")
    # Where growthwatch wrote the end alone, the beginning is none of its events.
    ends = own_id(node, "/end") is not None and own_id(node) is None
    if period.get("start") is None and not ends:
        raise Refusal("period.start", None, "it does not say when", "give the day")
    about = next((w for t in many(node, "type") if (w := first_words(t)) is not None), None)
    provider = one(node, "serviceProvider")
    service = clean(word(provider, "display")) or name_of(here, word(provider, "reference"))
    who = _participant(here)
    kind = word(one(node, "class"), "code")
    if kind in _INPATIENT and ends and period.get("end") is not None:
        end = here.day(period["end"], "period.end")
        draft = here.add("discharged", end, {"hospital": service}, path="period.end", part="/end", who=who)
        draft.in_error = status == "entered-in-error"
        return "made"
    on = here.day(period.get("start"), "period.start")
    if status == "cancelled":
        named = service or about or _unnamed(here, "serviceProvider")
        here.add("was_not_brought", on, {"kind": "cancelled", "service": named}, path="status", who=who)
        return "made"
    if kind in _INPATIENT:
        draft = here.add("admission", on, {"hospital": service}, path="class", who=who)
        draft.in_error = status == "entered-in-error"
        if period.get("end") is not None and not draft.in_error:
            end = here.day(period["end"], "period.end")
            here.add("discharged", end, {"hospital": service}, path="period.end", part="/end", who=who)
        return "made"
    if kind not in _SEEN:
        raise Refusal(
            "class", kind, "it does not say whether somebody saw the child", "give the class, such as AMB, HH or VR"
        )
    data = {"face_to_face": _SEEN[kind], "service": service, "about": about}
    here.add("contact", on, data, path="class", who=who).in_error = status == "entered-in-error"
    return "made"


def _participant(here: Here) -> tuple[str, str]:
    person = one(here.node, "participant", "individual") or one(here.node, "participant", "actor")
    name = (
        clean(word(person, "display")) or name_of(here, word(person, "reference")) or clean(word(person, "reference"))
    )
    return name or "not named", "other"


def _unnamed(here: Here, path: str) -> str:
    here.doubt(path, None, "it does not say which service", "name the service")
    return "service not named"


def appointment(here: Here) -> str:
    """Read an appointment that nobody came to, or that was cancelled."""
    node = here.node
    status = word(node, "status")
    if status not in ("noshow", "cancelled", "entered-in-error"):
        here.skip(f"Appointment ({status})")
        return "not_read"
    on = here.day(node.get("start"), "start")
    kind = "not_brought"
    if status == "cancelled":
        # STU3 has no reason, R4 spells it with one l.
        reasons = [
            w
            for k in ("cancelationReason", "cancellationReason")
            for c in many(one(node, k), "coding")
            if (w := word(c, "code"))
        ]
        by_service = any(r.startswith("prov") for r in reasons)
        kind = "cancelled_by_service" if by_service else "cancelled"
        if not reasons:
            here.doubt("cancelationReason", None, "it does not say who cancelled", "give the reason: pat or prov")
    service = next(
        (w for k in ("serviceType", "specialty") for t in many(node, k) if (w := first_words(t)) is not None), None
    )
    people = many(node, "participant")
    patient = next(
        (
            r
            for p in people
            if (r := reference(p, "actor")) is not None
            and ("Patient/" in r or (here.find(r) or {}).get("resourceType") == "Patient")
        ),
        None,
    )
    if patient is None:
        raise Refusal("participant", None, "it does not say of whom it is", "give the patient as a participant")
    data = {"kind": kind, "service": service or _unnamed(here, "serviceType")}
    draft = here.add("was_not_brought", on, data, path="status", who=("not named", "other"), subject=patient)
    draft.in_error = draft.only_back = status == "entered-in-error"
    return "made"


def request(here: Here) -> str:
    """Read a task, or a request for a service: somebody asked somebody for something."""
    node, kind = here.node, here.node.get("resourceType")
    status = word(node, "status")
    ours = own_id(node) is not None
    if status in ("draft", "cancelled", "rejected", "revoked", "failed") and not ours:
        raise Refusal("status", status, "nobody waits for an answer to it", "nothing, if that is right")
    if flag(node, "doNotPerform"):
        raise Refusal("doNotPerform", True, "it asks that something be not done", "nothing, if that is right")
    if (intent := word(node, "intent")) in ("proposal", "plan", "option"):
        raise Refusal("intent", intent, "nobody has been asked yet", "send it again when it is an order")
    if status == "completed" and not ours:
        here.doubt(
            "status",
            status,
            "it is done: a record holds an answer as an event of its own",
            "write down what came of it",
        )
    asked = (
        clean(word(node, "description")) or clean(word(one(node, "focus"), "display")) or first_words(one(node, "code"))
    )
    if asked is None:
        raise Refusal("code", None, "it does not say what is asked for", "say it in code or description")
    key = "owner" if kind == "Task" else "performer" if many(node, "performer") else "recipient"
    to = [
        n
        for x in many(node, key)
        if (n := clean(word(x, "display")) or name_of(here, word(x, "reference")) or clean(word(x, "reference")))
    ]
    if not to:
        raise Refusal(key, None, "it does not say who is asked", "name who is asked")
    if node.get("authoredOn") is None:
        raise Refusal("authoredOn", None, "it does not say when it was asked", "give the day")
    on = here.day(node["authoredOn"], "authoredOn")
    requester = one(node, "requester")
    requester = one(requester, "agent") or requester
    who = (clean(word(requester, "display")) or clean(word(requester, "reference")) or "not named", "other")
    data: dict[str, Any] = {"kind": "other", "to": [{"name": n} for n in to], "ask": asked, "respond_by": _by(here)}
    if word(node, "priority") in ("urgent", "asap", "stat"):
        data["urgent"] = True
    type = "request_made"
    referral = next((code for x in many(node, "category") for s, code in codings(x) if s == REFERRAL), None)
    if ours and referral is not None:
        type = "referral_made"
        data = {**data, "kind": referral, "to": to[0], "about": asked}
        del data["ask"]
    here.add(type, on, data, path="code", who=who).in_error = status == "entered-in-error"
    return "made"


def _by(here: Here) -> Any:
    """The day by which an answer is expected: it may be ahead."""
    from_task = one(here.node, "restriction", "period").get("end")
    given = from_task if from_task is not None else one(here.node, "occurrencePeriod").get("end")
    return (
        None
        if given is None
        else here.ahead(given, "restriction.period.end" if from_task is not None else "occurrencePeriod.end")
    )


def communication(here: Here) -> None:
    """Read a letter, or where it has no recipient, a contact that was no visit."""
    node = here.node
    status = word(node, "status")
    if status not in ("completed", "in-progress", "entered-in-error"):
        raise Refusal("status", status, "it was not sent", "nothing, if that is right")
    if flag(node, "notDone"):
        raise Refusal("notDone", True, "it was not sent", "nothing, if that is right")
    if node.get("sent") is None:
        raise Refusal("sent", None, "it does not say when it was sent", "give the day")
    on = here.day(node["sent"], "sent")
    sender = one(node, "sender")
    name = (
        clean(word(sender, "display"))
        or name_of(here, word(sender, "reference"))
        or clean(word(sender, "reference"))
        or "not named"
    )
    says = "; ".join(w for p in many(node, "payload") if (w := clean(word(p, "contentString"))) is not None) or None
    to = [
        n
        for x in many(node, "recipient")
        if (n := clean(word(x, "display")) or name_of(here, word(x, "reference")) or clean(word(x, "reference")))
    ]
    if to:
        data: dict[str, Any] = {"sender": name, "to": [{"name": n} for n in to], "summary": says}
        draft = here.add("letter_sent", on, data, path="payload", who=(name, "other"))
    else:
        draft = here.add("contact", on, {"face_to_face": False, "about": says}, path="payload", who=(name, "other"))
    draft.in_error = status == "entered-in-error"


# ---------------------------------------------------------------- questionnaires

_ASKS = re.compile(r"(birth |current )?(weight|length|height|head circumference) \((\w+)\)", re.IGNORECASE)


def questionnaire(here: Here) -> str:
    """Read weights and lengths of a questionnaire, where the text of the question names what and the unit."""
    status = word(here.node, "status")
    if status not in ("completed", "amended", "entered-in-error"):
        raise Refusal("status", status, "it is not completed", "send it again when it is")
    made = 0
    waiting: list[tuple[Node, str]] = [(item, f"item[{i}]") for i, item in enumerate(many(here.node, "item"))][::-1]
    while waiting:
        item, path = waiting.pop()
        answers = many(item, "answer")
        if answers:
            found = _ASKS.fullmatch((word(item, "text") or "").strip())
            if found is None:
                here.skip("QuestionnaireResponse item")
            for i, answer in enumerate(answers if found is not None else ()):
                try:
                    _answer(here, answer, f"{path}.answer[{i}]", found, status == "entered-in-error")
                    made += 1
                except Refusal as e:
                    here.report.add("refused", here.resource, e.path, e.value, e.reason, e.remedy)
        below = [*many(item, "item"), *(x for a in answers for x in many(a, "item"))]
        waiting += [(x, f"{path}.item[{i}]") for i, x in enumerate(below)][::-1]
    return "made" if made else "not_read"


def _answer(here: Here, answer: Node, path: str, asked: Any, in_error: bool) -> None:
    keys = choice(answer, "value")
    of = "mass" if asked[2].lower() == "weight" else "length"
    if keys == ["valueQuantity"]:
        found = amount(one(answer, "valueQuantity"), of, f"{path}.valueQuantity")
    elif keys in (["valueDecimal"], ["valueInteger"]):
        unit = unit_of_code(asked[3].lower())
        if unit is None:
            raise Refusal(
                f"{path}.text", asked[0], "its unit is none that is read", "give a valueQuantity with its unit"
            )
        value = answer[keys[0]]
        given = {
            "value": Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value,
            "code": unit.code,
        }
        found = amount(given, of, f"{path}.{keys[0]}")
    else:
        raise Refusal(path, keys or None, "it is no number", "give a number")
    born = (asked[1] or "").lower().startswith("birth")
    on = None if born else here.day(here.node.get("authored"), "authored")
    value = float(found.value)
    if of == "mass":
        if not LEAST_KG <= value <= MOST_KG:
            raise Refusal(path, value, f"no child weighs {value:g} kg", "look in which unit it is")
        type, data = "weighed", {"weight_kg": value, "setting": "birth weight" if born else None}
    else:
        head = asked[2].lower().startswith("head")
        measure = "head" if head else "height"
        type, data = "measured", {"measure": measure, "value_cm": centimetres(measure, found, path, value)}
    here.doubt(
        path,
        str(found.value),
        f"what it is, and its unit, stand in the question alone: {asked[0]}",
        "send it as an Observation with its unit",
    )
    if born:
        here.changed(path, asked[0], "it is of the day of birth")
    if found.given is not None:
        here.changed(path, found.given, f"it is kept as {value:g}")
    data["note"] = "from a questionnaire"
    part = "/" + re.sub(r"\W+", "-", path)
    here.add(type, on, data, path=path, part=part, who=here.who("author")).in_error = in_error

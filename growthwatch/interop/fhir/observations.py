"""Observations: weights, lengths and heights, heads, and the gestation at birth."""

from __future__ import annotations

import re
from typing import Any

from growthwatch.interop.fhir.codes import cm_of, measures
from growthwatch.interop.fhir.drafts import Here
from growthwatch.interop.fhir.nodes import Node, choice, clean, codings, many, one, word
from growthwatch.interop.fhir.quantities import Amount, amount
from growthwatch.interop.fhir.report import Refusal
from growthwatch.interop.fhir.times import When
from growthwatch.record.doubts import LEAST_KG, MOST_KG
from growthwatch.record.values import MAX_TEXT
from growthwatch.record.words import Role

__all__ = ["centimetres", "gestation_days", "observation", "status_of"]

_GOOD = ("final", "amended", "corrected")
_OPEN = ("preliminary", "unknown")
_WEEKS = re.compile(r"\s*(\d{2})\s*(?:W|\+|weeks?)\s*([0-6])\s*(?:D|days?)?\s*", re.IGNORECASE)
_KINDS = {
    "weight_clothed": "weight",
    "weight_unclothed": "weight",
    "height_lying": "height",
    "height_standing": "height",
}
_MORE: dict[str, dict[str, Any]] = {
    "weight_clothed": {"clothing": "clothed"},
    "weight_unclothed": {"clothing": "naked"},
    "height_lying": {"position": "lying"},
    "height_standing": {"position": "standing"},
}


def status_of(here: Here) -> bool:
    """Judge the status; return whether the resource was entered in error.

    Raises
    ------
    Refusal
        Where it says that there is no result, or is no status.
    """
    given = word(here.node, "status")
    status = (given or "").strip().lower()
    if given is None:
        here.doubt("status", None, "it has no status, and is read as final", "give the status")
    elif status not in (*_GOOD, *_OPEN, "entered-in-error"):
        raise Refusal(
            "status", given, "it gives no result", "nothing, if there is none; else send it with status final"
        )
    elif given != status:
        here.doubt("status", given, f"codes are written small: it is read as {status}", f"write {status}")
    if status in _OPEN:
        here.doubt("status", given, "it is not final", "look whether the value stands, and send it as final")
    return status == "entered-in-error"


def observation(here: Here) -> str:
    """Read one Observation with its components; return what came of it."""
    # Codes first: the status of what is not read anyway is nobody's worry.
    parts = [(here.node, "", "")]
    parts += [(c, f"component[{i}].", f"/component/{i}") for i, c in enumerate(many(here.node, "component"))]
    read = [(node, path, part, kind) for node, path, part in parts if (kind := _kind(here, node, path)) is not None]
    if not read:
        system, code = next(iter(codings(one(here.node, "code"))), (None, None))
        here.skip(f"Observation {system}|{code}" if code else "Observation without a code")
        return "not_read"
    in_error = status_of(here)
    fate = "refused"
    for node, path, part, kind in read:
        if node is here.node and not choice(node, "value") and len(read) > 1:
            continue  # The values are in the components.
        try:
            _part(here, node, path, part, kind, in_error)
            fate = "made"
        except Refusal as e:
            here.report.add("refused", here.resource, e.path, e.value, e.reason, e.remedy)
    return fate


def _kind(here: Here, node: Node, path: str) -> str | None:
    """What was measured, by all codes that say so; of weight and birth weight, the latter."""
    known = measures()
    found = {
        k for system, code in codings(one(node, "code")) if (k := known.get((system or "", code or ""))) is not None
    }
    if "birth_weight" in found:
        found.discard("weight")
    if len(found) > 1 and len({_KINDS.get(k, k) for k in found}) == 1:
        found = {k for k in found if k in _KINDS}
    if len(found) > 1:
        raise Refusal(f"{path}code", sorted(found), "its codes say different things", "give the one that is right")
    return next(iter(found), None)


def _part(here: Here, node: Node, path: str, part: str, kind: str, in_error: bool) -> None:
    if absent := one(node, "dataAbsentReason"):
        words = next((code for _, code in codings(absent) if code), None)
        if not choice(node, "value"):
            raise Refusal(f"{path}dataAbsentReason", words, "there is no value", "nothing, if none was read")
        here.doubt(f"{path}dataAbsentReason", words, "it has a value, too", "look which of the two is right")
    if kind == "not_weighed":
        raise Refusal(
            f"{path}code",
            _code(node),
            "it was told, estimated or worked out, and nobody weighed the child so",
            "give a weight that was read from a scale",
        )
    if kind == "bmi":
        raise Refusal(
            f"{path}code",
            _code(node),
            "a record holds no BMI: it is worked out from weight and height",
            "give the weight and the height",
        )
    if kind == "feeding":
        raise Refusal(
            f"{path}code",
            _code(node),
            "a record has no place for how a child is fed",
            "write down a concern with the topic feeding, if somebody worries, or an examination that looked at it",
        )
    made, data, more_path = _value(here, node, path, kind)
    on = _day(here, f"{path}value", born=kind in ("birth_weight", "gestation"))
    data = {**_MORE.get(kind, {}), **data, "note": _note(here, made)}
    type = "weighed" if "weight_kg" in data else "born" if kind == "gestation" else "measured"
    if type == "weighed" and kind == "birth_weight":
        data["setting"] = "birth weight"
    actor, role = here.who()
    if role == Role.FAMILY and type == "weighed":
        data["weighed_by"] = "family"
    draft = here.add(type, on, data, path=more_path, part=part, who=(actor, role))
    draft.in_error = in_error
    if made is not None and made.given is not None:
        unit = {"weighed": "kg", "measured": "cm", "born": "days"}[type]
        here.changed(more_path, made.given, f"it is kept as {made.value.normalize():f} {unit}")
    if made is not None and made.doubt is not None:
        here.doubt(more_path, word(one(node, "valueQuantity"), "unit"), made.doubt, "give the UCUM code of the unit")


def _code(node: Node) -> str | None:
    return next((code for _, code in codings(one(node, "code")) if code), None)


def _value(here: Here, node: Node, path: str, kind: str) -> tuple[Amount | None, dict[str, Any], str]:
    found = choice(node, "value")
    if kind == "gestation" and found == ["valueString"]:
        days = gestation_days(node["valueString"], f"{path}valueString")
        here.changed(f"{path}valueString", node["valueString"], f"it is kept as {days} days")
        return None, {"gestation_days": days}, f"{path}valueString"
    if found != ["valueQuantity"]:
        raise Refusal(f"{path}value[x]", found or None, "it has no single valueQuantity", "give a number with its unit")
    at, quantity = f"{path}valueQuantity", one(node, "valueQuantity")
    base = _KINDS.get(kind, kind)
    if base in ("weight", "birth_weight"):
        made = amount(quantity, "mass", at)
        kg = float(made.value)
        if not LEAST_KG <= kg <= MOST_KG:
            words = f"no child weighs {kg:g} kg"
            raise Refusal(
                f"{at}.value", quantity.get("value"), words, "look whether it is in grams: then the code is g"
            )
        return made, {"weight_kg": kg}, at
    if base == "gestation":
        made = amount(quantity, "time", at)
        if made.value != made.value.to_integral_value():
            raise Refusal(
                f"{at}.value",
                quantity.get("value"),
                "it is no whole number of days",
                "give completed days, with the code d",
            )
        if made.given is not None:
            here.doubt(
                at, made.given, "weeks only: days beyond the week are not said", "give completed days, with the code d"
            )
        return made, {"gestation_days": int(made.value)}, at
    made = amount(quantity, "length", at)
    return made, {"measure": base, "value_cm": centimetres(base, made, f"{at}.value", quantity.get("value"))}, at


def centimetres(measure: str, made: Amount, path: str, given: Any) -> float:
    """Return a length or head in centimetres; one that no child has is in another unit than it says."""
    value = float(made.value)
    least, most = cm_of(measure)
    if not least <= value <= most:
        what = "is that long" if measure == "height" else "has such a head"
        raise Refusal(path, given, f"no child {what}: {value:g} cm", "look in which unit it is")
    return value


def gestation_days(text: Any, path: str) -> int:
    """Read weeks and days in words, as in ``40W 0D`` or ``40+0`` [completed days]."""
    found = _WEEKS.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Refusal(
            path, text, "it does not say weeks and days", "give completed days, as a quantity with the code d"
        )
    return 7 * int(found[1]) + int(found[2])


def _day(here: Here, path: str, *, born: bool) -> When | None:
    """Return the day on which it was measured; None for that of birth."""
    found = choice(here.node, "effective")
    if not found:
        if born:
            here.changed("effective[x]", None, "without a day, it is of the day of birth")
            return None
        raise Refusal("effective[x]", None, "it does not say when it was measured", "give the day")
    key = found[0]
    if len(found) > 1:
        raise Refusal("effective[x]", found, "it says twice when it was measured", "give the one that is right")
    if key in ("effectiveDateTime", "effectiveInstant"):
        return here.day(here.node[key], key)
    if key == "effectivePeriod":
        period = one(here.node, key)
        if period.get("start") is None or period.get("end") is None:
            raise Refusal(key, dict(period), "one end of the time is open", "give the day")
        start, end = here.day(period["start"], f"{key}.start"), here.day(period["end"], f"{key}.end")
        if start.on != end.on:
            raise Refusal(key, dict(period), "it is of more than one day", "give the day")
        here.changed(key, dict(period), "both ends are of one day: that is kept, without a time")
        return When(start.on)
    raise Refusal(key, here.node[key], "it is no single day", "give the day")


def _note(here: Here, made: Amount | None) -> str | None:
    """What was said besides, and how the value was given."""
    told = [clean(word(n, "text")) for n in many(here.node, "note")] + [clean(word(here.node, "comment"))]
    # Growthwatch's own notes already say how a value was given.
    if made is not None and made.given is not None and not any(t is not None and "given as" in t for t in told):
        told.append(f"given as {made.given}")
    return here.short("note", "; ".join(t for t in told if t), MAX_TEXT) or None

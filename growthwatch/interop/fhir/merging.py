"""Which drafts say the same, and which came first: drafts become the events of a record."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from growthwatch.core.canonical import canonical_json, content_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.interop.fhir.drafts import Draft, Patient, id_on, local_id, server_of_id
from growthwatch.interop.fhir.nodes import usable_id
from growthwatch.interop.fhir.report import Report
from growthwatch.interop.fhir.whose import Held, child_id_of, happened, of_one_server, of_whom
from growthwatch.record.events import AnyEvent, parse_event
from growthwatch.record.facts import Born, Died, EnteredInError, Measured, Weighed
from growthwatch.record.record import Record

__all__ = ["into_records"]


@dataclass
class _Child:
    patients: list[Patient] = field(default_factory=lambda: [])
    drafts: list[Draft] = field(default_factory=lambda: [])


def into_records(
    held: Held, report: Report, received_at: dt.datetime, identifier: str | None, into: Mapping[str, Record]
) -> dict[str, Record]:
    """Make the records; what makes no event becomes a line of the report."""
    children: dict[str, _Child] = defaultdict(_Child)
    held.there = {child_id: _servers(record) for child_id, record in into.items()}
    for found in {id(p): p for p in held.patients.values()}.values():
        child_id = child_id_of(found, identifier, report)
        if child_id is None:
            continue
        there = children[child_id].patients
        why = helps = None
        if identifier is None and there and not of_one_server(there[0].server, found.server):
            why = f"a patient of another server, {there[0].server}, has the same id"
            helps = "give identifier=, by which the two can be told from each other"
        elif identifier is None and child_id in into and (o := _another(found, into[child_id], held.there[child_id])):
            why = f"{o}: it may be another child, and nothing of it is taken"
            helps = "give identifier=, by which children can be told from each other, or correct the record"
        if why is not None and helps is not None:
            found.lost = True
            report.add("refused", found.resource, "id", child_id, why, helps)
            continue
        there.append(found)
        report.is_of(found.resource, child_id)
    for draft in held.drafts:
        child_id = of_whom(draft, held, identifier, report)
        if child_id is not None:
            children[child_id].drafts.append(draft)
            report.is_of(draft.resource, child_id)
    for resource, subject in held.refused.items():
        of = held.patient_of(subject)
        if of is not None and (child_id := child_id_of(of, identifier, Report())) is not None:
            report.is_of(resource, child_id)
    records = dict(into)
    for child_id, child in children.items():
        record = records.get(child_id) or Record(child_id)
        grown = _grown(record, child, report, received_at)
        if len(grown):
            records[child_id] = grown
    return records


def _servers(record: Record) -> frozenset[str]:
    """Return the servers that the events of a record name."""
    return frozenset(server for e in record.events if (server := server_of_id(e.id)) is not None)


def _another(found: Patient, record: Record, servers: Set[str]) -> str | None:
    """Return why a patient may not be the child of the record of the same id; None where nothing says so."""
    if found.server is not None and servers:
        # Of one server an id is one child, whatever else the sender has put right.
        others = ", ".join(sorted(servers))
        return None if found.server in servers else f"the record of that id is of another server, {others}"
    born = next((e for e in record.effective() if isinstance(e, Born)), None)
    if born is None or found.born is None:
        return None
    sex = found.born.get("sex", born.sex)
    if (found.born["on"], sex) == (born.on, born.sex if born.sex is not None else sex):
        return None
    return f"the record of that id has another birth, {born.on}{'' if born.sex is None else f', {born.sex}'}"


# ---------------------------------------------------------------- one child


def _grown(record: Record, child: _Child, report: Report, received_at: dt.datetime) -> Record:
    who = child.patients[0].resource if child.patients else "Patient"
    born = _birth(record, child, report)
    more: list[dict[str, Any]] = []
    if born is not None:
        more += _against(record, born, report, who)
    more += _death(record, child, report)
    born_on = born["on"] if born is not None else next((e.on for e in record.effective() if isinstance(e, Born)), None)
    died = child.patients[0].died if child.patients else None
    if died is not None and born_on is not None and died["on"] < born_on:
        report.add(
            "doubted",
            who,
            "deceasedDateTime",
            str(died["on"]),
            f"it is before the birth on {born_on}",
            "look which day is right",
        )
    events = [_made(data, report, who) for data in more]
    dated: list[Draft] = []
    for draft in child.drafts:
        if draft.data["type"] == "born":
            continue
        if "on" not in draft.data:
            if born_on is None:
                draft.refuse(
                    report,
                    "effective[x]",
                    None,
                    "it is of the day of birth, which is not known",
                    "send the patient with birthDate",
                )
                continue
            draft.data["on"] = born_on
        elif born_on is not None and draft.data["on"] < born_on:
            report.add(
                "doubted",
                draft.resource,
                draft.path,
                str(draft.data["on"]),
                f"it is before the birth on {born_on}",
                "look whether day and child are right",
            )
        elif born_on is not None and draft.data["on"] != born_on and draft.data.get("setting") == "birth weight":
            report.add(
                "doubted",
                draft.resource,
                draft.path,
                str(draft.data["on"]),
                f"a birth weight that is not of the day of birth, {born_on}",
                "look which day is right",
            )
        dated.append(draft)
    forms: dict[str, list[AnyEvent]] = defaultdict(list)
    gone: dict[str, dt.datetime] = {}
    for e in record.events:
        if isinstance(e, EnteredInError):
            _mark_gone(gone, e)
        else:
            forms[local_id(e.id)].append(e)
    for draft in _once(dated, report):
        same = forms[local_id(str(draft.data["id"]))]
        found = [e for e in same if server_of_id(e.id) == draft.server]
        # Only one of the two names its server: nobody knows whether they are one.
        unsure = [e for e in same if (server_of_id(e.id) is None) != (draft.server is None)]
        if unsure and not found:
            _of_one_server_or_not(unsure, draft, report)
            continue
        for data in _of_draft(found, gone, record.ids, draft, report, received_at):
            event = _made(data, report, draft.resource)
            events.append(event)
            if event is None:
                draft.came = "refused"
                break
            if isinstance(event, EnteredInError):
                _mark_gone(gone, event)
            else:
                same.append(event)
    kept: dict[str, AnyEvent] = {}
    for event in events:
        if event is None:
            continue
        if event.id in kept or event.id in record.ids:
            report.add(
                "refused", event.id, "id", event.id, "another event has the same id", "give each an id of its own"
            )
        else:
            kept[event.id] = event
    _copies([*record.effective(), *kept.values()], kept.keys(), report)
    made = Record(record.child_id, kept.values())
    return record.merge(made) if len(record) else made


def _death(record: Record, child: _Child, report: Report) -> list[dict[str, Any]]:
    """The death of a child, beside what the record has: the same once, another as a line."""
    deaths = [(p.resource, p.died) for p in child.patients if p.died is not None]
    days = {e.on: e.id for e in record.effective() if isinstance(e, Died)}
    out: list[dict[str, Any]] = []
    for resource, died in deaths:
        if not days:
            out.append(died)
            days[died["on"]] = died["id"]
        elif died["on"] not in days:
            why = f"there is another death already, {next(iter(days.values()))}"
            report.add("refused", resource, "deceasedDateTime", str(died["on"]), why, "correct the one that is wrong")
    return out


def _birth(record: Record, child: _Child, report: Report) -> dict[str, Any] | None:
    """The birth of a child, with the gestation that an observation gives."""
    births = [p.born for p in child.patients if p.born is not None]
    gestations = [d for d in child.drafts if d.data["type"] == "born" and not d.in_error]
    for d in child.drafts:
        if d.data["type"] == "born" and d.in_error:
            why = "it was entered in error: if the record has it, correct the birth there"
            d.refuse(report, d.path, d.data["gestation_days"], why, "nothing, if the record does not have it")
    days = {d.data["gestation_days"] for d in gestations}
    if len({canonical_json(_plain(happened(b))) for b in births}) > 1:
        for p in child.patients[1:]:
            if p.born is not None and happened(p.born) != happened(births[0]):
                report.add(
                    "refused",
                    p.resource,
                    "birthDate",
                    str(p.born["on"]),
                    f"{child.patients[0].resource} has the same identifier, and was born otherwise",
                    "send the one that is right",
                )
    born = births[0] if births else None
    if len(days) > 1:
        for d in gestations:
            d.refuse(report, d.path, d.data["gestation_days"], "gestations differ", "send the one that is right")
    elif days and born is None:
        for d in gestations:
            d.refuse(
                report,
                d.path,
                d.data["gestation_days"],
                "the birth of the child is not known",
                "send the patient with birthDate",
            )
    elif days and born is not None:
        told = {**born, "gestation_days": days.pop()}
        try:
            parse_event(told)
            born = told
        except GrowthwatchError as e:
            # A gestation that cannot be does not take the birth with it.
            for d in gestations:
                d.refuse(report, d.path, e.value, str(e), f"give {e.expected}")
    for d in gestations:
        if born is not None and "on" in d.data and d.data["on"] != born["on"]:
            report.add(
                "doubted",
                d.resource,
                d.path,
                str(d.data["on"]),
                "a gestation that is not of the day of birth",
                "look whether it is that at birth",
            )
    return born


def _plain(data: Any) -> dict[str, str]:
    return {} if data is None else {k: str(v) for k, v in data.items()}


def _against(record: Record, born: dict[str, Any], report: Report, resource: str) -> list[dict[str, Any]]:
    """A birth beside what the record has: the same once, more of the same as a correction, another as a line."""
    there = [e for e in record.effective() if isinstance(e, Born)]
    if not there:
        return [born]
    known = there[0]
    sex, days = born.get("sex", known.sex), born.get("gestation_days", known.gestation_days)
    if (known.on, known.sex, known.gestation_days) == (born["on"], sex, days):
        return []
    if known.on == born["on"] and known.sex in (None, sex) and known.gestation_days in (None, days):
        more: dict[str, Any] = {k: v for k, v in (("sex", sex), ("gestation_days", days)) if v is not None}
        return [{**born, **more, "id": _next_id(record, born), "corrects": known.id}]
    report.add(
        "refused",
        resource,
        "birthDate",
        str(born["on"]),
        f"the record has another birth, {known.id}",
        "correct the one that is wrong",
    )
    return []


def _next_id(record: Record, data: Mapping[str, Any]) -> str:
    if data["id"] not in record.ids:
        return str(data["id"])
    digest = content_hash(_plain(happened(data)))
    return usable_id(f"{data['id']}@{digest.rpartition(':')[2][:12]}")


def _once(drafts: list[Draft], report: Report) -> list[Draft]:
    """Drafts without those that say the same again; of one resource in several forms, in order of the forms."""
    by_id: dict[str, list[Draft]] = {}
    for d in _of_one_server(drafts, report):
        by_id.setdefault(d.data["id"], []).append(d)
    out: list[Draft] = []
    seen: dict[tuple[str, str], Draft] = {}
    for forms in by_id.values():
        one = forms[0]
        if len(forms) > 1:
            different = {canonical_json({**_plain(happened(d.data)), "error": d.in_error}): d for d in reversed(forms)}
            for d in forms:
                if all(d is not x for x in different.values()):
                    d.came = "repeated"
            forms = list(different.values())
            if len(forms) > 1:
                versions = [d.version for d in forms]
                if None in versions or len(set(versions)) < len(versions):
                    for d in forms:
                        d.refuse(
                            report,
                            "id",
                            d.data["id"],
                            "the same id is there with different content, and nothing says which is newer",
                            "give meta.versionId, or ids of their own",
                        )
                    continue
                forms.sort(key=lambda d: _version(d.version))
        for key in one.identifiers:
            there = seen.setdefault(key, one)
            if there is not one:
                same = _same(there, one)
                reason = f"{there.resource} has the same identifier and " + (
                    "says the same: it is taken once" if same else "says otherwise: both are taken"
                )
                report.add("doubted", one.resource, "identifier", "|".join(key), reason, "look whether the two are one")
                if same:
                    one.came = "repeated"
                    forms = []
                break
        out += forms
    return out


def _of_one_server(drafts: list[Draft], report: Report) -> Iterator[Draft]:
    """Drafts with the server of those of the same id, where one names it; refused where two do."""
    servers: dict[str, set[str]] = defaultdict(set)
    for d in drafts:
        if d.server is not None:
            servers[local_id(str(d.data["id"]))].add(d.server)
    for d in drafts:
        local = str(d.data["id"])
        named = servers.get(local) if d.server is None and not d.own else None
        if named and len(named) > 1:
            why = f"{' and '.join(sorted(named))} use the same id, and it does not say of which it is"
            d.refuse(report, "id", local, why, "give server=, or a Bundle with fullUrl")
            continue
        if named:
            (d.server,) = named
            d.data["id"] = id_on(d.server, local)
        yield d


def _same(a: Draft, b: Draft) -> bool:
    return happened(a.data) == happened(b.data) and a.in_error == b.in_error


def _version(given: str | None) -> tuple[int, str]:
    return (int(given), "") if given is not None and given.isdecimal() and len(given) < 10 else (0, given or "")


def _of_one_server_or_not(there: Sequence[AnyEvent], draft: Draft, report: Report) -> None:
    """Say what becomes of a resource whose id is there, where only one of the two names its server.

    The same again is nothing new.  What says otherwise neither replaces what may be another's, nor stands beside what
    may be an earlier form of it.
    """
    said = happened(_written(draft.data))
    if not draft.in_error and any(happened(e.to_dict()) == said for e in there):
        draft.came = "repeated"
        return
    server = server_of_id(there[0].id)
    known = "names no server" if server is None else f"is of {server}"
    draft.refuse(
        report,
        "id",
        there[0].id,
        f"the record has an event of that id, which {known}: nobody can tell whether the two are one",
        "give server=" if server is not None else "mark the one that is there in error, if the two are one",
    )


def _of_draft(
    found: list[AnyEvent],
    gone: Mapping[str, dt.datetime],
    known: Set[str],
    draft: Draft,
    report: Report,
    received_at: dt.datetime,
) -> list[dict[str, Any]]:
    """The events of a draft beside those that are there: none, one that is new, a correction, or error marks.

    `found` are the events of its resource, of which `gone` are marked in error, each at a moment; `known` are the ids
    of all events.
    """
    data, base = draft.data, str(draft.data["id"])
    # Earlier forms of the same resource, each of which corrects the one before.
    forms = [e for e in found if e.id == base or e.id.startswith(f"{base}@")]
    standing = [e for e in forms if e.id not in gone]
    if draft.marks is not None:
        there = next((e for e in found if e.id == base), None)
        if there is None or happened(there.to_dict()) == happened(_written(data)):
            draft.came = "made" if there is None else "repeated"
            return [*([data] if there is None else []), *(m for m in draft.marks if str(m["id"]) not in known)]
    if draft.in_error:
        if draft.only_back and not forms:
            draft.refuse(report, draft.path, "entered-in-error", "nothing of it is there", "nothing, if that is right")
            return []
        return _taken_back(forms, standing, draft, received_at)
    if not forms:
        return [data]
    digest = content_hash({**_plain(happened(data)), "gone": len(forms) - len(standing)})
    new = {**data, "id": usable_id(f"{base}@{digest.rpartition(':')[2][:12]}")}
    if not standing:
        marked = max(gone[e.id] for e in forms)
        if draft.changed < marked:
            # What was sent before the mark brings nothing back: it is what the mark is about.
            told = happened(_written(data))
            if any(happened(e.to_dict()) == told and e.recorded_at == data["recorded_at"] for e in forms):
                draft.came = "repeated"
                return []
            why = f"{forms[-1].id} was entered in error after it, at {marked.isoformat()}"
            draft.refuse(report, draft.path, draft.changed.isoformat(), why, "nothing, if it was an error")
            return []
        draft.doubt(report, forms[-1].id, "it was entered in error before, and is sent again")
        return [new]
    replaced = {e.corrects for e in standing}
    latest = next((e for e in reversed(standing) if e.id not in replaced), standing[-1])
    if happened(latest.to_dict()) == happened(_written(data)):
        draft.came = "repeated"
        return []
    if data["recorded_at"] < latest.recorded_at:
        written = latest.recorded_at.isoformat()
        why = f"the record has a later form of it, {latest.id}, written down at {written}"
        draft.refuse(report, draft.path, data["recorded_at"].isoformat(), why, "nothing, if the later one is right")
        return []
    draft.doubt(report, latest.id, "it says otherwise than what came in before, and replaces it")
    return [{**new, "corrects": latest.id}]


def _mark_gone(gone: dict[str, dt.datetime], mark: EnteredInError) -> None:
    gone[mark.target] = max(mark.recorded_at, gone.get(mark.target, mark.recorded_at))


def _taken_back(
    forms: Sequence[AnyEvent], standing: Sequence[AnyEvent], draft: Draft, received_at: dt.datetime
) -> list[dict[str, Any]]:
    """Error marks on every form of a resource: what it said before it was corrected was no better."""
    data = draft.data
    if forms and not standing:
        draft.came = "repeated"
        return []
    out = [] if forms else [data]
    told = {k: data[k] for k in ("on", "actor", "role")}
    for target in [e.id for e in standing] or [str(data["id"])]:
        # What says no moment after the forms that it takes back (`issued` may be theirs) was written when it came in.
        later = draft.changed > max((e.recorded_at for e in standing), default=data["recorded_at"])
        written = draft.changed if later or not forms else received_at
        why = {"target": target, "reason": "its sender says so", "recorded_at": written}
        mark = usable_id(f"{target}/entered-in-error")
        out.append({**told, **why, "id": mark, "type": "entered_in_error"})
    return out


def _written(data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return parse_event(data).to_dict()
    except GrowthwatchError:
        return dict(data)


def _made(data: dict[str, Any], report: Report, resource: str) -> AnyEvent | None:
    try:
        return parse_event(data)
    except GrowthwatchError as e:
        report.add(
            "refused", resource, e.field or "event", e.value, str(e), f"give {e.expected or 'what a record takes'}"
        )
        return None


def _copies(events: list[AnyEvent], new: Set[str], report: Report) -> None:
    """Say where a measurement is the same to the last digit as the one before it on another day."""
    before: dict[str, Weighed | Measured] = {}
    for e in sorted((e for e in events if isinstance(e, Weighed | Measured)), key=lambda e: (e.on, e.id)):
        what, value = ("weight", e.weight_kg) if isinstance(e, Weighed) else (e.measure, e.value_cm)
        last = before.get(what)
        if last is not None and last.on != e.on and e.id in new:
            was = last.weight_kg if isinstance(last, Weighed) else last.value_cm
            if was == value:
                report.add(
                    "doubted",
                    e.id,
                    "value",
                    value,
                    f"the same {what} as on {last.on}, to the last digit",
                    "look whether it was measured again, or copied",
                )
        before[what] = e

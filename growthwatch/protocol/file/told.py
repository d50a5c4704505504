"""A protocol file in words: every threshold, floor, deed and owner, with what covers it, for people who sign it.

It is made from the file as data, so that what is not known here by name is told all the same, by its key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.places import Step, label_of
from growthwatch.core.words import days_words, list_words, long_date, role_words
from growthwatch.protocol.file.action import Owner
from growthwatch.protocol.file.dated import Given
from growthwatch.protocol.file.sources import PROVENANCE, VERSIONS, as_list, as_table
from growthwatch.protocol.file.values import as_date
from growthwatch.record import Role

__all__ = [
    "TAGS", "TITLES", "Part", "covered_words", "deed_words", "given_words", "is_deed", "key_words", "label_words",
    "parts", "side_words", "value_words", "within_words",
]  # fmt: skip

TAGS = {"N": "national source", "G": "guideline for a condition", "L": "local choice"}
"""What a tag says of a number."""

_LOUD = {
    "interrupt": "interrupt: said at once, and never put off",
    "daily": "daily: on the list of the day",
    "weekly": "weekly: on the list of the week",
}
_CLOSES = {
    "valid_weight": "a valid weight is recorded",
    "recovered": "a valid weight shows recovery",
    "answered": "it is answered in the record",
    "signed": "two valid weights in a row are inside the threshold and somebody signs",
}
_SAFER = {"lower": "a lower number", "higher": "a higher number", "neither": "neither way"}

_UNITS = {
    "days": "days",
    "months": "months",
    "minutes": "minutes",
    "percent": "%",
    "kg": "kg",
    "wd": "working days",
    "spaces": "centile spaces",
    "lines": "centile spaces from the median",
    "c": "°C",
    "z": "SD",
    "cm": "cm",
}
"""What the last word of a key says of its number."""

_KEYS = {
    "do": "what to do",
    "if_not": "if not",
    "met_by": "shown to be done by",
    "working": "counted in working days",
    "for": "for",
    "line": "below the line",
    "days": "after",
    "acknowledge_wd": "acknowledged within",
    "acknowledge_wd_t3": "in T3 acknowledged within",
    "acknowledge_urgent_days": "where it is urgent acknowledged within",
    "answer_wd": "answered within",
    "answer_urgent_days": "where it is urgent answered within",
    "decide_wd": "decided within",
    "z_below": "z below",
    "z_above": "z above",
    "z": "SD more",
    "percent": "per cent more",
    "also_closes": "it also closes when",
    "closes": "it closes when",
    "closes_words": "it closes when",
    "t1_days": "T1: days between weights",
    "t2_days": "T2: days between weights",
    "t3_days": "T3: days between weights",
    "t3_after_gains_days": "T3 after enough gains: days between weights",
    "ceiling_days": "no more often than every so many days, where there is concern",
    "high_need_gmfcs_from": "high need from GMFCS level",
    "naked_below_months": "weighed naked below the age of",
    "clothing_below": "clothing that makes a weight valid, below that age",
    "clothing_from": "clothing that makes a weight valid, from that age on",
    "scales": "scales that make a weight valid",
    "repeat_within_minutes": "a repeat stands in for a weight of so long before",
    "least_kg": "no weight of a child is less than",
    "most_kg": "no weight of a child is more than",
    "beyond_z": "suspected with a z beyond",
    "birth_beyond_z": "a birth weight is asked about with a z beyond, at its gestation",
    "jump_z": "suspected where it differs from the last by more than",
    "jump_within_days": "and that within",
    "factors": "suspected where it fits multiplied or divided by",
    "fits_within_z": "it fits within",
    "confirmed_within_z": "a second weight confirms it within",
    "confirmed_within_days": "and that within",
    "percent_within_days": "and that within",
    "z_within_days": "and that within",
    "below_percent": "both neighbours below it by",
    "neighbours_within_percent": "and within each other by",
    "further_below_z": "or, where one is further, both below it by",
    "best_from_age_days": "a best weight counts from the age of",
    "falling_within_days": "falling: held against the weights of the days before",
    "falling_least_days": "falling: where none of these is so old, the last before them counts too",
    "exit_least_days": "two weights that sign down are apart at least",
    "exit_least_days_t3": "and in T3 at least",
    "ill_within_days": "ill: an illness or sign within",
    "earliest_fraction": "may be weighed before the due day by so much of the floor",
    "grace_fraction": "grace is at most so much of the floor",
    "lapsed_after_floors": "a weight lapses after so many floors",
    "plan_stretch_at_most": "a signed plan may stretch a floor at most so many times",
    "plan_at_most_days": "and to at most",
    "plan_at_most_below_months": "that last limit holds below the age of",
    "plan_lasts_months": "a plan lasts at most",
    "born_before_days": "born before so many days of gestation",
    "lighter_than_kg": "lighter at birth than",
    "until_months": "until the age of",
    "silent_days": "a ward may be silent for",
    "weigh_within_days": "a weight is due after the stay within",
    "loss_at_least_percent": "a loss of at least",
    "loss_over_percent": "a loss of more than",
    "with_danger_sign_percent": "with a danger sign already from a loss of",
    "recovered_within_percent": "recovered within so much of the best",
    "falling_more_than_spaces": "falling by more than",
    "birth_below_lines": "born below",
    "birth_up_to_lines": "born up to",
    "from_age_days": "from the age of",
    "to_age_days": "to the age of",
    "before_age_days": "before the age of",
    "from_months": "from the age of",
    "below_months": "below the age of",
    "from_days": "from day",
    "by_days": "due by day",
    "overdue_from_days": "overdue from day",
    "lapsed_from_days": "lapsed from day",
    "by_months": "due by the age of",
    "preterm_from_gestation_days": "born early: from so many days of gestation and age",
    "term_birth_from_gestation_days": "a birth is read at 40 weeks from so many days of gestation",
    "ratio_at_least": "the weights fit slowing growth better by so many times",
    "high_need_ratio_at_least": "and for high need by so many times",
    "amber_days": "amber after",
    "red_days": "red after",
    "high_need_amber_days": "high need: amber after",
    "high_need_red_days": "high need: red after",
    "high_need_gain_percent": "high need: a gain counts from",
    "reweigh_days": "weighed again within",
    "urgent_below_months": "urgent below the age of",
    "urgent_below_days": "urgent below the age of",
    "tier": "raises to, or holds in",
    "stage": "step of the ladder",
}
"""Keys that read better otherwise than word for word."""

_HERE: Mapping[tuple[str, ...], str] = {
    ("floors", "bands", "days"): "days between weights",
    ("schedule", "after", "days"): "days between weights",
    ("tiers", "steady", "days"): "for at least",
    ("first_day", "weigh_within_days"): "a routine weight that was missed is set within",
    ("first_day", "sign_wd"): "what is no longer met is signed within",
    ("first_day", "read_wd"): "what is older is read within",
    ("first_day", "name_wd"): "a lead is named within",
    ("rules", "watch", "months"): "a watch plan holds at most",
}
"""Keys that say something of their own inside some tables: by the end of the way to them."""

TITLES: Mapping[str, str] = {
    "weights": "What makes a weight valid",
    "weights.suspected": "When a weight may be an entry error",
    "weights.suspected.rise": "When a weight may be too high",
    "weights.uncertain": "When uncertain weights show a fall",
    "weights.best_alone": "When a best weight stands alone",
    "weights.confirm": "What is asked first of a weight that is not sure",
    "terms": "Words that carry numbers",
    "tiers": "Tiers",
    "schedule": "How often a child is weighed",
    "plans": "Signed plans that name a reference",
    "numbers": "How a file that extends this one may differ",
}

_HEADER = frozenset(
    {"schema", "id", "version", "title", "status", "effective_from", "effective_until", "zone", "calendar"}
    | {"reference", "correction", "rules", *PROVENANCE}
)
_OF_A_RULE = frozenset({"id", "title", "levels", *PROVENANCE, *VERSIONS})
_OF_A_DEED = (
    "do", "owner", "within_days", "urgent_within_days", "not_before_days", "working", "if_not", "for", "from_months",
    "below_months", "met_by",
)  # fmt: skip
_ROLES = frozenset(Role) | frozenset(office for part in get_args(Owner) for office in get_args(part))


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the file, told.

    Attributes
    ----------
    depth
        How far inside others it stands: 1 for a chapter.
    title
        What it is about.
    rows
        What is said, and of what; empty where a row is a sentence by itself.
    covered
        Who says so, in words; empty where the table around it says that.
    """

    depth: int
    title: str
    rows: tuple[tuple[str, str], ...]
    covered: str


def number_words(value: float) -> str:
    """A number as people write it: 0.333... is ``1/3``."""
    part = Fraction(value).limit_denominator(12)
    if part.denominator in (3, 6, 7, 9, 11, 12) and abs(float(part) - value) < 1e-9:
        return f"{part.numerator}/{part.denominator}"
    return f"{value:g}" if abs(value) < 1e6 else str(value)


def key_words(key: str, around: Sequence[str] = ()) -> str:
    """A key in words, without its unit; `around` are the keys of the tables around it, the outermost first."""
    way = (*around, key)
    for length in range(len(way), 1, -1):
        if way[-length:] in _HERE:
            return _HERE[way[-length:]]
    if key in _KEYS:
        return _KEYS[key]
    words = key.split("_")
    if len(words) > 1 and words[-1] in _UNITS:
        words = words[:-1]
    return " ".join("GP" if word == "gp" else word for word in words)


def value_words(key: str, value: Any) -> str:
    """A value in words, with its unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if key == "line" or key.endswith("_lines"):
            return _line_words(value)
        words = key.split("_")
        inner = next((_UNITS[word] for word in ("wd", "days") if word in words), "")
        unit = _UNITS.get(words[-1]) or inner
        if 0 < abs(value) <= 1 and unit.endswith("s"):
            unit = unit.removesuffix("s")
        elif 0 < abs(value) < 1:
            unit = unit.replace("spaces", "space")
        return f"{number_words(value)} {unit}".rstrip()
    if isinstance(value, dt.date):
        return long_date(value)
    parts = as_list(value)
    if parts is not None:
        return list_words([value_words(key, part) for part in parts]) if parts else "none"
    table = as_table(value)
    if table is not None:
        return "; ".join(f"{key_words(k)}: {value_words(k, v)}" for k, v in table.items())
    words = str(value)
    if key == "loudness" or key.endswith("_loudness"):
        return _LOUD.get(words, words)
    if key in ("closes", "also_closes"):
        return _CLOSES.get(words, words)
    if key == "safer":
        return _SAFER.get(words, words)
    # "other" is a topic and a service, too.
    if words in _ROLES and (words != "other" or "role" in key):
        return role_words(words)
    # What is one word of a list is written with spaces; what somebody wrote stands as it is.
    return words.replace("_", " ") if words.islower() and " " not in words else words


def _line_words(spaces: float) -> str:
    """A distance from the median in centile spaces, with the name of the line that is there."""
    at = f"{number_words(abs(spaces))} centile space{'' if abs(spaces) == 1 else 's'}"
    place = f"{at} {'below' if spaces < 0 else 'above'} the median" if spaces else "the median"
    names = {round(line.z * 3 / 2): line.ordinal for line in UK_NINE.lines}
    name = names.get(int(spaces)) if spaces == int(spaces) else None
    return f"the {name} centile line ({place})" if name is not None else place


def covered_words(source: str, tag: str, review_by: object) -> str:
    """What covers a table, in one line."""
    until = f" Review by {long_date(as_date(review_by))}." if review_by is not None else ""
    return f"Source ({tag}, {TAGS.get(tag, tag)}): {source.rstrip('.')}.{until}"


def given_words(key: str, given: Sequence[Given], root: str) -> tuple[str, list[str]]:
    """A value that files on the way set, in words, and what covers each."""
    told = f"{value_words(key, given[0].was)} ({root})"
    cover: list[str] = []
    for g in given:
        dated = [f"{value_words(key, v)} from {long_date(d)}" for d, v in g.values if d is not None]
        if dated:
            told = f"{list_words(dated)}{side_words(g)}; until then {told}"
        else:
            way = side_words(g)  # said of the new value: after the old one it would be read of that
            told = f"{value_words(key, g.values[0][1])}{way}{',' if way else ''} in the place of {told}"
        why = f" WEAKER, because: {g.because.rstrip('.')}." if g.because else ""
        words = covered_words(g.source, g.tag, g.review_by)
        cover.append(f"{_capital(key_words(key))}, set by {g.file}.{why} {words}")
    return told, cover


def side_words(given: Given) -> str:
    """Which way a change goes: who signs need not know of each number which way is the safe one."""
    return "" if given.safer is None else ", which is safer" if given.safer else ", which is LESS SAFE"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


class _Teller:
    """Goes through a file once and tells it."""

    def __init__(self, given: Sequence[Given], root: str) -> None:
        self.root = root
        self.given: dict[tuple[Step, ...], list[Given]] = {}
        for g in given:
            self.given.setdefault(g.steps, []).append(g)

    def value(self, key: str, value: Any, steps: tuple[Step, ...]) -> tuple[str, list[str]]:
        """A value in words, and what covers it where a file on the way sets it."""
        given = self.given.get(steps)
        if given is None:
            return value_words(key, value), []
        return given_words(key, given, self.root)

    def table(
        self, table: Mapping[str, Any], title: str, steps: tuple[Step, ...], depth: int, without: frozenset[str]
    ) -> Iterator[Part]:
        """A table and what stands inside it."""
        rows: list[tuple[str, str]] = []
        inside: list[Iterator[Part]] = []
        cover = (
            [covered_words(str(table["source"]), str(table.get("tag", "")), table.get("review_by"))]
            if ("source" in table)
            else []
        )
        for key, value in table.items():
            here = (*steps, key)
            tables = [as_table(p) for p in as_list(value) or ()]
            if key in without or key in PROVENANCE:
                continue
            words = _capital(key_words(key, [str(step) for step in steps if isinstance(step, str)]))
            if tables and all(is_deed(t) for t in tables):
                for place, action in enumerate(tables):
                    told, more = self.deed(action or {}, (*here, place))
                    rows.append(("" if key == "actions" else words, told))
                    cover += more
            elif is_deed(as_table(value)):
                told, more = self.deed(as_table(value) or {}, here)
                told_as = TITLES.get(".".join(map(str, here)), words)
                inside.append(iter([Part(depth + 1, told_as, (("", told),), " ".join(dict.fromkeys(more)))]))
            elif as_table(value) is not None:
                told_as = TITLES.get(".".join(map(str, here)), words)
                inside.append(self.table(value, told_as, here, depth + 1, frozenset()))
            elif tables and all(t is not None for t in tables):
                inside.append(self.tables(key, as_list(value) or [], here, depth + 1))
            else:
                told, more = self.value(key, value, here)
                rows.append((words, told))
                cover += more
        yield Part(depth, title, tuple(rows), " ".join(dict.fromkeys(cover)))
        for each in inside:
            yield from each

    def tables(self, key: str, entries: Sequence[Any], steps: tuple[Step, ...], depth: int) -> Iterator[Part]:
        """A list of tables: each by its name."""
        for place, entry in enumerate(entries):
            table = as_table(entry) or {}
            label = table.get("name") or label_of(entries, place) or str(place + 1)
            title = f"{_capital(key_words(key))}: {label_words(str(label))}"
            yield from self.table(table, title, (*steps, place), depth, frozenset({"name"}))

    def deed(self, action: Mapping[str, Any], steps: tuple[Step, ...]) -> tuple[str, list[str]]:
        """One deed as a sentence: who does what by when, for whom, and what if not."""
        said: dict[str, str] = {}
        cover: list[str] = []
        for key, value in action.items():
            told, more = self.value(key, value, (*steps, key))
            said[key] = told
            cover += more
        working = bool(action.get("working"))
        set_here = {key for key in ("within_days", "urgent_within_days") if (*steps, key) in self.given}

        def by(key: str) -> str:
            if key in set_here:
                return f"within {said[key]}"
            return within_words(int(action[key]), working)

        text = f"{_capital(said.get('owner', ''))}: {said.get('do', '')}"
        text += f", {by('within_days')}" if "within_days" in action else ""
        text += f" (where it is urgent: {by('urgent_within_days')})" if "urgent_within_days" in action else ""
        text += f", not before {said['not_before_days']} have passed" if action.get("not_before_days") else ""
        group = {"ordinary": "for a child without high need", "high_need": "for a child of high need"}
        whom = [group[str(action["for"])]] if action.get("for") in group else []
        whom += [f"from {said['from_months']} of age"] if "from_months" in action else []
        whom += [f"below {said['below_months']} of age"] if "below_months" in action else []
        text += f"; {', '.join(whom)}" if whom else ""
        text += f". Shown to be done by: {said['met_by']}" if "met_by" in action else ""
        text += f". If not: {said['if_not']}" if "if_not" in action else ""
        more = [k for k in action if k not in _OF_A_DEED and k not in PROVENANCE]
        text += f". {'; '.join(f'{_capital(key_words(k))}: {said[k]}' for k in more)}" if more else ""
        if "source" in action:
            cover.insert(0, covered_words(action["source"], action.get("tag", ""), action.get("review_by")))
        return f"{text}.", cover

    def rule(self, rule: Mapping[str, Any], place: int) -> Iterator[Part]:
        """A rule: its numbers, then each level with its deeds."""
        steps: tuple[Step, ...] = ("rules", place)
        head = {k: v for k, v in rule.items() if k not in _OF_A_RULE}
        if "closes_words" in head:
            del head["closes"]
            head.pop("also_closes", None)
        around = {k: rule[k] for k in PROVENANCE if k in rule}
        yield from self.table({**head, **around}, f"{rule.get('id')} {rule.get('title')}", steps, 2, frozenset())
        for number, level in enumerate(as_list(rule.get("levels")) or ()):
            table = as_table(level) or {}
            title = f"{rule.get('id')}, level {number + 1}: {table.get('name')}"
            yield from self.table(table, title, (*steps, "levels", number), 3, frozenset({"name"}))


def is_deed(table: Mapping[str, Any] | None) -> bool:
    """Whether a table says who does what."""
    return table is not None and "do" in table and "owner" in table


def label_words(label: str) -> str:
    """What names a table among those beside it, in words: ``from_months=6`` is ``from the age of 6 months``."""
    if "=" not in label:
        return label
    pairs = [pair.partition("=") for pair in label.split(", ")]
    return ", ".join(f"{key_words(key)} {_said_words(key, said)}" for key, _, said in pairs)


def _said_words(key: str, said: str) -> str:
    try:
        number = float(said)
    except ValueError:
        words = said.split("/")
        return {"true": "yes", "false": "no"}.get(said) or value_words(key, words if len(words) > 1 else said)
    return said if key_words(key).endswith(" day") else value_words(key, number)


def deed_words(action: Mapping[str, Any]) -> str:
    """One deed as a sentence, as it stands in a file."""
    return _Teller((), "").deed(action, ())[0]


def within_words(days: int, working: bool) -> str:
    """By when a deed is to be done, in words."""
    if working:
        return f"within {days} working day{'' if days == 1 else 's'}"
    return "today" if days == 0 else f"within {days_words(days)}"


def parts(plain: Mapping[str, Any], given: Sequence[Given], root: str) -> Iterator[Part]:
    """A file in words, table by table: settings, then rules, then how others may differ.

    Parameters
    ----------
    plain
        The file as data, before any value that files on the way set.
    given
        What these set, that of the oldest parent first.
    root
        Name of the file at the root.
    """
    teller = _Teller(given, root)
    last = [key for key in plain if key == "numbers"]
    for key in [k for k in plain if k not in _HEADER and k not in last]:
        table = as_table(plain[key])
        if table is not None:
            yield from teller.table(table, TITLES.get(key, _capital(key_words(key))), (key,), 1, frozenset())
        elif as_list(plain[key]) is not None:
            yield from teller.tables(key, as_list(plain[key]) or [], (key,), 1)
        else:
            told, cover = teller.value(key, plain[key], (key,))
            yield Part(1, _capital(key_words(key)), (("", told),), " ".join(cover))
    yield Part(1, "Rules", (), "")
    for place, rule in enumerate(as_list(plain.get("rules")) or ()):
        yield from teller.rule(as_table(rule) or {}, place)
    for key in last:
        yield Part(1, TITLES[key], (), "")
        for place, entry in enumerate(as_list(plain[key]) or ()):
            mark = as_table(entry) or {}
            yield from teller.table(
                mark, _capital(str(mark.get("name", place + 1))), (key, place), 2, frozenset({"name"})
            )

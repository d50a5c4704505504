"""A first mapping of a table: it looks at names and data, and asks what they do not say."""

from __future__ import annotations

import os
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from growthwatch.caseload.cells import Unread, as_date, as_level
from growthwatch.caseload.heads import UNIT_IN_NAME, Found, find_table, means_of
from growthwatch.caseload.mapping import Field, Mapping
from growthwatch.caseload.words import by_word, folded, words
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record.words import Condition

__all__ = ["Proposed", "propose"]

_LOOKED_AT = 20_000
_SHOWN = 5
_DATES = ("birth_date", "weighed_on", "recorded_at")
_DIGITS = re.compile(r"(\d{1,4})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{1,4})(?:[T ].*)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_LEVEL = re.compile(r"(?:cp|cerebral palsy)\W*(?:gmfcs)?\W*(?:level)?\W*([1-5]|i{1,3}|iv|v)", re.I)


class Proposed(str):
    """The text of a first mapping; ``questions`` are those that somebody must answer in it."""

    questions: tuple[str, ...]

    def __new__(cls, text: str, questions: Sequence[str] = ()) -> Proposed:
        """Make it of its text and its questions."""
        made = super().__new__(cls, text)
        made.questions = tuple(questions)
        return made


def propose(path: str | os.PathLike[str], sheet: str | None = None) -> Proposed:
    """Write a first mapping of a table as TOML text, with questions as comments.

    Parameters
    ----------
    path
        The table file.
    sheet
        The sheet of a workbook that has several; None: the one whose columns have names that are known; where several
        have, the mapping asks.

    Returns
    -------
    Proposed
        The text.  Where nothing is left to ask, `Mapping.loads` reads it; what is asked stands behind ``#`` in the
        forms that it may take.

    Raises
    ------
    GrowthwatchError
        When the table cannot be read.
    """
    return _Writer(find_table(Path(path), sheet)).write()


class _Writer:
    def __init__(self, found: Found):
        self.found = found
        self.table = table = found.table
        self.questions: list[str] = []
        self.cells: list[Counter[str]] = [Counter() for _ in table.names]
        self.rows = 0
        for line in table.lines():
            if line.fault is not None:
                continue
            self.rows += 1
            for at, cell in enumerate(line.cells):
                if cell and len(self.cells[at]) < 5000:
                    self.cells[at][cell] += 1
            if self.rows >= _LOOKED_AT:
                break
        if not self.rows:
            raise GrowthwatchError.of("path", str(table.path), "at least one row below the names of the columns")
        self.missing = [""]
        self.orders: set[str] = set()

    def ask(self, question: str) -> list[str]:
        self.questions.append(question)
        return [f"# QUESTION {len(self.questions)}: {question}"]

    def write(self) -> Proposed:
        found, sheets = self._meanings(), self._sheets()
        fields: list[str] = []
        for at, means in found.items():
            fields += ["", "[[fields]]", f"name = {_quoted(self.table.names[at])}", f'means = "{means}"']
            fields += self._field(at, means)
        head = [
            f"# How {self.table.path.name} is read: a first mapping, made from its first {self.rows} rows.",
            "# Look through it and answer each QUESTION: take away the # of the line that is right, or write your own.",
            "# What stands here decides; nothing is guessed. All keys: docs/caseload.md.",
            "",
        ]
        head += sheets
        if self.found.top > 1:
            names = ", ".join(_quoted(n) for n in self.table.names if n)
            head.append(f"header_row = {self.found.top}  # the names of the columns stand there: {names}")
        if self.table.encoding not in (None, "utf-8"):
            head.append(f'encoding = "{self.table.encoding}"')
        if self.table.delimiter not in (None, ","):
            head.append(f"delimiter = {_quoted(self.table.delimiter or ',')}")
        head += [f"missingValues = [{', '.join(map(_quoted, self.missing))}]"]
        head += ["", "# Who weighed and wrote down, where no column says it.", 'role = "health_visitor"']
        if "clothing" not in found.values() or "scale" not in found.values():
            head += ["# Only if it is so of every weight in the table:"]
            head += ['# clothing = "naked"'] if "clothing" not in found.values() else []
            head += ['# scale = "class_iii"'] if "scale" not in found.values() else []
        lacking = [m for m in ("child_id", "birth_date", "sex", "weighed_on", "weight") if m not in found.values()]
        tail: list[str] = []
        if across := self._across(found):
            what = (
                f"{_few(across)}: several weighings in one row? Give each weighing a row of its own first, with the "
                "child's id in each: one column of days and one of weights."
            )
            tail += ["", *self.ask(what)]
        for means in lacking:
            names = ", ".join(_quoted(n) for i, n in enumerate(self.table.names) if n and i not in found)
            tail += [
                "",
                *self.ask(f"Which column is the {means.replace('_', ' ')}? Not recognised: {names or 'none'}."),
            ]
            tail += ["# [[fields]]", '# name = "..."', f'# means = "{means}"']
            tail += ['# unit = "kg"'] if means == "weight" else []
        left = [n for i, n in enumerate(self.table.names) if n and i not in found]
        if left:
            tail += ["", f"# Not read: {', '.join(map(_quoted, left))}."]
        said = (
            f"# {len(self.questions)} question{'s' if len(self.questions) != 1 else ''} to answer."
            if self.questions
            else "# No question is left: read it through, then use it."
        )
        return Proposed("\n".join([*head[:3], said, *head[3:], *fields, *tail]) + "\n", self.questions)

    def _sheets(self) -> list[str]:
        """Which sheet is read; where several hold such a table, somebody must say."""
        if self.table.sheet is None:
            return []
        if self.found.rivals:
            names = " or ".join(map(_quoted, self.found.rivals))
            what = f"Which sheet holds the table: {names}? What follows is that of {_quoted(self.table.sheet)}."
            return [*self.ask(what), *[f"# sheet = {_quoted(name)}" for name in self.found.rivals]]
        others = f"  # not read: {', '.join(map(_quoted, self.found.others))}" if self.found.others else ""
        return [f"sheet = {_quoted(self.table.sheet)}{others}"]

    def _meanings(self) -> dict[int, str]:
        """What each column means, by its name; the first that fits where several do."""
        out: dict[int, str] = {}
        for at, name in enumerate(self.table.names):
            means = means_of(name)
            if means is not None and means not in out.values():
                out[at] = means
        return out

    def _across(self, found: dict[int, str]) -> list[str]:
        """Columns that repeat a day or a weight under a number: a table with one row a child."""
        plain = {name: re.sub(r"[\s_.#-]*\(?\d+\)?$", "", name) for name in self.table.names if name}
        repeated = [n for n, bare in plain.items() if n != bare and means_of(bare) in ("weight", "weighed_on")]
        return repeated if len(repeated) > 2 - len({"weight", "weighed_on"} & set(found.values())) else []

    # --- one column -------------------------------------------------------------------------

    def _field(self, at: int, means: str) -> list[str]:
        if means in _DATES:
            return list(self._date(at))
        if means in ("weight", "birth_weight"):
            return list(self._weight(at))
        if means == "gestation":
            return list(self._gestation(at))
        if means == "sex":
            return list(self._words(at, by_word(words().sexes), 'male" or "female', "values"))
        if means == "condition":
            return list(self._conditions(at))
        if means in ("clothing", "scale"):
            known = by_word(words().clothing if means == "clothing" else words().scale)
            return list(self._words(at, known, " / ".join(sorted(set(known.values()))), "values"))
        if means == "worker":
            return ['# If these are the leads of the children: means = "lead". Else the list asks to name one.']
        if means == "gmfcs":
            wrong = [c for c in self.cells[at] if not _is_level(c)]
            return self.ask(f"Which levels are {_few(wrong)}? Levels are I to V, or 1 to 5.") if wrong else []
        return []

    def _present(self, at: int) -> list[str]:
        """The cells of a column that say something; words for nothing are kept as such."""
        nothing = set(map(folded, words().missing))
        out: list[str] = []
        for cell in self.cells[at]:
            if folded(cell) in nothing:
                if cell not in self.missing:
                    self.missing.append(cell)
            else:
                out.append(cell)
        return out

    def _date(self, at: int) -> Iterator[str]:
        cells = self._present(at)
        yield 'type = "date"'
        day = Field.model_validate({"name": "d", "means": "birth_date", "date_order": "day-month-year"})
        month = Field.model_validate({"name": "d", "means": "birth_date", "date_order": "month-day-year"})
        whole = Mapping.from_dict({"fields": [{"name": "d", "means": "child_id"}]})
        parts = [m.groups() for m in map(_DIGITS.fullmatch, cells) if m and len(m[1]) <= 2]
        if not parts:
            return
        # 2026-07-14 begins with its year: the figures at its end are the day.
        either = [c for c in cells if (m := _DIGITS.fullmatch(c)) and len(m[1]) <= 2]
        short = [c for c in either if (m := _DIGITS.fullmatch(c)) and len(m[3]) == 2]
        by_day = [c for c in cells if _reads(c, day, whole) and not _reads(c, month, whole)]
        by_month = [c for c in cells if _reads(c, month, whole) and not _reads(c, day, whole)]
        first = any(int(a) > 12 for a, _, _ in parts)
        second = any(int(b) > 12 for _, b, _ in parts)
        if short:
            yield from self.ask(f"Years of two figures, such as {_few(short)}: is the day or the month first?")
            yield '# format = "%d/%m/%y"'
            yield '# format = "%m/%d/%y"'
        elif first and not second:
            yield f'date_order = "day-month-year"  # such as {_few(by_day or either)}'
        elif second and not first:
            yield f'date_order = "month-day-year"  # such as {_few(by_month or either)}'
        elif first and second:
            yield from self.ask(
                f"Both orders seem to occur: {_few(by_day, 2)} and {_few(by_month, 2)}. Which is the rule?"
            )
            yield '# date_order = "day-month-year"'
            yield '# date_order = "month-day-year"'
        else:
            yield from self.ask(f"Day first or month first? All dates can be read both ways, such as {either[0]}.")
            yield '# date_order = "day-month-year"'
            yield '# date_order = "month-day-year"'

    def _weight(self, at: int) -> Iterator[str]:
        name = folded(self.table.names[at]).replace("_", " ")
        cells = self._present(at)
        in_name = UNIT_IN_NAME.search(name)
        said = None if in_name is None else re.sub(r"[^a-z]", "", in_name[1].lower().replace("and", ""))
        unit = {"kg": "kg", "kgs": "kg", "kilo": "kg", "kilos": "kg", "g": "g", "gram": "g", "grams": "g", "lb": "lb",
                "lbs": "lb", "oz": "oz", "lboz": "lb + oz"}.get(said or "")  # fmt: skip
        numbers = [c for c in cells if _NUMBER.fullmatch(c)]
        pounds = [c for c in cells if re.search(r"lb|oz|pound", c, re.I)]
        with_unit = [c for c in cells if re.search(r"\d\s*(?:kg|g|gm|grams?)\.?$", c, re.I)]
        other = [c for c in cells if c not in numbers and c not in pounds and c not in with_unit]
        commas = [c for c in numbers if "," in c]
        points = [c for c in numbers if "." in c]
        mark = "," if len(commas) > len(points) else "."
        yield 'type = "number"' if not pounds else 'type = "string"'
        if mark == ",":
            yield f'decimalChar = ","  # {len(commas)} such as {_few(commas)}'
        odd = points if mark == "," else commas
        if odd:
            yield f"# {len(odd)} with another decimal mark will be refused: {_few(odd)}"
        values = sorted(float(c.replace(",", ".")) for c in numbers)
        grams = [v for v in values if v > words().most_kg]
        smaller = [v for v in values if v <= words().most_kg]
        span = f"{values[0]:g} to {values[-1]:g}" if values else "no plain numbers"
        if unit is not None:
            yield f'unit = "{unit}"'
        elif pounds and not numbers and not with_unit:
            yield f'unit = "lb + oz"  # such as {_few(pounds)}'
        else:
            looks = "g" if grams and not smaller else "kg"
            yield from self.ask(f"In which unit are these weights? Nothing says it; there are {span}.")
            yield f'# unit = "{looks}"'
            yield f'# unit = "{"kg" if looks == "g" else "g"}"'
            yield '# unit = "lb + oz"'
        if with_unit or (pounds and (numbers or with_unit)):
            yield f"# Some cells say their unit, such as {_few([*with_unit, *pounds])}: list all units that may occur,"
            yield '# that of bare numbers first: unit = ["kg", "g", "lb + oz"]'
        if unit != "g" and grams and smaller:
            yield from self.ask(f"{len(grams)} of {len(values)} numbers are {grams[0]:g} or more: are those grams?")
            yield "# grams_from = 500  # yes: numbers from 500 on are grams, those below kg; if not, they are refused"
        if other:
            yield from self.ask(
                f"{_few(other)} is no weight: if it means that nobody weighed, add it to missingValues; "
                "else it is refused."
            )

    def _gestation(self, at: int) -> Iterator[str]:
        cells = self._present(at)
        plus = [c for c in cells if "+" in c]
        days = [c for c in cells if re.fullmatch(r"\d{3}", c)]
        weeks = [c for c in cells if re.fullmatch(r"\d{2}", c)]
        other = [c for c in cells if c not in plus and c not in days and c not in weeks]
        if plus and not days:
            both = f'format = "weeks"  # weeks + days, such as {_few(plus, 1)}, and weeks alone: {_few(weeks, 2)}'
            yield both if weeks else 'format = "weeks+days"'
        elif days and not plus and not weeks:
            yield 'format = "days"'
        elif weeks and not plus and not days:
            yield 'format = "weeks"'
        else:
            yield from self.ask(
                f"How is the gestation written? There are {_few(cells)}." if cells else "How is it written?"
            )
            yield '# format = "weeks+days"'
            yield '# format = "weeks"'
            yield '# format = "days"'
        if other:
            yield from self.ask(f"What is the gestation of {_few(other)}?")
            yield "# values = { " + ", ".join(f'{_quoted(c)} = "40+0"' for c in other[:_SHOWN]) + " }"

    def _words(self, at: int, known: dict[str, str], choices: str, key: str) -> Iterator[str]:
        cells = self._present(at)
        clear = {c: known[folded(c)] for c in cells if folded(c) in known}
        if clear:
            yield f"{key} = {{ " + ", ".join(f'{_quoted(c)} = "{m}"' for c, m in sorted(clear.items())) + " }"
        unknown = sorted(c for c in cells if c not in clear)
        if unknown:
            yield from self.ask(f"What is meant by {_few(unknown)}? Say it in values: {choices}.")

    def _conditions(self, at: int) -> Iterator[str]:
        cells = self._present(at)
        known = by_word(words().conditions)
        separator = None
        for mark in (";", "/", "+", ","):
            split = [p.strip() for c in cells if mark in c for p in c.split(mark)]
            if split and any(_condition(p, known) for p in split):
                separator = mark
                break
        parts = sorted({p.strip() for c in cells for p in (c.split(separator) if separator else [c]) if p.strip()})
        if separator is not None:
            yield f"separator = {_quoted(separator)}"
        clear = {p: found for p in parts if (found := _condition(p, known)) is not None}
        unknown = [p for p in parts if p not in clear]
        asked: list[str] = []
        if unknown:
            asked += self.ask(
                f"Which conditions are {_few(unknown, 12)}? Add them below, or say what any other word is."
            )
            allowed = ", ".join((*get_args(Condition), "none"))
            asked += [f"# {line}" for line in textwrap.wrap(f"Words that may stand here: {allowed}.", 110)]
            asked += ['# default = "other"  # kept in words; "none" for no condition']
        yield from asked
        if clear or unknown:
            yield "[fields.values]"
            for word, (name, level) in clear.items():
                told = f'{{ condition = "{name}", gmfcs = {level} }}' if level else f'"{name}"'
                yield f"{_quoted(word)} = {told}"
            for word in unknown[:12]:
                yield f'# {_quoted(word)} = "..."'


def _condition(word: str, known: dict[str, str]) -> tuple[str, int | None] | None:
    level = _LEVEL.fullmatch(word.strip())
    if level is not None:
        return "cerebral_palsy", as_level(level[1])
    name = known.get(folded(word))
    return None if name is None else (name, None)


def _reads(cell: str, field: Field, mapping: Mapping) -> bool:
    try:
        as_date(cell, field, mapping)
    except Unread:
        return False
    return True


def _is_level(cell: str) -> bool:
    try:
        as_level(cell)
    except Unread:
        return False
    return True


def _few(cells: Sequence[str], n: int = _SHOWN) -> str:
    shown = ", ".join(_quoted(c) for c in cells[:n])
    return shown + (f" and {len(cells) - n} more" if len(cells) > n else "")


def _quoted(text: str) -> str:
    """Text as TOML writes it."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in out) + '"'

"""What is done with a table of whole children: one function, table in, table out, whatever engine calls it.

Nothing here knows of files, processes or engines.  A `Work` can be sent to another process; its answer depends on the
children in the table alone, never on which others stand beside them or in what order.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from growthwatch.anysize.tables import CHILD, Ids, ages, arranged, births_torn, numbers, pa, pc, sexes
from growthwatch.caseload import Caseload
from growthwatch.caseload.mapping import OWN_NAMES, own_mapping
from growthwatch.caseload.row import Row
from growthwatch.caseload.rows import read_rows
from growthwatch.caseload.sources import TableSource
from growthwatch.caseload.tables import open_frame
from growthwatch.core.calendar import as_day, as_instant, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import ReadSex
from growthwatch.core.status import Status, status_words
from growthwatch.growth import score as score_frame
from growthwatch.growth.detector import reference_error
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.series import chosen_reference, weight_series
from growthwatch.protocol import Protocol
from growthwatch.protocol import protocol as packaged
from growthwatch.references import Reference

__all__ = ["Work", "evidence", "review", "score"]


class Work(ABC):
    """Something that is done for each child of a table, however large the table is."""

    def whole(self, table: Any) -> Any:
        """Do it for a table of whole children.

        Parameters
        ----------
        table
            An Arrow table, or a data frame of pandas or polars: all rows of each child that is in it, in any order.

        Returns
        -------
        pyarrow.Table
            In the order of `arranged`.

        Raises
        ------
        GrowthwatchError
            For a column that is missing or of a wrong type.  A row that cannot be used never raises: it has a status.
        """
        return self.done(arranged(table))

    def schema(self, given: Any) -> Any:
        """Names and types of what comes out for a table of these names and types: they never depend on the rows."""
        return self.whole(given.empty_table()).schema

    @abstractmethod
    def done(self, table: Any) -> Any:
        """`whole`, of a table that is arranged."""


def score(reference: str | Reference = "uk-who") -> Work:
    """z, centile and status of every weight: the columns that `growthwatch.score` appends.

    Parameters
    ----------
    reference
        Id of a packaged reference, or a `Reference`.
    """
    return _Scores(chosen_reference("reference", reference))


def evidence(reference: str | Reference = "uk-who") -> Work:
    """Running evidence of slowing after every weight: `growthwatch.evidence`, with both channels and a status.

    Parameters
    ----------
    reference
        Id of a packaged reference, or a `Reference`.
    """
    return _Evidences(chosen_reference("reference", reference))


def review(
    *, as_of: dt.date | dt.datetime, starts_on: dt.date | None = None, protocol: str | Protocol = "uk-hv"
) -> Work:
    """What is open of every child on a day, in one row a child.

    Parameters
    ----------
    as_of
        The moment asked about; a date means its end.
    starts_on
        The day on which the protocol comes into force; None: the day asked about.
    protocol
        Who judges: its id, or a `Protocol`.

    Notes
    -----
    Each child is judged by itself.  A start plan spreads what was missed over the days of a team, and so depends on
    its other children: make it with `growthwatch.caseload`, team by team.
    """
    used = packaged(protocol) if isinstance(protocol, str) else protocol
    if not isinstance(used, Protocol):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("protocol", protocol, "an id, such as 'uk-hv', or a Protocol")
    moment = as_instant(as_of, used.zone, "as_of")
    on = local_day(moment, used.zone)
    first = on if starts_on is None else as_day(starts_on, "starts_on")
    if first > on:
        raise GrowthwatchError.of("starts_on", starts_on, f"a day not after the day of the list, {on}")
    return _Reviews(used, as_of, first)


def _need(table: Any, names: tuple[str, ...]) -> None:
    lacking = [n for n in names if n not in table.column_names]
    if lacking:
        raise GrowthwatchError.of("table", table.column_names, f"a column {lacking[0]!r}")


def _append(table: Any, columns: dict[str, Any]) -> Any:
    taken = [n for n in columns if n in table.column_names]
    if taken:
        raise GrowthwatchError.of("table", taken[0], "no column of this name: nothing is overwritten")
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _figures(values: Any) -> Any:
    """Numbers; none where they are NaN."""
    return pa.array(np.asarray(values, np.float64), from_pandas=True)


@dataclass(frozen=True)
class _Scores(Work):
    reference: Reference

    def done(self, table: Any) -> Any:
        _need(table, ("weight_kg", "sex"))
        made = ages(table)
        columns: dict[str, Any] = {
            "weight_kg": numbers(table, "weight_kg"),
            "age_days": made,
            "sex": table.column("sex"),
        }
        given: dict[str, Any] = {}
        for name in ("gestation_days", "birth_weight_kg"):
            if name in table.column_names:
                columns[name], given[name] = numbers(table, name), name
        found = score_frame(pa.table(columns), self.reference, **given)
        out = {n: _text_or_number(found.column(n)) for n in found.column_names if n not in columns}
        return _append(table, out)


def _text_or_number(column: Any) -> Any:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


@dataclass(frozen=True)
class _Evidences(Work):
    reference: Reference

    def done(self, table: Any) -> Any:
        _need(table, ("weight_kg", "sex"))
        n = table.num_rows
        ids = Ids(table.column(CHILD))
        status = np.full(n, Status.MISSING_CHILD, np.uint8)
        torn = births_torn(table, ids.codes)
        status[torn] = Status.CONFLICTING_BIRTH_DATE
        rows = np.flatnonzero((ids.codes >= 0) & ~torn)
        figures = {name: np.full(n, np.nan) for name in ("ratio", "slow", "acute", "fit")}
        gestation = numbers(table, "gestation_days")[rows] if "gestation_days" in table.column_names else None
        series = weight_series(
            self.reference,
            numbers(table, "weight_kg")[rows],
            ages(table)[rows],
            ReadSex(sexes(table).codes[rows]),
            gestation,
            ids.codes[rows],
            plausible=True,
        )
        found = running_evidence(series, reference_error(self.reference))
        status[rows] = found.status_code
        for name, column in figures.items():
            column[rows] = getattr(found, name)
        text = pa.string()
        return _append(
            table,
            {
                "evidence": _figures(figures["ratio"]),
                "evidence_slow": _figures(figures["slow"]),
                "evidence_acute": _figures(figures["acute"]),
                "evidence_fit": _figures(figures["fit"]),
                "evidence_status": pa.array(status_words(status).tolist(), text),
                "evidence_reference": pa.repeat(pa.scalar(found.reference.id, text), n),
                "evidence_reference_hash": pa.repeat(pa.scalar(found.reference.hash, text), n),
                "detector_hash": pa.repeat(pa.scalar(found.detector_hash, text), n),
                "model_hash": pa.repeat(pa.scalar(found.model_hash, text), n),
            },
        )


class _Alone(TableSource):
    """Children of a table, each of whom is judged by itself: no start plan, and no number of a row of the table."""

    imported = False

    def said_of(self, place: int) -> tuple[str, ...]:
        """Whether the table has no weight that could be read."""
        none = self.held.offsets[place] == self.held.offsets[place + 1]
        return ("No weight could be read.",) if none else ()


@dataclass(frozen=True)
class _Reviews(Work):
    protocol: Protocol
    as_of: dt.date | dt.datetime
    starts_on: dt.date

    def done(self, table: Any) -> Any:
        _need(table, ("weight_kg", "weighed_on", "birth_date", "sex"))
        ids = Ids(table.column(CHILD))
        counts = np.bincount(ids.codes[ids.codes >= 0], minlength=len(ids.words))
        rows: list[dict[str, Any]] = []
        used = table.filter(pa.array(ids.codes >= 0))
        if used.num_rows:
            used = used.select([n for n in used.column_names if n in OWN_NAMES])
            mapping, opened = own_mapping(used.column_names), open_frame(used)
            assert mapping is not None and opened is not None
            held = read_rows(opened, mapping, zone=self.protocol.zone, whole=False)
            reviewed = Caseload(_Alone(held), "table").review(
                as_of=self.as_of, protocol=self.protocol, starts_on=self.starts_on
            )
            refused, doubted = _reasons(held.faults, "refused"), _reasons(held.faults, "doubted")
            place = {w: int(counts[i]) for i, w in enumerate(ids.words)}
            for state in reviewed.states:
                id = state.card.child_id
                found = refused.get(id, {})
                rows.append(
                    _summary(Row(state, reviewed.on))
                    | {
                        "rows": place[id],
                        "refused": sum(map(len, found.values())),
                        "refused_why": "; ".join(sorted(found)) or None,
                        "doubted": sum(map(len, doubted.get(id, {}).values())),
                    }
                )
        given = table.column(CHILD)
        for at in np.flatnonzero(ids.codes < 0).tolist():
            nobody = {"status": "missing_child", "rows": 1, "refused": 1, "doubted": 0}
            why = "no child's id, or one that cannot be read"
            rows.append({"child_id": given[at].as_py(), "refused_why": why} | nobody)
        mine = {"protocol": f"{self.protocol.id} {self.protocol.version}", "protocol_hash": self.protocol.hash}
        made = pa.Table.from_pylist([r | mine for r in rows], schema=_summary_schema())
        return made.take(pc.sort_indices(made, sort_keys=[(CHILD, "ascending")])).combine_chunks()


def _reasons(faults: Any, kind: str) -> dict[str, dict[str, set[int]]]:
    """For each child why rows were refused or doubted, and which: reasons hold no number of a row."""
    out: dict[str, dict[str, set[int]]] = {}
    for f in faults:
        if f.kind == kind and f.row and f.child_id is not None:
            out.setdefault(f.child_id, {}).setdefault(f.reason, set()).add(f.row)
    return out


def _summary(row: Row) -> dict[str, Any]:
    """A child of a list as one row."""
    state, first = row.state, row.lines[0] if row.lines else None
    return {
        "child_id": row.child_id,
        "status": "no_birth_date" if state.unreadable else "reviewed",
        "section": row.section,
        "tier": state.tier,
        "deeds": len(row.deeds),
        "do_first": None if first is None else first.do,
        "who": None if first is None else first.who,
        "deadline": row.deeds[0].deadline if row.deeds else None,
        "when": None if first is None else first.when,
        "rules": ", ".join(sorted({r for d in row.deeds for r in d.rules})) or None,
        "why": row.why or None,
        "next_weight": state.due.due,
        "weight_state": state.due.on(row.on).state,
        "conditions": "; ".join(state.card.conditions) or None,
        "worker": state.card.worker,
        "team": state.card.team,
    }


def _summary_schema() -> Any:
    text, day, count = pa.string(), pa.date32(), pa.int64()
    return pa.schema(
        [
            ("child_id", text), ("status", text), ("section", text), ("tier", text), ("deeds", count),
            ("do_first", text), ("who", text), ("deadline", day), ("when", text), ("rules", text), ("why", text),
            ("next_weight", day), ("weight_state", text), ("conditions", text), ("worker", text), ("team", text),
            ("rows", count), ("refused", count), ("refused_why", text), ("doubted", count),
            ("protocol", text), ("protocol_hash", text),
        ]
    )  # fmt: skip

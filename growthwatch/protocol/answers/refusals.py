"""Decisions that were not accepted, and those that an override carried out all the same: in words, and as data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.words import count_words, long_date, name_words, role_words
from growthwatch.protocol.answers.plain import date_of, day_of
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.state import Refusal
from growthwatch.protocol.kinds.overridden import ReadOverride
from growthwatch.record import Event, Overridden

__all__ = ["OverrideLine", "RefusedDecision", "decision_words", "helps_words", "overrides", "refusal_words", "refused"]

_MOST = 5

_KEY = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
"""A key of an event: a person reads it as words."""


@dataclass(frozen=True, slots=True)
class RefusedDecision:
    """A decision of the record that has no effect.

    It reads as a pair, too: its id, and why.

    Attributes
    ----------
    event
        Its id.
    reasons
        Every reason that speaks against it.
    helps
        What would make it acceptable.
    """

    event: str
    reasons: tuple[str, ...]
    helps: tuple[str, ...]

    def __iter__(self) -> Iterator[str]:
        return iter((self.event, self.why))

    @property
    def why(self) -> str:
        """Every reason, in words."""
        return "; ".join(self.reasons)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"event": self.event, "reasons": list(self.reasons), "helps": list(self.helps)}


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """An override that was accepted: which decision it carries out, until when, and who answers for it.

    Attributes
    ----------
    event
        Id of the override.
    refused
        Id of the decision that was refused.
    decision
        What was decided, in words.
    by
        Who signed the override.
    role
        In which role.
    on
        The day from which it takes effect.
    until
        The last day on which it does: from the next on it is as if it had never been.
    because
        Why it is carried out all the same.
    risk_now
        What is at risk.
    safeguards
        What guards against it.
    training_on
        The day on which who signed was last trained; None: not said.
    read_on
        The day on which it was read by somebody else who must; None: not yet.
    """

    event: str
    refused: str
    decision: str
    by: str
    role: str
    on: dt.date
    until: dt.date
    because: str
    risk_now: str
    safeguards: str
    training_on: dt.date | None
    read_on: dt.date | None

    def explain(self, on: dt.date) -> str:
        """Say what was carried out, by whom, until when, and what guards the child."""
        stands = f"{'until' if on <= self.until else 'lapsed at the end of'} {long_date(self.until)}"
        trained = "not said" if self.training_on is None else f"on {long_date(self.training_on)}"
        read = "not read yet" if self.read_on is None else f"read on {long_date(self.read_on)}"
        return (
            f"{self.decision}: {name_words(self.by)}, {role_words(self.role)}, on {long_date(self.on)}, {stands}. "
            f"Because: {name_words(self.because)}. Risk now: {name_words(self.risk_now)}. "
            f"Safeguards: {name_words(self.safeguards)}. Last trained: {trained}; {read}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        out: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            out[name] = value.isoformat() if isinstance(value, dt.date) else value
        return out


def refused(found: Sequence[Refusal]) -> tuple[RefusedDecision, ...]:
    """Decisions that were not accepted, as people see them."""
    return tuple(RefusedDecision(r.event, r.reasons, r.helps) for r in found)


def overrides(fold: Fold) -> tuple[OverrideLine, ...]:
    """Overrides that were accepted, in order, those that have lapsed too."""
    state = fold.state
    if not state.overrides:
        return ()
    known = {e.id: e for _, e in fold.known.effective()}
    every = [f for f in (*state.open.values(), *state.closed) if isinstance(f.rule, ReadOverride)]
    out: list[OverrideLine] = []
    for o in state.overrides:
        made, about = known.get(o.event), known.get(o.refused)
        if isinstance(made, Overridden) and about is not None:
            read = next((f.closed_on for f in every if f.subject == o.event), None)
            out.append(
                OverrideLine(
                    o.event, o.refused, decision_words(about), made.actor, str(made.role), date_of(o.day),
                    date_of(o.until), made.because, made.risk_now, made.safeguards, made.training_on, day_of(read),
                )
            )  # fmt: skip
    return tuple(out)


def decision_words(e: Event) -> str:
    """What was decided of what, when and by whom: ``Close finding G3@start of 6 August 2024 by named nurse``."""
    name = str(getattr(e, "decision", e.type)).replace("_", " ")
    target = getattr(e, "target", None)
    about = "" if target is None else f" {name_words(target)}"
    return f"{name[:1].upper()}{name[1:]}{about} of {long_date(e.on)} by {role_words(e.role)}"


def helps_words(helps: Sequence[str]) -> str:
    """Say what would make a decision acceptable, after a space; nothing where nothing would."""
    said = [_KEY.sub(lambda key: key[0].replace("_", " "), one) for one in helps]
    return f" What would make it acceptable: {'; '.join(said)}." if helps else ""


def refusal_words(refused: Sequence[RefusedDecision], verb: str) -> list[str]:
    """Say which decisions were (or are) not accepted, and why; of many only the last, and a count of the others.

    Parameters
    ----------
    refused
        Each of them, oldest first.
    verb
        ``was`` or ``is``.
    """
    said = [f"Decision {r.event} {verb} not accepted: {r.why}.{helps_words(r.helps)}" for r in refused[-_MOST:]]
    more = len(refused) - _MOST
    if more > 0:
        plural = verb if more == 1 else {"was": "were", "is": "are"}[verb]
        said.append(f"{count_words(more, 'decision')} before these {plural} not accepted either.")
    return said

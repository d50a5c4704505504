"""Who has signed which file: a signature names a protocol by its content hash, so that it signs nothing else.

It says who answers for a file.  It is no proof of identity: whoever can write a file can write a name into it, and a
trust keeps signatures where it keeps other signed papers.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import BaseModel, Field, ValidationError

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import is_file
from growthwatch.core.plain import is_plain
from growthwatch.core.words import long_date, role_words
from growthwatch.core.wrong import Wrong
from growthwatch.protocol.file.values import Date, Text
from growthwatch.record import Role
from growthwatch.references.metadata import explain_validation, read_toml

__all__ = ["Signature"]


class _Signed(BaseModel, extra="forbid", frozen=True):
    """The protocol that is signed."""

    id: Text
    version: Text
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Signature(BaseModel, extra="forbid", frozen=True):
    """Who has signed a protocol, and when.

    Attributes
    ----------
    protocol
        Id, version and content hash of the file that is signed, parents included.
    by, role
        Name and role of the person who signs.
    on
        Day of signing.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    protocol: _Signed
    by: Text
    role: Role
    on: Date

    @classmethod
    def of(cls, id: str, version: str, hash: str, *, by: str, role: str, on: dt.date) -> Signature:
        """Sign a protocol, by its id, version and hash.

        Raises
        ------
        GrowthwatchError
            For a name that is blank or no text, or an unknown role.
        """
        given = cast("object", by)
        if not isinstance(given, str) or not given.strip() or not is_plain(given) or "\n" in given:
            raise GrowthwatchError.of("by", by, "the name of the person who signs, in one line")
        named = {"id": id, "version": version, "hash": hash}
        try:
            return cls.model_validate({"protocol": named, "by": by.strip(), "role": role, "on": on})
        except ValidationError as e:
            raise explain_validation(e, "signature") from None

    @classmethod
    def load(cls, path: str | Path) -> Signature:
        """Read a signature from a TOML file.

        Raises
        ------
        GrowthwatchError
            Naming the file, the key and the reason.
        """
        given = cast("object", path)
        if not isinstance(given, str | Path) or not is_file(Path(path)):
            raise GrowthwatchError.of("signature", str(path), "an existing TOML file that protocol sign wrote")
        plain = read_toml(Path(path))
        wrong = Wrong(str(path))
        if plain.get("schema") != 1:
            wrong.add(f"{path}: schema", plain.get("schema"), "1: a file that protocol sign wrote")
        made: Signature | None = None
        with wrong.here():
            try:
                made = cls.model_validate({**plain, "schema": 1})
            except ValidationError as e:
                raise explain_validation(e, str(path)) from None
        wrong.raise_all()
        return cast("Signature", made)

    def signs(self, id: str, version: str, hash: str) -> bool:
        """Whether it is of a file: of its name, its version and its very content."""
        return (self.protocol.id, self.protocol.version, self.protocol.hash) == (id, version, hash)

    def to_toml(self) -> str:
        """The signature as a TOML file."""

        def text(value: str) -> str:
            return json.dumps(value, ensure_ascii=False)

        return (
            "# Signature of a growthwatch protocol.  It counts for the file with this content hash, and for no other.\n"
            "schema = 1\n"
            f"by = {text(self.by)}\n"
            f"role = {text(self.role)}\n"
            f"on = {self.on.isoformat()}\n"
            "\n[protocol]\n"
            f"id = {text(self.protocol.id)}\n"
            f"version = {text(self.protocol.version)}\n"
            f"hash = {text(self.protocol.hash)}\n"
        )

    def to_dict(self) -> dict[str, str]:
        """Who signed, and when, as plain data."""
        return {"by": self.by, "role": self.role, "on": self.on.isoformat()}

    def __str__(self) -> str:
        return f"signed by {' '.join(self.by.split())}, {role_words(self.role)}, on {long_date(self.on)}"

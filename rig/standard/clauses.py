"""Clauses of the standard: what each asks for, in our own words, of which ports, and what closes it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from rig.files.device import PortRole
from rig.files.document import Entry, Finding, load, resolve
from rig.files.explain import choices
from rig.files.limits_checks import MEASURANDS
from rig.files.quantity import Watts

Section = Literal[
    "Power demands", "Safety", "Metering", "Easy to use", "Reliability", "Non-intelligent loads and/or sources",
    "Backwards compatibility", "Standalone operation", "Hacker protection", "Scalability",
]  # fmt: skip
"""Headings of the standard's requirement text."""


class Clause(Entry):
    """One clause, under a `section` of the standard; informative where it is not mandatory.

    It applies to devices with a port of one of `roles`, with at least `ports` of them, and with what it is about, if it
    `has` something: mains that they live on, an AC output, the declared delay of a battery's protection, or the ground
    of a data connector. `power`: it is about ports that are rated for as much, since smaller ones may deliver it
    together. `evidence` lists the measurands that must all be judged before an electrical clause counts as tested;
    `fed`: it is about what comes in from outside, where the device "takes" something or even "lives" on it, and not
    about one that has its own; `takes` says what a bench needs where no plan has a case of it yet.
    """

    section: Section
    heading: str
    text: str
    mandatory: bool
    closed_by: Literal["electrical", "communication", "inspection"] = "electrical"
    roles: Annotated[tuple[PortRole, ...], Field(strict=False, min_length=1)] = ("source", "sink", "bidirectional")
    ports: Annotated[int, Field(ge=1)] = 1
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    fed: Literal["takes", "lives"] | None = None
    has: Literal["mains", "ac_output", "short_delay", "signal_ground"] | None = None
    power: Annotated[Watts, Field(gt=0)] | None = None
    takes: str = ""

    @model_validator(mode="after")
    def _evident(self) -> Self:
        if self.closed_by == "electrical" and not self.evidence:
            raise ValueError("a clause that is closed_by electrical needs evidence")
        if self.closed_by == "inspection" and self.evidence:
            raise ValueError("a clause that is closed_by inspection has no evidence, which is what measurements are")
        return self


class Clauses(Entry):
    """A clauses file."""

    version: Literal[1] = Field(alias="schema")
    name: str
    revision: str
    clauses: dict[str, Clause]

    def find(self, clause: str) -> Clause:
        """The clause with this id. Raises LookupError, listing the known ids."""
        if clause not in self.clauses:
            raise LookupError(f"clauses {self.name} have no {clause!r} ({choices(clause, list(self.clauses))})")
        return self.clauses[clause]

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """(path, sentence) for each piece of evidence that is no measurand."""
        clauses = data.get("clauses")
        for name, clause in clauses.items() if isinstance(clauses, Mapping) else ():
            evidence = clause.get("evidence") if isinstance(clause, Mapping) else None
            for index, measurand in enumerate(evidence if isinstance(evidence, list) else ()):
                if isinstance(measurand, str) and measurand not in MEASURANDS:
                    known = choices(measurand, list(MEASURANDS))
                    yield ("clauses", name, "evidence", index), f"unknown measurand {measurand!r} ({known})"


def read_clauses(place: Path | Traversable) -> Clauses:
    """The clauses of a file; read once while it stays as it is, for it is long. Raises BadFile."""
    try:
        now = Path(str(place)).stat()
    except OSError:
        return load(place, Clauses)
    return _read(str(place), now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=4)
def _read(place: str, _changed_ns: int, _size: int) -> Clauses:
    return load(place, Clauses)


def load_clauses(name_or_file: str = "draft") -> Clauses:
    """The clauses NAME of the package `testplans`, or of a FILE. Raises BadFile."""
    return read_clauses(resolve("clauses", name_or_file))

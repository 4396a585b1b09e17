"""Clauses of the standard: what each asks for, in our own words, and which measurements close it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from rig.files.document import Entry, Finding, load, resolve
from rig.files.explain import choices
from rig.files.limits_checks import MEASURANDS


class Clause(Entry):
    """One clause. `evidence` lists the measurands that must all be judged before it counts as covered."""

    heading: str
    text: str
    mandatory: bool
    evidence: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


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


def load_clauses(name_or_file: str = "draft") -> Clauses:
    """The clauses NAME of the package `testplans`, or of a FILE. Raises BadFile."""
    return load(resolve("clauses", name_or_file), Clauses)

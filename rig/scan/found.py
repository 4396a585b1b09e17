"""What a scan says of one address."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from instruments.catalogue import FAMILIES, family_of
from rig.scan.plain import plain

if TYPE_CHECKING:
    from instruments.records import Identity

__all__ = ["Found", "State"]

State = Literal["known", "unknown", "silent", "held", "closed", "unreachable", "not asked"]


@dataclass(frozen=True, slots=True)
class Found:
    """`address` is what a bench file would say; `said` what answered or why nothing did, harmless to print."""

    address: str
    state: State
    said: str
    host: str = ""
    port: int | None = None
    identity: Identity | None = None
    driver: str | None = None
    stream_port: int | None = None
    note: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """What it could be on a bench."""
        return FAMILIES[self.driver].roles if self.driver is not None else ()

    def as_json(self) -> dict[str, object]:
        """Plain data for `--json`."""
        return {**asdict(self), "roles": self.roles}


def named(
    address: str, identity: Identity | None, raw: str, *, host: str = "", port: int | None = None, note: str = ""
) -> Found:
    """What answered, as known or unknown. `raw` is its own word."""
    driver = None if identity is None else family_of(str(identity))
    state: State = "unknown" if driver is None else "known"
    return Found(address, state, plain(raw), host, port, identity, driver, note=note)

"""What a scan says of one address."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from instruments.catalogue import FAMILIES, family_of
from instruments.scpi import identity_in
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
        return FAMILIES[self.driver].roles + FAMILIES[self.driver].also if self.driver is not None else ()

    def made_for(self, role: str) -> bool:
        """Whether the role is its own, not one that it could play too."""
        return self.driver is not None and role in FAMILIES[self.driver].roles

    def as_json(self) -> dict[str, object]:
        """Plain data for `--json`."""
        return {**asdict(self), "roles": self.roles}


def named(address: str, reply: bytes, *, host: str = "", port: int | None = None) -> Found:
    """What answered `*IDN?`, as known or unknown: known only a whole line of ASCII, as the drivers want it."""
    line, end, _ = reply.partition(b"\n")
    raw = line.decode("ascii", errors="replace").rstrip("\r")
    identity = identity_in(raw) if end and line.isascii() else None
    driver = None if identity is None else family_of(str(identity), "SCPI")
    return Found(address, "unknown" if driver is None else "known", plain(raw), host, port, identity, driver)

"""The only way back from a link that is out of step or lost: reopen, identify, make safe."""

from __future__ import annotations

from typing import Protocol

from instruments.errors import LinkRefused
from instruments.records import Identity


class Link(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    def reopen(self) -> None: ...
    def close(self) -> None: ...


class Recoverable(Protocol):
    """Every driver here; `known` is who answered at the last begin()."""

    known: Identity

    @property
    def link(self) -> Link: ...
    def begin(self) -> Identity: ...
    def make_safe(self) -> None: ...


def recover(driver: Recoverable) -> None:
    """Reopen the link, check that the same instrument answers, make it safe. Never restores what it did before.

    LinkRefused if another instrument answers, which is then left alone; any LinkError of the steps.
    """
    expected = driver.known
    driver.link.reopen()
    seen = driver.begin()
    if seen != expected:
        driver.known = expected  # so that a second attempt still asks for the first instrument
        driver.link.close()
        what = f"{seen} answers at {driver.link.address} where {expected} was"
        raise LinkRefused(driver.link.name, "reopen", what, "check who holds that address")
    driver.make_safe()

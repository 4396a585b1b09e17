"""Text from strangers made harmless: one line, printable, of bounded length, and exact as a pattern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instruments.records import Identity

__all__ = ["identity_pattern", "plain", "trusted_serial"]

LONGEST = 100
_STRANGE = "\N{REPLACEMENT CHARACTER}"
_SPECIAL = re.compile(r"([\\.^$*+?{}\[\]|()])")


def plain(text: str, longest: int = LONGEST) -> str:
    """`text` as one printable line of at most `longest` characters; what is no printable character shows as one."""
    line = "".join(character if character.isprintable() else _STRANGE for character in text[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"


def identity_pattern(identity: Identity) -> str:
    """What a bench file demands of this instrument: its maker and model to the letter, any serial and firmware.

    A character that is not printable ASCII stands for any one.
    """
    return ",".join(_exactly(field) for field in (identity.maker, identity.model)) + ",.*"


def trusted_serial(identity: Identity) -> str | None:
    """The serial number if it is one that a person could type."""
    return identity.serial if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._:/+-]{0,39}", identity.serial) else None


def _exactly(field: str) -> str:
    cut = "".join(character if " " <= character <= "~" else "\0" for character in field[:LONGEST])
    rest = ".*" if len(field) > LONGEST else ""
    return _SPECIAL.sub(r"\\\1", cut).replace("\0", ".") + rest

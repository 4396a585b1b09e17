"""HTML that cannot forget to escape: text is escaped unless this module made it.

Serial numbers, `*IDN?` replies and device strings come from outside and end up in a report.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

__all__ = ["Html", "join", "printable", "raw", "tag", "text"]

_SPACES = "\n\u00a0\u202f"
_VOID = frozenset({"br", "hr", "meta"})


class Html(str):
    """A piece of finished HTML."""

    __slots__ = ()


def raw(trusted: str) -> Html:
    """Markup of our own making, such as an SVG, taken as it is."""
    return Html(trusted)


def text(value: object) -> Html:
    """`value` as escaped text; control characters, bidirectional overrides and lone surrogates become U+FFFD."""
    if isinstance(value, Html):
        return value
    return Html(html.escape(printable(value), quote=True))


def printable(value: object) -> str:
    """`value` as text in which nothing invisible is left."""
    return "".join(c if c.isprintable() or c in _SPACES else "\N{REPLACEMENT CHARACTER}" for c in str(value))


def join(parts: Iterable[object], between: str = "") -> Html:
    """Parts one after the other, each escaped unless it is Html."""
    return Html(text(between).join(text(part) for part in parts))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """`<name attributes>children</name>`. `class_` and `for_` lose their underscore, others turn it into a hyphen.

    An attribute of None or False is left out, one of True stands without a value.
    """
    written = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None and value is not False
    )
    opening = f"<{name}{written}>"
    return Html(opening if name in _VOID else f"{opening}{join(children)}</{name}>")


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(value)}"'

"""What a driver says of its instrument before it answers: from the identity that a bench file expects."""

from __future__ import annotations

from typing import Any, NoReturn

from instruments.catalogue import load_driver


class Nowhere:
    """Stands for a link that nobody opens; only its name may be asked for."""

    name = "declared"
    address = "nowhere"

    def __getattr__(self, what: str) -> NoReturn:
        raise AttributeError(f"nothing is connected, and a declared instrument was asked to {what}")


def declared_instrument(driver: str, identity: str, options: dict[str, Any]) -> Any | None:
    """An instrument that knows its model and so its accuracy, and can do nothing else.

    `identity` is the bench file's pattern. None for drivers that do not offer it (`declared(link, identity)`), and for
    a pattern that names no model they know.
    """
    make = getattr(load_driver(driver), "declared", None)
    return None if make is None else make(Nowhere(), identity, **options)

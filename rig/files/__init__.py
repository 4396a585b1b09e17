"""Files of the bench: YAML with line numbers, quantities with units, the models of bench, device and limits.

The names below load on first use, so that the twin can read quantities without the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rig.files.bench import Bench
    from rig.files.device import Device, Port
    from rig.files.document import BadFile, Mistake, load, load_data, names, resolve, validate
    from rig.files.limits import Limits
    from rig.files.quantity import QuantityError, format_quantity, parse
    from rig.files.schema import schema_json

_HOME = {
    "BadFile": "document",
    "Bench": "bench",
    "Device": "device",
    "Limits": "limits",
    "Mistake": "document",
    "Port": "device",
    "QuantityError": "quantity",
    "format_quantity": "quantity",
    "load": "document",
    "load_data": "document",
    "names": "document",
    "parse": "quantity",
    "resolve": "document",
    "schema_json": "schema",
    "validate": "document",
}

__all__ = [
    "BadFile",
    "Bench",
    "Device",
    "Limits",
    "Mistake",
    "Port",
    "QuantityError",
    "format_quantity",
    "load",
    "load_data",
    "names",
    "parse",
    "resolve",
    "schema_json",
    "validate",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"rig.files has no {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"rig.files.{_HOME[name]}"), name)

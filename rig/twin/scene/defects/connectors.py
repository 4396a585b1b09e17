"""Defects of a port's connector and its line: what gets too warm with a current that it should bear."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_port, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device
from rig.twin.scene.ports import Port

_CONNECTOR = "a port with a connector"


def _loose_connector(device: Device, ohms: float) -> Device:
    def edit(port: Port) -> Port | None:
        own = port.connector
        return None if own is None else put(port, "connector.resistance", own.resistance + ohms)

    return each_port(device, _CONNECTOR, edit)


def _thin_line(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        own = port.connector
        return None if own is None else put(port, "connector.heating", own.heating * factor)

    return each_port(device, _CONNECTOR, edit)


CONNECTORS = (
    Defect(
        "loose-connector", "The contact of the port's connector has this much more resistance.",
        "ohm", "15 mohm", "2 mohm", limits.CONNECTOR, "rated-current", _loose_connector,
    ),
    Defect(
        "thin-line", "The line leads so little heat away that the connector gets this many times as warm.",
        "1", "800 %", "150 %", limits.CONNECTOR, "rated-current", _thin_line,
    ),
)  # fmt: skip

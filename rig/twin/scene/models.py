"""Which instruments the twin can be, by the place that they have on the bench."""

from rig.twin.bench.load_class import LOADS
from rig.twin.bench.meter import METERS
from rig.twin.bench.relays import RELAYS
from rig.twin.bench.supply_class import SUPPLIES

MODELS: dict[str, tuple[str, ...]] = {
    "supply": tuple(SUPPLIES),
    "load": tuple(LOADS),
    "relays": tuple(RELAYS),
    "daq": ("labjack_t7",),
    "scope": ("rigol_dho800",),
    "meter": tuple(METERS),
}

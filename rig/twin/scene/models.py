"""Which instruments the twin can be, by the place that they have on the bench."""

from rig.twin.bench.amplifier import GENERATORS
from rig.twin.bench.chamber import CHAMBERS
from rig.twin.bench.digitizer_class import DIGITIZERS
from rig.twin.bench.load_class import LOADS
from rig.twin.bench.meter import METERS
from rig.twin.bench.recorder_class import RECORDERS
from rig.twin.bench.relays import RELAYS
from rig.twin.bench.supply_class import SUPPLIES

MODELS: dict[str, tuple[str, ...]] = {
    "supply": tuple(SUPPLIES),
    "neighbour": tuple(SUPPLIES),
    "load": tuple(LOADS),
    "relays": tuple(RELAYS),
    "daq": tuple(RECORDERS),
    "scope": tuple(DIGITIZERS),
    "meter": tuple(METERS),
    "generator": GENERATORS,
    "chamber": CHAMBERS,
}

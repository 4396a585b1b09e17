"""All defects, in the order in which they are listed and applied."""

from rig.twin.scene.defects.arcs import ARCS
from rig.twin.scene.defects.grounds import GROUNDS
from rig.twin.scene.defects.loads import LOADS
from rig.twin.scene.defects.mesh import MESH
from rig.twin.scene.defects.metering import METERING
from rig.twin.scene.defects.protection import PROTECTION
from rig.twin.scene.defects.recovery import RECOVERY
from rig.twin.scene.defects.reverse import REVERSE
from rig.twin.scene.defects.storage import STORAGE
from rig.twin.scene.defects.supplies import SUPPLIES
from rig.twin.scene.defects.voltage import VOLTAGE

DEFECTS = (*PROTECTION, *RECOVERY, *VOLTAGE, *REVERSE, *SUPPLIES, *STORAGE, *LOADS, *MESH, *METERING, *GROUNDS, *ARCS)

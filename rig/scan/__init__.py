"""Finds instruments without disturbing them, and writes what it found as a bench file to complete.

The only bytes ever sent are the query `*IDN?` and reads of Modbus registers.
"""

from rig.scan.bench_text import bench_text
from rig.scan.found import Found
from rig.scan.network import Target, bound_s, scan_hosts
from rig.scan.ports import parse_ports, well_known_ports
from rig.scan.visa import ask_resource, listed_resources

__all__ = [
    "Found",
    "Target",
    "ask_resource",
    "bench_text",
    "bound_s",
    "listed_resources",
    "parse_ports",
    "scan_hosts",
    "well_known_ports",
]

"""Every family of the catalogue is recognised, from what the twin's counterpart of it answers."""

from __future__ import annotations

import re

import pytest

from instruments.address import TcpPlace, modbus_place, scpi_place
from instruments.catalogue import FAMILIES
from rig.scan import Target, scan_hosts
from rig.scan.plain import identity_pattern
from tests.instruments.contract.families import FAMILIES as PROVED
from tests.instruments.contract.families import PLACES
from tests.instruments.contract.world import Loop, TwinWorld

FIRST = {family.driver: family for family in reversed(PROVED)}
"""Each driver once, in the first of the roles that it is proved in."""


@pytest.fixture(scope="module")
def loop():
    loop = Loop()
    yield loop
    loop.close()


def test_no_family_is_left_out():
    assert set(FIRST) == set(FAMILIES)


@pytest.mark.parametrize("driver", sorted(FIRST))
def test_a_family_is_recognised_by_what_its_counterpart_answers(loop, driver, monkeypatch):
    family = FIRST[driver]
    world = TwinWorld(loop, family.place or PLACES[family.role], family.model or driver)
    try:
        address = world.address.address
        place = modbus_place(address, 502).at if family.modbus else scpi_place(address)
        assert isinstance(place, TcpPlace)
        monkeypatch.setattr("rig.scan.network.modbus_ports", lambda: {place.port} if family.modbus else set())
        (found,) = scan_hosts([Target(place.host, (place.port,))], 1.0, lambda text: None)
    finally:
        world.close()
    assert (found.state, found.address) == ("known", address)
    assert found.driver is not None
    assert FAMILIES[found.driver].driver == FAMILIES[driver].driver  # a driver may have two names
    assert found.identity is not None
    assert re.fullmatch(identity_pattern(found.identity), str(found.identity))

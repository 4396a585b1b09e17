"""What manuals and public sources say of a command holds for the counterpart, and covers what the driver sends."""

import struct

import pytest

from tests.instruments import pairs
from tests.instruments.contract.families import FAMILIES, PLACES
from tests.instruments.contract.world import TwinWorld

DRIVERS = {family.driver: family for family in reversed(FAMILIES)}


@pytest.fixture
def counterpart(request, loop):
    """A fresh one: its world, and what it answers to a command or a PDU in hex."""
    family = DRIVERS[request.param]
    world = TwinWorld(loop, family.place or PLACES[family.role], family.model or family.driver)
    yield Counterpart(loop, world, int(family.options.get("unit", 1)))
    world.close()


class Counterpart:
    def __init__(self, loop, world, modbus_unit):
        self._loop, self.world, self._unit = loop, world, modbus_unit
        self._session = world.unit.session()

    def ask(self, pair):
        """Its reply as pairs write it, after a tenth of a second in which things settle."""
        reply = self._loop.call(self._exchange, self._framed(pair))
        self.world.sleep(0.1)
        if pair.hex:
            return reply[pairs.MBAP_AND_UNIT :].hex() if reply else None
        return reply.decode("latin-1").rstrip("\n") if reply else None

    def _framed(self, pair):
        if not pair.hex:
            return pair.send.encode() + b"\n"
        pdu = bytes.fromhex(pair.send)
        return struct.pack(">HHHB", 1, 0, len(pdu) + 1, self._unit) + pdu

    def _exchange(self, data):
        return b"".join(bytes(self._session.execute(request)) for request in self._session.requests(data))


@pytest.mark.parametrize(
    ("driver", "counterpart"), [(name, name) for name in sorted(DRIVERS)], indirect=["counterpart"]
)
def test_the_counterpart_answers_as_it_is_written(driver, counterpart):
    for pair in pairs.load_pairs(driver):
        reply = counterpart.ask(pair)
        assert pair.agrees(reply), f"{pair.send!r} is answered {reply!r}, and {pair.source} has {pair.reply!r}"
    errors = getattr(getattr(counterpart.world.unit, "instrument", None), "errors", ())
    assert not errors, "the conversation leaves errors in the queue that no pair reads"


@pytest.mark.parametrize("driver", sorted(DRIVERS))
def test_every_command_of_the_driver_has_the_shape_of_a_pair(driver):
    covered = pairs.coverage(driver)
    assert covered.missing == frozenset()
    assert covered.verified | covered.synthetic

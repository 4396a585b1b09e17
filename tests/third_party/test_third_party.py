"""Published drivers of other people on the twin: what they set is what the circuit does, and they read it back.

They know the instruments, not us, so they are an opinion on our parsers that we did not write. Skipped where their
environment is not there; `make peers` makes it, or NANOGRID_RIG_PEERS names another folder.
"""

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from instruments.address import TcpPlace, modbus_place, scpi_place
from tests.instruments.contract.world import Loop, TwinWorld

HOME = Path(os.environ.get("NANOGRID_RIG_PEERS") or Path(tempfile.gettempdir()) / "nanogrid-rig-peers")
PYTHON = HOME / "libraries" / "bin" / "python"
pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason=f"no other people's drivers in {HOME}")


@pytest.fixture(scope="module")
def loop():
    loop = Loop()
    yield loop
    loop.close()


@contextmanager
def driven(loop, driver, slot, model):
    """The twin's instrument, and a function that lets the published driver do something with it."""
    world = TwinWorld(loop, slot, model)
    address = world.address.address
    place = scpi_place(address)
    if not isinstance(place, TcpPlace):
        place = modbus_place(address, 502).at
    worker = subprocess.Popen(
        [PYTHON, "-W", "ignore", Path(__file__).with_name("worker.py"), driver, place.host, str(place.port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tempfile.gettempdir(),
    )  # fmt: skip

    def answer():
        line = worker.stdout.readline()
        assert line, worker.communicate()[1]
        return json.loads(line)

    def act(*action):
        worker.stdin.write(json.dumps(action) + "\n")
        worker.stdin.flush()
        return answer()

    try:
        assert answer() == "ready"
        yield world, act
    finally:
        worker.stdin.close()
        worker.wait(10)
        worker.stdout.close()
        worker.stderr.close()
        world.close()


SUPPLIES = [
    ("pymeasure_e36312a", "keysight_e36300"),
    ("qcodes_n6705b", "keysight_n6700"),
    ("qcodes_dp832", "rigol_dp800"),
    ("rsngx_ngp800", "rs_ngp800"),
    ("hvl_ccb_psi9000", "ea_ps9000"),
    ("pymodbus_ea", "ea_modbus"),
]


@pytest.mark.parametrize(("driver", "model"), SUPPLIES)
def test_a_supply_puts_out_what_another_driver_sets(loop, driver, model):
    with driven(loop, driver, "supply", model) as (world, act):
        act("volts", 5.0)
        act("amps", 0.5)
        act("output", True)
        act("read")  # an answer: what was sent before it has acted
        world.act(lambda twin: (twin.load.set_level("CURR", 0.2), twin.load.set_input(True)))
        world.sleep(0.5)
        volts, amps, on = act("read")
        truth = world.act(lambda twin: (twin.sim.value(twin.supply.voltage), twin.sim.value(twin.supply.current)))
        assert truth == pytest.approx((5.0, 0.2), abs=0.15)
        assert (volts, amps) == pytest.approx(truth, abs=0.25)
        assert on is True
        world.act(lambda twin: twin.load.set_level("CURR", 1.0))
        world.sleep(0.5)
        limited = world.act(lambda twin: twin.sim.value(twin.supply.current))
        assert limited == pytest.approx(0.5, abs=0.15), "the current limit that was set is kept"
        act("output", False)
        assert act("read")[2] is False
        assert world.act(lambda twin: twin.supply.output_on) is False


@pytest.mark.parametrize("driver", ["pymeasure_dmm6500", "qcodes_dmm6500"])
def test_a_meter_reads_the_port(loop, driver):
    with driven(loop, driver, "meter", "keithley_dmm6500") as (world, act):
        world.act(lambda twin: (twin.supply.set_voltage(40.0), twin.supply.set_output(True)))
        act("configure", 10.0)
        act("read")
        world.sleep(0.5)
        truth = world.act(lambda twin: twin.sim.value(twin.probes["port_voltage"]))
        assert truth == pytest.approx(40.0, abs=0.2)
        assert act("read") == pytest.approx(truth / 8.0, rel=1e-3), "through the divider by 8"


def test_a_switch_rack_by_another_driver(loop):
    with driven(loop, "qcodes_34980a", "relays", "keysight_34980a") as (world, act):
        assert act("cards")
        channel = world.world.relays.channels[0]
        act("close", channel)
        assert act("closed", channel) is True
        assert world.act(lambda twin: twin.relays.coil(channel)) is True
        act("open")
        assert act("closed", channel) is False
        assert world.act(lambda twin: any(map(twin.relays.coil, twin.relays.channels))) is False


def test_a_relay_board_by_another_modbus_client(loop):
    with driven(loop, "pymodbus_board", "relays", "waveshare_relay8") as (world, act):
        assert act("coil", 2, True) is False
        assert act("coils", 8) == [False, False, True, False, False, False, False, False]
        assert world.act(lambda twin: [c for c in twin.relays.channels if twin.relays.coil(c)]) == [3]

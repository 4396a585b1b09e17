"""Each test of a contract runs for every family of its role, against the player of its transcript, the twin behind a
socket and, where the family is spoken over a serial line, a pseudo terminal; or against one real instrument.

    pytest tests/instruments/contract --record-transcripts -k ea_psb9000
    pytest tests/instruments/contract --instrument supply=TCPIP::10.0.0.5::5025::SOCKET,driver=ea_psb9000
"""

import functools
import hashlib
from pathlib import Path

import pytest

from instruments.address import TcpPlace, modbus_place, scpi_place
from instruments.catalogue import load_driver
from instruments.clock import WallClock
from instruments.records import NetworkAddress
from tests.instruments import transcript
from tests.instruments.contract.circuit import OpenTerminals, Remembered, TwinCircuit
from tests.instruments.contract.families import FAMILIES, PLACES
from tests.instruments.contract.real import announcements, named
from tests.instruments.contract.stand import Stand
from tests.instruments.contract.world import Loop, Pty, TwinWorld

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
load_cases = functools.cache(transcript.load_cases)
RECORDED, PASSED = pytest.StashKey[dict](), pytest.StashKey[bool]()


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(capability): only for drivers that have it")
    config.addinivalue_line("markers", "network: only where the instrument is on TCP")
    config.stash[RECORDED] = {}


def pytest_collection_finish(session):
    """Said with -q too."""
    for sentence in announcements(session.config):
        session.config.pluginmanager.get_plugin("terminalreporter").write_line(sentence)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


def pytest_generate_tests(metafunc):
    if "stand" not in metafunc.fixturenames:
        return
    config, role = metafunc.config, metafunc.module.ROLE
    network = metafunc.definition.get_closest_marker("network") is not None
    params = []
    real = [(family, address) for family, address in named(config) if family.role == role]
    for family, address in real:
        params.append(pytest.param((family, "instrument", address), id=f"{family.name}-instrument"))
    for family in () if config.getoption("instrument", None) else FAMILIES:
        if family.role == role:
            kinds = ["twin"] if config.getoption("record_transcripts", False) else ["player", "twin"]
            kinds += ["pty"] if family.serial and not network and len(kinds) > 1 else []
            params += [pytest.param((family, kind, None), id=f"{family.name}-{kind}") for kind in kinds]
    able = [param for param in params if fits(metafunc.definition, param.values[0][0])]
    metafunc.parametrize("stand", able or [pytest.param(None, id="nobody")], indirect=True)


def pytest_collection_modifyitems(config, items):
    """A test that no family can be put to is not there; nor is, while recording, one that records nothing."""
    recording = config.getoption("record_transcripts", False)
    idle = [item for item in items if nobody(item) or (recording and "stand" not in item.fixturenames)]
    if idle:
        config.hook.pytest_deselected(items=idle)
        items[:] = [item for item in items if item not in idle]


def nobody(item):
    return hasattr(item, "callspec") and item.callspec.params.get("stand", item) is None


def fits(test, family):
    """Whether a family has what a test needs, and the twin's physics too."""
    capabilities = load_driver(family.driver).capabilities
    needs = {name for mark in test.iter_markers("needs") for name in mark.args}
    return needs <= capabilities - family.without


@pytest.fixture(scope="session")
def loop():
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def stand(request):
    """The instrument; whatever was opened is closed at the end, and the player has nothing left to say."""
    family, kind, address = request.param
    case = f"{family.role}: {request.node.originalname}"
    if kind == "player":
        yield from played(family, case)
        return
    if kind == "instrument":
        made = Stand(family, address, WallClock(), OpenTerminals())
    else:
        made = simulated(family, kind, request.getfixturevalue("loop"))
    direct = made.address
    recorder = recording(made) if request.config.getoption("record_transcripts", False) else None
    yield made
    for driver in made.opened:
        driver.close()
    if recorder is not None:
        recorder.close()
        if request.node.stash.get(PASSED, False):
            known = made.opened[0].known
            request.config.stash[RECORDED].setdefault(family.name, (family, kind, known, {}))[3][case] = recorder.events
    if kind == "instrument":  # whatever the test has done
        made.address = direct
        made.connect().make_safe()
        made.opened[-1].close()
    made.close()


def played(family, case):
    path = TRANSCRIPTS / f"{family.name}.jsonl"
    _, cases = load_cases(path)
    assert case in cases, f"{path.name} has no case {case!r}: record it with --record-transcripts -k {family.name}"
    server = transcript.play(cases[case], modbus=family.modbus)
    made = Stand(family, NetworkAddress(server.address, server.stream_port), Unhurried(server), Remembered())
    yield made
    for driver in made.opened:
        driver.close()
    assert server.finish() == []


class Unhurried:
    """Time in which nothing happens but that the player says what it can say."""

    def __init__(self, server):
        self._server, self.ns = server, 0

    def now_ns(self):
        return self.ns

    def sleep(self, seconds):
        self._server.waiting.wait(1.0)
        self.ns += round(seconds * 1e9)

    def opened(self, link, local_port): ...

    def sent(self, link, nbytes): ...


def simulated(family, kind, loop):
    place = family.place or PLACES[family.role]
    world = TwinWorld(loop, place, family.model or family.driver)
    address, closing = world.address, [world.close]
    if kind == "pty":
        terminal = Pty(loop, world, int(family.options.get("unit", 1)))
        closing.insert(0, terminal.close)
        resource = terminal.address if family.modbus else f"ASRL{terminal.address}::INSTR"
        address = NetworkAddress(resource)
    made = Stand(family, address, world, TwinCircuit(world))
    made.close = lambda: [close() for close in closing]
    return made


def recording(made):
    """Let the driver talk through a recorder instead."""
    address = made.address.address
    place = modbus_place(address, 502).at if made.family.modbus else scpi_place(address)
    assert isinstance(place, TcpPlace), f"only what is on a TCP port can be recorded, not {address}"
    target = (place.host, place.port)
    stream = (target[0], made.address.stream_port) if made.address.stream_port else None
    recorder = transcript.Recorder(target, stream)
    port = recorder.ports[0]
    resource = f"127.0.0.1:{port}" if made.family.modbus else f"TCPIP::127.0.0.1::{port}::SOCKET"
    made.address = NetworkAddress(resource, recorder.ports[1] if stream else None)
    return recorder


def pytest_sessionfinish(session, exitstatus):
    """Write what was recorded, if all of it passed."""
    if exitstatus:
        return
    for family, kind, known, cases in session.config.stash[RECORDED].values():
        source = f"recorded from the twin's {family.model or family.driver}, not from an instrument"
        if kind == "instrument":
            who = f"{known.maker} {known.model}, serial {digest(known.serial)}, firmware {known.firmware}"
            source = f"recorded from {who}"
            for events in cases.values():
                events[:] = transcript.hashed(events, known.serial, digest)
        transcript.save(TRANSCRIPTS / f"{family.name}.jsonl", source, cases, modbus=family.modbus)


def digest(serial):
    return hashlib.sha256(serial.encode()).hexdigest()[:12]

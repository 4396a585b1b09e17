"""Drivers and their options in a bench file: every mistake has its line, and nothing is opened to find it."""

from __future__ import annotations

import pytest

from rig.bench.equipment import opened
from rig.bench.file import load_bench
from rig.files.document import BadFile, resolve
from tests.bench.fakes import Breakable
from tests.bench.test_bench_equipment import KNOWN

RELAYS = 'relays: {driver: waveshare_relay32, address: twin, identity: "Waveshare.*"}'


class Pair:
    """A plug-in with an option it cannot do without."""

    capabilities = frozenset()

    @classmethod
    def connect(cls, entry, *, name, tap, clock, timeout_s=2.0, channel: int, mode: str = "plain"):
        raise AssertionError("never opened")


class Bare:
    """One without options."""

    @classmethod
    def connect(cls, entry, *, name, tap, clock, timeout_s=2.0):
        raise AssertionError("never opened")


@pytest.fixture
def bench_with(tmp_path, monkeypatch):
    """The twin's bench file with another entry for the relays."""
    monkeypatch.chdir(tmp_path)

    def write(entry: str) -> str:
        text = resolve("benches", "twin").read_text(encoding="utf-8")
        assert text.count(RELAYS) == 1
        (tmp_path / "x.yaml").write_text(text.replace(RELAYS, f"relays: {entry}"), encoding="utf-8")
        return "x.yaml"

    return write


def relays(rest: str, driver: str = "waveshare_relay32") -> str:
    return f'{{driver: "{driver}", address: twin, identity: ".*", {rest}}}'


def test_options_are_read_and_handed_to_connect(bench_with, monkeypatch):
    bench = load_bench(bench_with(relays("options: {byte_order: standard}")))
    assert bench.instruments["relays"].options == {"byte_order": "standard"}
    assert bench.instruments["supply"].options == {}
    seen = {}

    class Driver(Breakable):
        @classmethod
        def connect(cls, entry, *, name, tap, clock, timeout_s, **options):
            seen[name] = options
            return cls(name, [])

        def identity(self):
            return KNOWN[self.name]

    monkeypatch.setattr("rig.bench.equipment.load_driver", lambda name: Driver)
    with opened(bench, lambda name: None, None):
        assert seen == {name: {} for name in bench.instruments} | {"relays": {"byte_order": "standard"}}


PAIR = f"{__name__}:Pair"


@pytest.mark.parametrize(
    ("entry", "path", "says"),
    [
        (
            relays("options: {byte_ordr: standard}"),
            "options.byte_ordr",
            "driver 'waveshare_relay32' has no option 'byte_ordr' (did you mean 'byte_order'?; allowed: ",
        ),
        (
            relays("options: {byte_order: standrd}"),
            "options.byte_order",
            "expected 'reversed' or 'standard', found text: 'standrd'",
        ),
        (relays("options: {channels: 24}"), "options.channels", "expected 8, 16 or 32, found a number: 24"),
        (relays("options: {byte_order: [standard]}"), "options.byte_order", "expected text, a number, true or false"),
        (relays("options: standard"), "options", "expected a mapping of keys to values, found text: 'standard'"),
        (relays("serial: x", driver=PAIR), "options.channel", f"driver {PAIR!r} needs this option"),
        (
            relays("options: {channel: two, mode: quick}", driver=PAIR),
            "options.channel",
            "expected a whole number, found text: 'two'",
        ),
        (
            relays("serial: x", driver="waveshare"),
            "driver",
            "unknown driver 'waveshare' (did you mean 'waveshare_relay'? known: ",
        ),
        (relays("serial: x", driver="nowhere:Driver"), "driver", "driver 'nowhere:Driver' cannot be loaded"),
    ],
)
def test_a_mistake_has_its_line(bench_with, entry, path, says):
    with pytest.raises(BadFile) as bad:
        load_bench(bench_with(entry))
    (mistake,) = bad.value.mistakes
    assert (mistake.line, mistake.path) == (10, f"instruments.relays.{path}")
    assert mistake.message.startswith(says)


def test_a_role_that_nobody_plays_is_a_mistake_of_the_file(bench_with, tmp_path):
    text = (tmp_path / bench_with(relays("serial: x"))).read_text(encoding="utf-8")
    (tmp_path / "x.yaml").write_text(text.replace(", digitizer: scope}", "}"), encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        load_bench("x.yaml")
    (mistake,) = bad.value.mistakes
    assert str(mistake) == "x.yaml:14: roles.digitizer: missing: name the instrument that plays this role"


def test_a_driver_without_options_says_so(bench_with):
    with pytest.raises(BadFile) as bad:
        load_bench(bench_with(relays("options: {channel: 2}", driver="labjack_t7")))
    assert bad.value.mistakes[0].message == "driver 'labjack_t7' has no option 'channel' (nothing is allowed here)"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "digitizer: scope}",
            "digitizer: daq}",
            "roles.digitizer: daq cannot be the digitizer: driver labjack_t7 can be lines or recorder",
        ),
        (
            "load: load,",
            "load: supply,",
            "roles.load: supply is the supply already, and has one pair of terminals",
        ),
    ],
)
def test_a_role_that_its_instrument_cannot_play_has_its_line(bench_with, tmp_path, old, new, says):
    """`rig safe` reads no more than this: it must not prove a load off in the name of the supply."""
    text = (tmp_path / bench_with(relays("serial: x"))).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / "x.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        load_bench("x.yaml")
    (mistake,) = bad.value.mistakes
    assert str(mistake) == f"x.yaml:14: {says}"


def test_an_address_is_written_as_its_driver_needs_it_and_used_once(bench_with, tmp_path):
    text = (tmp_path / bench_with(relays("serial: x"))).read_text(encoding="utf-8")
    for entry, address in {
        "supply: {driver: ea_psb9000": "TCPIP::10.0.0.5::5025::SOCKET",
        "load: {driver: siglent_sdl1000x": "tcpip0::10.0.0.5::5025::socket",
        'relays: {driver: "waveshare_relay32"': "TCPIP::10.0.0.9::4196::SOCKET",
        "scope: {driver: rigol_dho800": "10.0.0.7:5555",
    }.items():
        assert text.count(entry) == 1
        text = text.replace(f"{entry}, address: twin", f"{entry}, address: '{address}'")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        load_bench("x.yaml")
    assert [str(mistake) for mistake in bad.value.mistakes] == [
        (
            "x.yaml:9: instruments.load.address: tcpip0::10.0.0.5::5025::socket is already used by instruments.supply; "
            "one place is one instrument"
        ),
        (
            "x.yaml:10: instruments.relays.address: 'TCPIP::10.0.0.9::4196::SOCKET' is no Modbus address: write "
            "host:port (Modbus TCP), rtu+tcp://host:port (a transparent gateway) or a serial port such as /dev/ttyUSB0"
        ),
        (
            "x.yaml:12: instruments.scope.address: '10.0.0.7:5555' is no VISA resource, which a SCPI instrument needs: "
            "write TCPIP::host::port::SOCKET"
        ),
    ]

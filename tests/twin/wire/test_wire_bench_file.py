"""The bench file that a twin publishes."""

import stat
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rig.files.bench import Bench
from rig.files.document import BadFile, load, resolve
from rig.twin.bench_file import check_template, publish, withdraw
from rig.twin.wire.servers import Address

ADDRESSES = {
    "supply": Address("TCPIP::127.0.0.1::1001::SOCKET"),
    "load": Address("TCPIP::127.0.0.1::1002::SOCKET"),
    "relays": Address("127.0.0.1:1003"),
    "daq": Address("127.0.0.1:1004", 1005),
    "scope": Address("TCPIP::127.0.0.1::1006::SOCKET"),
}


@pytest.fixture
def published(tmp_path):
    out = tmp_path / "bench.yaml"
    publish(resolve("benches", "twin"), out, ADDRESSES, Path("/run/clock.sock"), {"pid": 17, "seed": 7})
    return out


def test_the_rig_can_read_it(published):
    bench = load(published, Bench)
    assert bench.clock == "/run/clock.sock"
    assert bench.twin == {"pid": 17, "seed": 7}
    assert {name: (e.address, e.stream_port) for name, e in bench.instruments.items()} == {
        name: (a.address, a.stream_port) for name, a in ADDRESSES.items()
    }


def test_all_else_is_the_template(published):
    template = load(resolve("benches", "twin"), Bench)
    bench = load(published, Bench)
    changed = {"clock", "twin", "instruments"}
    assert bench.model_dump(exclude=changed) == template.model_dump(exclude=changed)
    comments = [line for line in published.read_text().splitlines() if line.startswith("#")]
    assert "# Never closed together (break before make)." in comments


def test_only_the_owner_may_read_it_and_no_part_is_left(published):
    assert stat.S_IMODE(published.stat().st_mode) == 0o600
    assert [file.name for file in published.parent.iterdir()] == ["bench.yaml"]


def test_a_published_file_can_be_the_template_again(published, tmp_path):
    out = tmp_path / "again.yaml"
    addresses = dict(ADDRESSES, daq=Address("127.0.0.1:2004", 2005))
    publish(published, out, addresses, Path("/run/other.sock"), {"pid": 18})
    bench = load(out, Bench)
    assert (bench.clock, bench.instruments["daq"].stream_port, bench.twin) == ("/run/other.sock", 2005, {"pid": 18})


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(FileNotFoundError):
        publish(resolve("benches", "twin"), tmp_path / "no" / "bench.yaml", ADDRESSES, Path("c"), {})


def test_withdrawing_twice_is_no_error(published):
    withdraw(published)
    withdraw(published)
    assert not published.exists()


def test_a_template_of_hardware_or_of_more_instruments_is_refused(tmp_path):
    template = resolve("benches", "twin")
    yaml = YAML()
    data = yaml.load(template.read_text())
    data["kind"] = "hardware"
    data["instruments"]["chiller"] = {"driver": "x", "address": "twin", "identity": "x"}
    file = tmp_path / "lab.yaml"
    yaml.dump(data, file)
    with pytest.raises(BadFile) as error:
        check_template(file, ADDRESSES, "healthy")
    first, second = error.value.mistakes
    assert (first.path, first.line) == ("kind", data.lc.key("kind")[0] + 1)
    assert "only a bench of kind twin" in first.message
    assert second.path == "instruments.chiller"
    assert "scene 'healthy' does not simulate it (supply, load, relays, daq, scope)" in second.message


def test_a_template_without_instruments_is_refused(tmp_path):
    file = tmp_path / "lab.yaml"
    file.write_text("kind: twin\ninstruments: 5\n")
    with pytest.raises(BadFile, match="must be a mapping of names to instruments"):
        check_template(file, ADDRESSES, "healthy")

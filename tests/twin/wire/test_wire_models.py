"""The list of models: a scene may name what the wire can serve, and nothing else."""

import pytest

from rig.twin.scene.models import MODELS as NAMED
from rig.twin.wire import scpi, scpi_args
from rig.twin.wire.models import MODELS as SERVED
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_instrument import Command, ScpiInstrument


def test_every_model_that_a_scene_may_name_is_served():
    assert {name for names in NAMED.values() for name in names} == set(SERVED)


def test_channel_lists():
    read = scpi_args.channel_list((101, 102, 103, 201))
    assert read("(@101)") == (101,)
    assert read("(@ 101, 103)") == (101, 103)
    assert read("(@102:201)") == (102, 103, 201)
    assert read("(@103:101)") == (103, 102, 101)


@pytest.mark.parametrize(
    ("text", "code"),
    [("(@104)", -222), ("(@101:104)", -222), ("(@)", -104), ("101", -104), ("(@1;2)", -104), ("(@101,)", -104)],
)
def test_what_is_no_channel_list(text, code):
    with pytest.raises(ScpiError) as error:
        scpi_args.channel_list((101, 102))(text)
    assert error.value.code == code


def test_a_query_with_a_channel_list_and_a_limit_before_it():
    channels = scpi_args.channel_list((1, 2), scpi.SETTINGS_CONFLICT)
    volts = {1: 5.0, 2: 12.0}

    def put(value, listed):
        volts.update(dict.fromkeys(listed, value))

    table = [
        Command(
            "[:SOURce]:VOLTage",
            lambda listed: ",".join(f"{volts[channel]:g}" for channel in listed),
            put,
            (scpi_args.between(0.0, 25.0, "V"), channels),
            lambda limit: f"{limit:g}",
            (channels,),
        )
    ]
    instrument = ScpiInstrument("maker,model,1,1", table, reset=lambda: None)
    assert instrument.execute(b"VOLT 3,(@2);:VOLT? (@1,2);:VOLT? MAX,(@1)") == b"5,3;25\n"
    assert instrument.execute(b"VOLT?") == b""
    assert instrument.next_error() == '-109,"Missing parameter"'
    assert instrument.execute(b"VOLT? (@3)") == b""
    assert instrument.next_error() == '-221,"Settings conflict"'

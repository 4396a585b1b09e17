"""Schemas for editors, and the room's public list."""

import json
import subprocess
import sys

import pytest

import rig.files
from rig.files import schema_json


@pytest.mark.parametrize("kind", ["bench", "device", "limits"])
def test_schemas_are_closed_json(kind: str) -> None:
    schema = json.loads(json.dumps(schema_json(kind)))
    assert schema["additionalProperties"] is False
    assert "schema" in schema["properties"]


def test_quantities_are_text_in_the_schema() -> None:
    port = schema_json("device")["$defs"]["Port"]["properties"]
    assert port["voltage"]["type"] == "string"
    assert port["voltage"]["examples"] == ["60 V"]


def test_the_scene_belongs_to_the_twin() -> None:
    with pytest.raises(ValueError, match="no schema for 'scene'; write one of bench, device, limits"):
        schema_json("scene")


def test_every_public_name_is_there() -> None:
    assert all(getattr(rig.files, name) is not None for name in rig.files.__all__)
    with pytest.raises(AttributeError, match=r"rig\.files has no 'Scene'"):
        _ = rig.files.Scene


def test_quantities_alone_read_no_yaml() -> None:
    code = "import sys, rig.files.quantity; print('ruamel.yaml' in sys.modules, 'rig.files.bench' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False False\n"

"""JSON schemas of the files, for editors and for `rig schema`."""

from typing import Any

from pydantic import BaseModel

from rig.files.bench import Bench
from rig.files.certificate import Certificate
from rig.files.device import Device
from rig.files.limits import Limits
from rig.files.request import Request

_MODELS: dict[str, type[BaseModel]] = {
    "bench": Bench, "device": Device, "limits": Limits, "certificate": Certificate, "request": Request,
}  # fmt: skip


def schema_json(kind: str) -> dict[str, Any]:
    """The JSON schema of `kind`, a key of _MODELS. Raises ValueError for another kind.

    The schema of a scene belongs to the twin, which alone may read one.
    """
    if kind not in _MODELS:
        raise ValueError(f"no schema for {kind!r}; write one of {', '.join(_MODELS)}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_MODELS[kind].model_json_schema()}

"""Between which two temperatures the air lies."""

from typing import Self

from pydantic import model_validator

from rig.files.document import Entry
from rig.files.quantity import Celsius


class Temperatures(Entry):
    """From `low` to `high`."""

    low: Celsius
    high: Celsius

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must not exceed high")
        return self

"""A defect: a name, a magnitude, the limit it breaks, and the change it makes to a device."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from rig.files.quantity import QuantityError, parse
from rig.twin.scene.defects.limits import Limit
from rig.twin.scene.device import Device

COUNT = "count"  # the unit of a magnitude that is written as a whole number
MOST = 1000  # of what is counted: no stimulus is repeated that often


class DoesNotApply(ValueError):
    """A defect asks for something that this device has not; the message ends the sentence "defect 'x' ..."."""


@dataclass(frozen=True, slots=True)
class Defect:
    """`change(device, magnitude)` gives the device with the defect, or raises DoesNotApply.

    Magnitudes are written as in a scene: a quantity in `unit`, or a whole number where that is "count". At `default`
    the stimulus `scenario` shows the device at least two typical uncertainties beyond `limit`; at `small` the device
    keeps the limit. One that is kept aside has neither: both are empty.
    """

    name: str
    line: str
    unit: str
    default: str
    small: str
    limit: Limit
    scenario: str
    change: Callable[[Device, float], Device]

    @property
    def clause(self) -> str:
        """The row of the catalogue of test cases that it violates."""
        return self.limit.clause

    def read(self, magnitude: object) -> float:
        """A magnitude as written in a scene (`default`, a quantity, a whole number), SI. Raises ValueError."""
        if magnitude == "default":
            magnitude = self.default
        if self.unit == COUNT:
            text = str(magnitude)
            if not (text.isascii() and text.isdigit() and text.strip("0")):
                raise ValueError(f"write default or a whole number above 0, for example {self.default}")
            if len(text.lstrip("0")) > len(str(MOST)) or int(text) > MOST:
                raise ValueError(f"a count lies at or below {MOST}; write default, or for example {self.default}")
            return float(text)
        example = f'write default, or for example "{self.default}"'
        try:
            value = parse(magnitude, self.unit)
        except QuantityError as error:
            raise ValueError(f"{error}; {example}") from None
        if value <= 0:
            raise ValueError(f"a magnitude lies above 0; {example}")
        return value


def unknown(name: object, known: list[str]) -> str:
    """What to say of a name that no defect has."""
    close = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else "`rig twin devices` lists them"
    return f"no defect is named {name!r}; {hint}"

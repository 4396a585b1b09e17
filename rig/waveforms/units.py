"""Units as tables of numbers write them: words in any case, symbols as the SI has them."""

import re

FACTORS = {"": 1.0, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "k": 1e3}
"""No mega: "MV" in a header is a millivolt more often than not, so it is refused like any word that is not known."""
WORDS = {
    "sec": "s", "second": "s", "seconds": "s", "volt": "V", "volts": "V", "amp": "A", "amps": "A", "ampere": "A",
    "amperes": "A", "watt": "W", "watts": "W", "v": "V", "a": "A", "w": "W",
}  # fmt: skip
_SYMBOL = re.compile(r"([nuµmk]?)([sVAW])")
_WITH_UNIT = re.compile(r"(.*?)\s*[(\[]\s*([^)\]]+?)\s*[)\]]")
_RIGOL = re.compile(r"((?:CH|MATH|REF)\d+)([VA])")


def unit_of(cell: str) -> tuple[str, float] | None:
    """(unit "s", "V", "A" or "W", factor to it) of a cell such as "Volt", "mV" or "(ms)"; None for an unknown one."""
    word = cell.strip("()[] ").replace("μ", "µ")
    found = _SYMBOL.fullmatch(word)
    if found is not None:
        return found[2], FACTORS[found[1]]
    spelt = WORDS.get(word.lower())
    return None if spelt is None else (spelt, 1.0)


def split(cell: str) -> tuple[str, tuple[str, float] | None]:
    """(name, unit) of "i (A)", "Time(s)" and Rigol's "CH1V"."""
    found = _WITH_UNIT.fullmatch(cell) or _RIGOL.fullmatch(cell)
    return (found[1], unit_of(found[2])) if found else (cell, None)

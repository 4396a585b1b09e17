"""Sines among the inputs of one segment, and how a network answers them once and for all: no step per period."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rig.twin.engine.curve import Array, Complex

Index = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tones:
    """Input index[k] carries Re(phasor[k] exp(j omega[k] t)), t in local seconds."""

    index: Index = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    omega: Array = field(default_factory=lambda: np.zeros(0))
    phasor: Complex = field(default_factory=lambda: np.zeros(0, dtype=np.complex128))

    def add_to(self, inputs: Array, t: float) -> Array:
        """The inputs with their sines at local time t (s)."""
        out = inputs.copy()
        np.add.at(out, self.index, self.later(t).phasor.real)
        return out

    def later(self, t: float) -> Tones:
        """The same sines with local time starting at t (s)."""
        return Tones(self.index, self.omega, self.phasor * np.exp(1j * self.omega * t))


NO_TONES = Tones()

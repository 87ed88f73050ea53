"""Tones with the key under which a store knows them: as they were first asked for, and as all equal ones share them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crestfall.atlas.same_problem import Key, canonical, identifier, in_key_order, key_of, order_of
from crestfall.problem.arrays import FloatArray
from crestfall.problem.grids import MAX_CARRIER
from crestfall.problem.multisine import Multisine, rebuild

_RATIO_ROUNDING = 1e-9


@dataclass(frozen=True)
class StoredTones:
    """Tones whose true peak a campaign lowers.

    Attributes:
        asked: The tones as asked for, in any order, with the phases that they came with, if any.

    Example:
        >>> tones = StoredTones(Multisine([300.0, 100.0, 200.0], 5.0))
        >>> tones.name, tones.canonical.frequencies.tolist(), tones.rising.frequencies.tolist()
        ('real:3', [1.0, 2.0, 3.0], [100.0, 200.0, 300.0])
    """

    asked: Multisine

    @cached_property
    def key(self) -> Key:
        """What decides about the best phases."""
        return key_of(self.asked)

    @cached_property
    def identifier(self) -> str:
        """The key as a text, under which the store knows the problem."""
        return identifier(self.key)

    @cached_property
    def canonical(self) -> Multisine:
        """Fundamental 1 Hz, largest amplitude 1, frequencies rising: the tones that searches and peaks refer to."""
        return canonical(self.key)

    def starting_from(self, phases: FloatArray | None) -> Multisine:
        """The canonical tones with ``(n,)`` phases [rad] to start a search from."""
        return self.canonical.with_initial_phases(phases)

    @cached_property
    def rising(self) -> Multisine:
        """The tones as asked for, frequencies rising: stored phases are for these, tone by tone."""
        ms, order = self.asked, order_of(self.asked)
        grid = (ms.fundamental, ms.harmonic_numbers[order])
        return rebuild(ms.frequencies[order], grid, ms.amplitudes[order], ms.complex, None)

    @property
    def given_phases(self) -> FloatArray | None:
        """``(n,)`` phases [rad] that the tones came with, frequencies rising."""
        phases = self.asked.initial_phases
        return None if phases is None else in_key_order(self.asked, phases)

    @cached_property
    def name(self) -> str:
        """A short name: the problem word of flat tones, else the first characters of the identifier."""
        n, numbers = len(self.key.numbers), self.key.numbers
        if set(self.key.amplitudes) == {1.0}:
            if self.key.complex and numbers == tuple(range(n)):
                return f"complex:{n}"
            if not self.key.complex and numbers == tuple(range(1, n + 1)):
                return f"real:{n}"
            if not self.key.complex and numbers == tuple(range(1, 2 * n, 2)):
                return f"odd:{n}"
        kind, count, digest = self.identifier.split("-")
        return f"{kind}-{count}-{digest[:8]}"

    def to_row(self) -> tuple[str, str, int, float, bytes, bytes, bytes]:
        """Values of the columns key, kind, n, fundamental_hz, harmonic_numbers, frequencies_hz, amplitudes."""
        ms = self.rising
        return (
            self.identifier,
            "complex" if ms.complex else "real",
            ms.n,
            ms.fundamental,
            ms.harmonic_numbers.astype("<i8").tobytes(),
            ms.frequencies.astype("<f8").tobytes(),
            ms.amplitudes.astype("<f8").tobytes(),
        )

    @classmethod
    def from_row(
        cls, key: str, kind: str, fundamental_hz: float, numbers: bytes, freqs: bytes, amps: bytes
    ) -> StoredTones:
        """The tones of a row.

        Raises:
            ValueError: The row does not hold tones, or not those of its key.
        """
        try:
            harmonic_numbers = np.frombuffer(numbers, "<i8").astype(np.int64)
            frequencies = np.frombuffer(freqs, "<f8").astype(np.float64)
            amplitudes = np.frombuffer(amps, "<f8").astype(np.float64)
            if not (
                np.all(np.abs(harmonic_numbers) <= MAX_CARRIER)
                and np.allclose(frequencies, harmonic_numbers * fundamental_hz, rtol=_RATIO_ROUNDING, atol=0.0)
            ):
                raise ValueError("the frequencies are not those of the harmonic numbers")
            ms = rebuild(frequencies, (fundamental_hz, harmonic_numbers), amplitudes, kind == "complex", None)
            tones = cls(ms)
            if tones.identifier != key:
                raise ValueError(f"the tones are those of {tones.identifier}")
        except (ValueError, TypeError) as error:
            raise ValueError(f"problem {key} is damaged: {error}") from None
        return tones

"""Samples of a waveform as a file holds them, with everything that the file says about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.files.reading import shown
from crestfall.problem.notes import note
from crestfall.problem.readable import readable

_MOST_NAMED = 8


@dataclass(frozen=True)
class Waveform:
    """One signal or several of one rate.

    Attributes:
        samples: ``(signals, N)``, real or complex, in ``unit``.
        rate_hz: Samples per second [Hz]; ``None`` where the file does not say.
        names: A name for each signal.
        unit: Unit of the samples as the file says it, with prefixes of volts and amperes taken into the numbers; empty
            where it says nothing.
        assumed: What the file does not say and was assumed, in words for the user.
    """

    samples: npt.NDArray[Any]
    rate_hz: float | None
    names: tuple[str, ...] = ()
    unit: str = ""
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.samples.shape[1] == 0:
            raise ValueError("there are no samples; give at least one whole period")
        if not np.all(np.isfinite(self.samples)):
            raise ValueError("a sample is out of range: larger than numbers can be; save it in a smaller unit")
        if not self.names:
            object.__setattr__(self, "names", tuple(str(k + 1) for k in range(self.samples.shape[0])))

    def signal(self, channel: int | str | None = None, *, complex: bool = False) -> npt.NDArray[Any]:
        """``(N,)`` samples of one signal.

        Args:
            channel: Its name, or its number from 1; needed where there are several.
            complex: Whether two signals are I and Q of one.

        Raises:
            ValueError: There is no such signal, or there are several and none is chosen.

        Example:
            >>> both = Waveform(np.array([[1.0, 0.0], [0.0, 1.0]]), 2.0, ("left", "right"))
            >>> both.signal("left").tolist(), both.signal(2).tolist(), both.signal(complex=True).tolist()
            ([1.0, 0.0], [0.0, 1.0], [(1+0j), 1j])
        """
        count = self.samples.shape[0]
        if complex and channel is None:
            if np.iscomplexobj(self.samples) and count == 1:
                return np.asarray(self.samples[0])
            if count != 2:
                raise ValueError(f"complex samples need two signals, I and Q, but there are {count}: {self._listed()}")
            i, q = (1, 0) if [name.split()[-1:] for name in self.names] == [["Q"], ["I"]] else (0, 1)
            return np.asarray(self.samples[i] + 1j * self.samples[q])
        if channel is None:
            if count > 1:
                raise ValueError(
                    f"it holds {count} signals, {self._listed()}; choose one with channel, or take two as I and Q "
                    "with complex"
                )
            return np.asarray(self.samples[0])
        if self.names.count(str(channel)) > 1:
            raise ValueError(f"channel {shown(channel)} names several of the signals {self._listed()}; give a number")
        if str(channel) in self.names:
            return np.asarray(self.samples[self.names.index(str(channel))])
        if str(channel).isdecimal() and 1 <= int(channel) <= count:
            return np.asarray(self.samples[int(channel) - 1])
        raise ValueError(f"channel is {shown(channel)}, but the signals are {self._listed()}; give a name or a number")

    def at_rate(self, rate_hz: float | None) -> Waveform:
        """The same with a rate: the given one, that of the file, or 1 Hz, which is then said to be assumed.

        Raises:
            ValueError: The file says another rate.
        """
        if rate_hz is None:
            if self.rate_hz is not None:
                return self
            assumed = "the file says no rate: frequencies are in cycles per sample (rate 1 Hz); give the rate"
            return replace(self, rate_hz=1.0, assumed=(*self.assumed, assumed))
        if self.rate_hz is not None and abs(self.rate_hz - rate_hz) > 1e-6 * rate_hz:
            raise ValueError(
                f"rate is {readable(rate_hz, 'Hz')}, but the file says {self.rate_hz:.9g} samples per second; "
                "leave it out"
            )
        return replace(self, rate_hz=rate_hz)

    def note_assumed(self, name: str) -> None:
        """Note what was assumed of the file of this name."""
        for text in self.assumed:
            note(f"{name}: {text}")

    def _listed(self) -> str:
        more = f" and {len(self.names) - _MOST_NAMED} more" if len(self.names) > _MOST_NAMED else ""
        return ", ".join(map(repr, self.names[:_MOST_NAMED])) + more


def real_rows(columns: Any) -> npt.NDArray[np.float64]:
    """Rows of real numbers, all finite.

    Raises:
        ValueError: A number is not finite; the message says which sample.
    """
    rows = np.asarray(columns, dtype=np.float64)
    if not np.all(np.isfinite(rows)):
        k = int(np.argmin(np.all(np.isfinite(rows), axis=0)))
        raise ValueError(f"sample {k + 1} is not a finite number; leave it out or correct it")
    return rows

"""The answer for a window: phases, certified peak, bound, samples and a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isclose
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.certainty.bounds.montgomery_vaughan import window_peak_bound
from crestfall.certainty.measures import MAX_SAMPLES, decibels
from crestfall.certainty.window_maximum import window_maximum
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints import Constraint
from crestfall.search.window.problem import WindowProblem
from crestfall.search.window.tones import WindowedMultisine

FORMAT = "crestfall-window-design"
VERSION = 1
_NEEDED = ("frequencies_hz", "amplitudes", "phases_rad", "complex", "window_s", "duration_s", "peak", "status")
_CHUNK = 2**22


@dataclass(frozen=True, eq=False)
class WindowDesign:
    """Phases for tones in a window, with proof of their peak there. Made by ``minimize_peak_in_window`` or ``of``.

    Attributes:
        tones: The tones and the window.
        phases: ``(n,)`` phases [rad] at time 0.
        peak: Largest ``|x|`` (complex: ``|z|``) in the window, in the unit of the amplitudes.
        peak_interval: Certified ``(low, high)`` around it.
        peak_time: A time [s] at which it is reached.
        rms: Root mean square over the window; it depends on the phases a little.
        peak_lower_bound: Peak in this window that no phases can beat; 0 where the window is too short to tell.
        status: What is proven, in words.
        starts: Starts tried.
        seconds: Time the search took [s].
        seed: Seed of the random starts, or ``None``.
        history: ``(seconds, peak)`` at each improvement.
        constraints: Phases that were held or linked.
    """

    tones: WindowedMultisine
    phases: FloatArray
    peak: float
    peak_interval: tuple[float, float]
    peak_time: float
    rms: float
    peak_lower_bound: float
    status: str
    starts: int = 0
    seconds: float = 0.0
    seed: int | None = None
    history: tuple[tuple[float, float], ...] = field(default=())
    constraints: tuple[Constraint, ...] = ()

    @classmethod
    def of(
        cls, tones: WindowedMultisine, phases: npt.ArrayLike, *, status: str = "given phases", **provenance: Any
    ) -> WindowDesign:
        """Measure the given phases.

        Raises:
            ValueError: The phases are not ``n`` finite numbers.

        Example:
            >>> design = WindowDesign.of(WindowedMultisine([1.0, 2**0.5], duration=20.0), [0.0, 1.0])
            >>> design.peak_lower_bound <= design.peak <= 2.0
            True
        """
        phases = tones.require_phases(phases)
        phases.flags.writeable = False
        maximum = window_maximum(tones, phases)
        return cls(
            tones=tones,
            phases=phases,
            peak=maximum.value,
            peak_interval=(maximum.low, maximum.high),
            peak_time=tones.start + maximum.angle / (2.0 * np.pi) * tones.duration,
            rms=tones.rms(phases),
            peak_lower_bound=window_peak_bound(tones),
            status=status,
            **provenance,
        )

    @property
    def crest_factor(self) -> float:
        """Peak over RMS, both within the window."""
        return self.peak / self.rms

    @property
    def papr_db(self) -> float:
        """``20 log10`` of the crest factor [dB]."""
        return decibels(self.crest_factor)

    @property
    def gap(self) -> float:
        """``peak / peak_lower_bound − 1``; infinite where the bound is 0."""
        return self.peak / self.peak_lower_bound - 1.0 if self.peak_lower_bound > 0 else float("inf")

    def waveform(self, sample_rate: float, *, peak: float | None = None) -> npt.NDArray[Any]:
        """Samples ``x(start + j / sample_rate)`` within the window, optionally scaled.

        Args:
            sample_rate: Samples per second [Hz], more than twice the highest frequency.
            peak: Scale so that the certified upper end of the peak has this value.

        Raises:
            ValueError: A tone reaches half the sample rate, there would be too many samples, or ``peak`` is not above
                0.

        Example:
            >>> WindowDesign.of(WindowedMultisine([1.0], duration=0.5), [0.0]).waveform(4).round(9).tolist()
            [1.0, 0.0, -1.0]
        """
        tones = self.tones
        highest = float(np.max(np.abs(tones.frequencies)))
        if not (np.isfinite(sample_rate) and sample_rate > 2.0 * highest):
            raise ValueError(
                f"sample_rate is {sample_rate} Hz, but the highest tone is at {highest:.12g} Hz; a waveform needs more "
                f"than {2 * highest:.12g} samples per second"
            )
        # A sample at the very end belongs to the window; rounding must not lose it.
        count = int(np.floor(tones.duration * sample_rate * (1.0 + 1e-12))) + 1
        if count > MAX_SAMPLES:
            raise ValueError(f"sample_rate {sample_rate} Hz makes {count} samples, more than {MAX_SAMPLES}; lower it")
        if peak is not None and not (np.isfinite(peak) and peak > 0):
            raise ValueError(f"peak is {peak}; it must be a finite number above 0")
        c = tones.amplitudes * np.exp(1j * self.phases) * (1.0 if peak is None else peak / self.peak_interval[1])
        samples = np.empty(count, dtype=np.complex128)
        step = max(1, _CHUNK // tones.n)
        for first in range(0, count, step):
            t = tones.start + np.arange(first, min(first + step, count)) / sample_rate
            turns = np.multiply.outer(t, tones.frequencies)
            samples[first : first + step] = np.exp(2j * np.pi * (turns - np.rint(turns))) @ c
        return samples if tones.complex else samples.real

    def summary(self) -> dict[str, Any]:
        """The figures as plain numbers."""
        return {
            "frequencies_hz": self.tones.frequencies.tolist(),
            "amplitudes": self.tones.amplitudes.tolist(),
            "phases_rad": self.phases.tolist(),
            "complex": self.tones.complex,
            "window_s": [self.tones.start, self.tones.start + self.tones.duration],
            "peak": self.peak,
            "peak_interval": list(self.peak_interval),
            "crest_factor": self.crest_factor,
            "papr_db": self.papr_db,
            "peak_lower_bound": self.peak_lower_bound,
            "status": self.status,
        }

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write a ``.json`` file, whole or not at all; ``load_window_design`` reads it.

        Raises:
            ValueError: The name does not end in ``.json``; samples are written with ``numpy.save`` or soundfile from
                ``waveform``.
            FileExistsError: The file exists, and ``overwrite`` was not given.
        """
        from crestfall.files.atomic import write_atomically
        from crestfall.files.goal_record import constraints_to_data

        path = Path(path)
        if path.suffix.lower() != ".json":
            raise ValueError(f"path is {str(path)!r}; a design for a window is saved as .json, its samples by you")
        record = {"format": FORMAT, "version": VERSION, **self.summary(), "duration_s": self.tones.duration}
        record |= {"starts": self.starts, "seconds": self.seconds, "seed": self.seed}
        if self.constraints:
            record["constraints"] = constraints_to_data(self.constraints)
        lines = (f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in record.items())
        write_atomically(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode(), overwrite=overwrite)

    def __repr__(self) -> str:
        figures = f"n={self.tones.n}, peak={self.peak:.6g}, crest_factor={self.crest_factor:.4f}"
        return f"WindowDesign({figures}, {self.status!r})"


def is_window_design(path: str | PathLike[str]) -> bool:
    """Whether a file is one that ``WindowDesign.save`` wrote, by what it says of itself.

    Raises:
        OSError: The file cannot be read.
    """
    from crestfall.files.reading import read_bytes
    from crestfall.files.record import loads

    if Path(path).suffix.lower() != ".json":
        return False
    try:
        return loads(read_bytes(Path(path))).get("format") == FORMAT
    except ValueError:
        return False


def load_window_design(path: str | PathLike[str]) -> WindowDesign:
    """Read what ``WindowDesign.save`` wrote, and measure it again.

    Raises:
        ValueError: It is not such a file, or its peak is not that of its phases.
        OSError: The file cannot be read.
    """
    from crestfall.files.goal_record import constraints_from_data
    from crestfall.files.reading import naming, read_bytes, shown
    from crestfall.files.record import loads, require_version

    with naming(Path(path)):
        record = loads(read_bytes(Path(path)))
        require_version(record, FORMAT, VERSION)
        for key in _NEEDED:
            if key not in record:
                raise ValueError(f"key {key!r} is missing; save the design again")
        for key, kinds in _KINDS.items():
            if type(record.get(key, kinds[0]())) not in kinds:
                raise ValueError(f"{key} is {shown(record[key])}; save the design again")
        window = record["window_s"]
        if len(window) != 2 or type(window[0]) not in (int, float):
            raise ValueError(f"window_s is {shown(window)}; it must be the beginning and the end in seconds")
        tones = WindowedMultisine(
            record["frequencies_hz"],
            record["amplitudes"],
            duration=float(record["duration_s"]),
            start=float(window[0]),
            complex=record["complex"],
        )
        design = WindowDesign.of(
            tones,
            record["phases_rad"],
            status=record["status"],
            starts=record.get("starts", 0),
            seconds=float(record.get("seconds", 0.0)),
            seed=record.get("seed"),
            constraints=WindowProblem(tones, constraints_from_data(record, tones)).constraints,
        )
        peak = float(record["peak"])
        if not isclose(peak, design.peak, rel_tol=1e-9):
            raise ValueError(f"peak is {peak!r}, but its phases give {design.peak!r}; save the design again")
        return design


_NUMBER = (float, int)
_KINDS: dict[str, tuple[Callable[[], object], ...]] = {
    **dict.fromkeys(("frequencies_hz", "amplitudes", "phases_rad", "window_s"), (list,)),
    **dict.fromkeys(("duration_s", "peak", "seconds"), _NUMBER),
    "complex": (bool,),
    "status": (str,),
    "starts": (int,),
    "seed": (type(None), int),
}

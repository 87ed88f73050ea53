"""Exports: every file that crestfall writes, as bytes under a name."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from crestfall.design.design import Design
from crestfall.design.played import default_rate
from crestfall.files import WRITABLE, save
from crestfall.files.wav import default_sample_rate

PICTURES = (".png", ".svg", ".pdf")
FORMATS = {
    "WAV, 32-bit float": ".wav",
    "CSV table of tones": ".csv",
    "JSON, the whole design": ".json",
    "NumPy arrays": ".npz",
    "MATLAB": ".mat",
    "SigMF recording (zip)": ".sigmf-meta",
    "16-bit samples (zip)": ".i16",
    "32-bit samples (zip)": ".f32",
    "SCPI binary block (zip)": ".scpi",
    "Generator file (.arb)": ".arb",
    "C header": ".h",
    "Picture, PNG": ".png",
    "Picture, SVG": ".svg",
    "Picture, PDF": ".pdf",
}
"""What a visitor reads, and the ending."""

MOST_SAMPLES = 2**22
"""More are not sent through a browser."""

_SAMPLED = (".wav", ".mat", ".sigmf-meta", ".i16", ".f32", ".scpi", ".arb", ".h")


def takes_a_sample_rate(ending: str) -> bool:
    """Whether a format holds samples, at a rate that may be chosen."""
    return ending in _SAMPLED


def download_of(design: Design, ending: str, sample_rate: float | None = None) -> tuple[str, bytes]:
    """Name and content of a file. What ``crestfall.files`` writes as several files comes as a ZIP of them.

    Args:
        design: What to write.
        ending: One of those in ``FORMATS``.
        sample_rate: Samples per second [Hz] where a format holds samples; by default what the format chooses.

    Raises:
        ValueError: The ending is unknown, or the format cannot hold this design at this rate.

    Example:
        >>> import crestfall as cf
        >>> download_of(cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 0.5]), ".csv")[0]
        'crestfall-2-tones.csv'
    """
    if ending not in FORMATS.values():
        raise ValueError(f"{ending!r} is no file that is offered; choose one of {', '.join(FORMATS.values())}")
    options: dict[str, Any] = {}
    if takes_a_sample_rate(ending):
        _require_few_samples(design, ending, sample_rate)
        if sample_rate is not None:
            options["sample_rate"] = sample_rate
    name = f"crestfall-{design.multisine.n}-tones{ending}"
    with tempfile.TemporaryDirectory(prefix="crestfall-") as folder:
        path = Path(folder, name)
        try:
            if ending in PICTURES:
                from crestfall.files.pictures import save_picture

                save_picture(design.plot(), path)
                return name, path.read_bytes()
            save(design, path, **options)
        except ValueError as error:
            raise ValueError(str(error).replace(f"{folder}/", "")) from None
        written = sorted(Path(folder).iterdir())  # several inputs may take a file each
        if len(written) == 1:
            return name, written[0].read_bytes()
        return f"{path.stem}.zip", _zipped(written)


def _require_few_samples(design: Design, ending: str, rate: float | None) -> None:
    """Raise a ``ValueError`` if all signals together have more samples than are sent."""
    window, channels = design.problem.window, design.problem.channels
    if rate is None:
        rate = default_sample_rate(design.multisine) if ending == ".wav" else default_rate(design)
    if window is None:
        name, seconds = "period", design.multisine.period
    else:
        name, seconds = "window", window.duration
    signals = 1 if channels is None else channels.count * channels.experiments
    if rate * seconds * signals > MOST_SAMPLES:
        raise ValueError(
            f"sample rate {rate:.9g} Hz over a {name} of {seconds:.6g} s makes more than {MOST_SAMPLES} samples; "
            "give a lower one, or save JSON and use the command line"
        )


def _zipped(paths: list[Path]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.writestr(path.name, path.read_bytes())
    return packed.getvalue()


assert {ending for ending in FORMATS.values() if ending not in PICTURES} <= set(WRITABLE)

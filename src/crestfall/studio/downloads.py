"""Exports: every file that crestfall writes, as bytes under a name."""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crestfall.design.any_phases import with_any_phases
from crestfall.design.design import Design
from crestfall.design.length import Length
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files import WRITABLE, length_of_file, options_of_format, save, save_bands
from crestfall.files.endings import PICTURES
from crestfall.problem.problem import Problem
from crestfall.problem.readable import readable
from crestfall.studio.draft import span_of
from crestfall.studio.playback_form import file_options_from, in_fields

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
    "Text, one column": ".txt",
    "Text, one column (.dat)": ".dat",
    "SPICE PWL source": ".pwl",
    "NumPy samples": ".npy",
    "FLAC, 24 bits": ".flac",
    "HDF5": ".h5",
    "TDMS (NI)": ".tdms",
    "Xilinx memory (.coe)": ".coe",
    "Intel memory (.mif)": ".mif",
    "Rigol generator (.csv)": "_rigol.csv",
    "Siglent generator (.csv)": "_siglent.csv",
    "R&S generator (.wv)": ".wv",
    "JSON to play, with checksum": ".play.json",
    "Picture, PNG": ".png",
    "Picture, SVG": ".svg",
    "Picture, PDF": ".pdf",
}
"""What a visitor reads, and the ending."""

MOST_SAMPLES = 2**22
"""More are not sent through a browser."""


def download_of(
    design: Design, ending: str, playback: Playback | None = None, options: Mapping[str, str] | None = None
) -> tuple[str, bytes]:
    """Name and content of a file. What ``crestfall.files`` writes as several files comes as a ZIP of them.

    Args:
        design: What to write.
        ending: One of those in ``FORMATS``.
        playback: What is played where a format holds samples; by default what the format chooses.
        options: What the fields about single formats show (see ``playback_form.file_options_from``).

    Raises:
        ValueError: The ending is unknown, or the format cannot hold this design so. The message has the words of the
            page.

    Example:
        >>> import crestfall as cf
        >>> download_of(cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 0.5]), ".csv")[0]
        'crestfall-2-tones-1-to-2-Hz.csv'
    """
    if ending not in FORMATS.values():
        raise ValueError(f"{ending!r} is not a file that can be saved; choose one of {', '.join(FORMATS.values())}")
    name = f"{name_of(design)}{ending}"
    with tempfile.TemporaryDirectory(prefix="crestfall-") as folder:
        path = Path(folder, name)
        try:
            if ending in PICTURES:
                from crestfall.files.pictures import save_picture

                save_picture(design.plot(), path)
                return name, path.read_bytes()
            own = file_options_from(options or {}, options_of_format(path))
            sampled = _require_few_samples(design, path, playback, own)
            save(design, path, playback if sampled else None, **own)
        except (ValueError, ImportError) as error:
            raise ValueError(in_fields(str(error).replace(f"{folder}{os.sep}", ""))) from None
        written = sorted(Path(folder).iterdir())  # several inputs may take a file each
        if len(written) == 1:
            return name, written[0].read_bytes()
        return f"{path.stem}.zip", _zipped(written)


def download_of_bands(
    designs: Sequence[Design],
    ending: str,
    playbacks: Sequence[Playback | None],
    options: Mapping[str, str] | None = None,
) -> tuple[str, bytes]:
    """A ZIP of the files of several bands and of the manifest that ties them together; else as ``download_of``.

    Example:
        >>> import crestfall as cf
        >>> bands = [cf.Design.of(cf.Multisine([f, 2 * f]), [0.0, 0.5]) for f in (1.0, 10.0)]
        >>> name, data = download_of_bands(bands, ".csv", [None, None])
        >>> name, zipfile.ZipFile(io.BytesIO(data)).namelist()
        ('crestfall-2-bands.zip', ['crestfall.bands.json', 'crestfall_band1.csv', 'crestfall_band2.csv'])
    """
    if ending in PICTURES:
        raise ValueError("pictures are made of one band; choose another file, or save the band under Designs")
    with tempfile.TemporaryDirectory(prefix="crestfall-") as folder:
        path = Path(folder, f"crestfall{ending}")
        try:
            own = file_options_from(options or {}, options_of_format(path))
            for design, playback in zip(designs, playbacks, strict=True):
                _require_few_samples(design, path, playback, own)
            save_bands(designs, [path], playbacks, options={str(path): own})
        except (ValueError, ImportError) as error:
            raise ValueError(in_fields(str(error).replace(f"{folder}{os.sep}", ""))) from None
        return f"crestfall-{len(designs)}-bands.zip", _zipped(sorted(Path(folder).iterdir()))


def require_playable(
    problems: Sequence[Problem],
    ending: str,
    playbacks: Sequence[Playback | None],
    options: Mapping[str, str] | None = None,
) -> None:
    """Raise the ``ValueError`` that saving any designs of these problems would raise about rate and length.

    Args:
        problems: One, or one for each band.
        ending: As for ``download_of``.
        playbacks: What is played of each.
        options: As for ``download_of``.

    Example:
        >>> import crestfall as cf
        >>> require_playable([cf.Problem(cf.Multisine([10.0, 20.0]))], ".f32", [cf.Playback(rate=64.0, periods=1)])
        Traceback (most recent call last):
        ValueError: Periods, or seconds is 1, which is not a whole number of samples at 64 Hz; 5 periods are 32 samples,
        so give a multiple of 5
    """
    if ending in PICTURES:
        return
    path = Path(f"crestfall{ending}")
    try:
        own = file_options_from(options or {}, options_of_format(path))
        for problem, playback in zip(problems, playbacks, strict=True):
            _require_few_samples(with_any_phases(problem), path, playback, own)
    except (ValueError, ImportError) as error:
        raise ValueError(in_fields(str(error))) from None


def name_of(design: Design) -> str:
    """A file's name without its ending, which says what is inside.

    Example:
        >>> import crestfall as cf
        >>> name_of(cf.Design.of(cf.Multisine([2.5, 77.5]), [0.0, 0.5]))
        'crestfall-2-tones-2_5-to-77_5-Hz'
    """
    ms = design.own_tones
    low, high = float(min(ms.frequencies)), float(max(ms.frequencies))
    span = readable(low, "Hz", 6) if low == high else span_of(low, high, "Hz")
    plain = re.sub(r"[^A-Za-z0-9-]", "_", span.replace(" ", "-").replace("µ", "u"))
    return f"crestfall-{ms.n}-tone{'s' * (ms.n > 1)}-{plain}"


def _require_few_samples(design: Design, path: Path, playback: Playback | None, options: Mapping[str, Any]) -> bool:
    """Raise a ``ValueError`` if all signals together have more samples than are sent; whether there are samples."""
    length = length_of_file(design, path, playback, **options)
    if length is None:
        return False
    channels = design.problem.channels
    signals = 1 if channels is None else channels.count * channels.experiments
    if length.samples * signals > MOST_SAMPLES:
        asked = _length_asked_for(design, length, playback or AS_DESIGNED)
        raise ValueError(
            f"{asked} makes more than {MOST_SAMPLES} samples; give a lower one, or save JSON and use crestfall convert"
        )
    return True


def _length_asked_for(design: Design, length: Length, playback: Playback) -> str:
    """What makes a signal so long: the rate, unless only other fields say something about it."""
    rate = readable(length.rate_hz, "Hz")
    over = "the window" if design.problem.window is not None else f"{length.periods} period(s)"
    if playback.rate is None and playback.samples_per_period is not None:
        return f"samples_per_period is {playback.samples_per_period}, which over {over}"
    if playback.rate is None and playback.duration is not None:
        return f"duration is {readable(playback.duration, 's')}, which at {rate}"
    if playback.rate is None and playback.periods is not None:
        return f"periods is {playback.periods}, which at {rate}"
    return f"rate is {rate}, which over {over}"


def _zipped(paths: list[Path]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.writestr(path.name, path.read_bytes())
    return packed.getvalue()


assert {ending for ending in FORMATS.values() if ending not in PICTURES} <= set(WRITABLE)

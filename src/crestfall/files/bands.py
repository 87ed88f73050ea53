"""Designs of several bands as files: one of each kind for each band, and a manifest that ties them together.

.. code-block:: json

    {"format": "crestfall-bands", "version": 1, "bands": [
      {"band": 1, "low_hz": 0.01, "high_hz": 31.6, "tones": 28, "period_s": 100.0, "crest_factor": 1.5, "status": "…",
       "files": [{"name": "wide_band1.f32", "sha256": "…", "rate_hz": 200.0, "samples": 20000, "periods": 1}],
       "design": {}}]}

``design`` is the record of ``record``, with which each band comes back bit for bit; a file that holds no samples has
no rate and no length. Names are those of files next to the manifest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.files.atomic import require_free, write_together
from crestfall.files.endings import split_ending
from crestfall.files.reading import naming, path_of, read_bytes, shown
from crestfall.files.record import dumps_lines, from_record, loads, require_version, to_record

FORMAT = "crestfall-bands"
VERSION = 1
ENDING = ".bands.json"


def band_path(path: str | PathLike[str], number: int) -> Path:
    """The file of one band, counted from 1.

    Example:
        >>> band_path("out/wide.wav", 2).name, band_path("wide_rigol.csv", 1).name
        ('wide_band2.wav', 'wide_band1_rigol.csv')
    """
    path = path_of(path)
    stem, ending = split_ending(path.name)
    return path.with_name(f"{stem}_band{number}{ending}")


def manifest_path(path: str | PathLike[str]) -> Path:
    """The manifest next to the files of this name.

    Example:
        >>> manifest_path("out/wide.wav").name
        'wide.bands.json'
    """
    path = path_of(path)
    return path.with_name(f"{split_ending(path.name)[0]}{ENDING}")


def save_bands(
    designs: Sequence[Design],
    paths: Sequence[str | PathLike[str]],
    playbacks: Playback | Sequence[Playback | None] | None = None,
    *,
    overwrite: bool = False,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Path]:
    """Write each band to files ``NAME_band1.ENDING``, …, and a manifest ``NAME.bands.json``.

    Args:
        designs: A design for each band (see ``minimize_bands``).
        paths: Names and endings of the files; the manifest is called after the first.
        playbacks: What is played: of all bands, or of each. By default each has the rate that suits its tones.
        overwrite: Replace existing files instead of refusing.
        options: Options of formats, by path.

    Returns:
        All files that were written, the manifest last.

    Raises:
        ValueError: There are no designs or no paths, or as ``save``. Then, as with every error, no file is written.
        TypeError: It is one path, not a list.
        OSError: A file exists or cannot be written.

    Example:
        >>> import crestfall as cf, tempfile
        >>> bands = cf.split_bands(cf.Multisine([1.0, 2.0, 10.0, 20.0]), 2)
        >>> designs = cf.minimize_bands(bands, starts=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     files = save_bands(designs, [f"{folder}/wide.f32"])
        ...     again = load_bands(files[-1])
        >>> [path.name for path in files][1::2], again == designs
        (['wide_band1.f32', 'wide_band2.f32'], True)
    """
    if isinstance(paths, str | PathLike):
        raise TypeError(f"paths is {str(paths)!r}; give a list of paths, such as [{str(paths)!r}]")
    names = [str(path_of(path)) for path in paths]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"paths is {names}; give a list of one path or more, each once")
    if not designs:
        raise ValueError("designs is empty; give a design for each band, from minimize_bands")
    each = list(playbacks) if isinstance(playbacks, Sequence) else [playbacks] * len(designs)
    if len(each) != len(designs):
        raise ValueError(f"playbacks has {len(each)} values, but there are {len(designs)} bands; give one for each")
    manifest = manifest_path(paths[0])
    require_bands_free(paths, designs, overwrite=overwrite)

    def contents() -> Iterator[tuple[Path, bytes]]:
        listed: list[list[dict[str, Any]]] = [[] for _ in designs]
        for path in map(path_of, paths):
            said = (options or {}).get(str(path), {})
            for k, (design, playback) in enumerate(zip(designs, each, strict=True)):
                found, about = _encoded(design, band_path(path, k + 1), playback, said)
                listed[k] += about
                yield from found.items()
        bands = [_band(k, design, files) for k, (design, files) in enumerate(zip(designs, listed, strict=True), 1)]
        yield manifest, dumps_lines({"format": FORMAT, "version": VERSION, "bands": bands}).encode()

    return write_together(contents(), overwrite=overwrite)


def require_bands_free(
    paths: Sequence[str | PathLike[str]], designs: Sequence[Design], *, overwrite: bool = False
) -> None:
    """Raise unless all files of all bands may be written, and no two have one name: asked before any work is done.

    Args:
        paths: Names and endings of the files.
        designs: A design for each band; its phases do not matter.
        overwrite: Whether existing files are replaced.

    Raises:
        ValueError: An ending is unknown, or a file would be written twice.
        OSError: A file exists, or its path cannot be written.
    """
    from crestfall.files import paths_written

    targets = [manifest_path(paths[0])] if paths else []
    for path in paths:
        for number, design in enumerate(designs, 1):
            targets += paths_written(band_path(path, number), design)
    for target in targets:
        require_free(target, overwrite=overwrite)
        if targets.count(target) > 1:
            raise ValueError(f"two files are called {target}; give another name")


def load_bands(path: str | PathLike[str]) -> list[Design]:
    """The designs of a manifest; the files that it names are checked, as far as they are next to it.

    Raises:
        ValueError: It is not a manifest, or one of its files was changed since. The message starts with the path.
        OSError: It does not exist or cannot be read.
    """
    path = path_of(path)
    data = read_bytes(path)
    with naming(path):
        return [from_record(band["design"]) for band in _checked(path.parent, data)]


def bands_of_manifest(path: str | PathLike[str]) -> list[dict[str, Any]]:
    """The entries of a manifest as plain data, its files checked as in ``load_bands``."""
    path = path_of(path)
    data = read_bytes(path)
    with naming(path):
        return _checked(path.parent, data)


# ------------------------------------------------------------------ parts


def _encoded(
    design: Design, path: Path, playback: Playback | None, options: Mapping[str, Any]
) -> tuple[dict[Path, bytes], list[dict[str, Any]]]:
    """One file of one band with its companions, and what the manifest says of them."""
    from crestfall.files import encoded, keeps_playback, length_of_file

    length = length_of_file(design, path, playback, **options)
    found = encoded(design, path, playback if length is not None or keeps_playback(path) else None, **options)
    known = {} if length is None else {"rate_hz": length.rate_hz, "samples": length.samples, "periods": length.periods}
    return found, [
        {"name": one.name, "sha256": hashlib.sha256(data).hexdigest(), **known} for one, data in found.items()
    ]


def _band(number: int, design: Design, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ms = design.multisine
    record = to_record(design)
    return {
        "band": number,
        "low_hz": float(min(ms.frequencies)),
        "high_hz": float(max(ms.frequencies)),
        "tones": ms.n,
        "period_s": ms.period if ms.has_period else None,
        "peak": record["design"]["peak"],
        "crest_factor": record["design"]["crest_factor"],
        "status": design.status,
        "files": list(files),
        "design": record,
    }


def _checked(folder: Path, data: bytes) -> list[dict[str, Any]]:
    record = loads(data)
    require_version(record, FORMAT, VERSION)
    bands = record.get("bands")
    if not isinstance(bands, list) or not bands or not all(isinstance(one, dict) and "design" in one for one in bands):
        raise ValueError(f"bands is {shown(bands)}; it must be a list of bands, each with its design")
    for band in bands:
        files = band.get("files", [])
        if not isinstance(files, list) or not all(isinstance(one, dict) for one in files):
            raise ValueError(f"files is {shown(files)}; it must be a list of objects with name and sha256")
        for one in files:
            _require_unchanged(folder, str(one.get("name")), str(one.get("sha256")))
    return bands


def _require_unchanged(folder: Path, name: str, digest: str) -> None:
    if name != Path(name).name or name in ("", ".", ".."):
        raise ValueError(f"name is {shown(name)}; it must be that of a file next to the manifest")
    with suppress(FileNotFoundError):  # the manifest alone still has the designs
        found = hashlib.sha256(read_bytes(folder / name)).hexdigest()
        if found != digest.lower():
            raise ValueError(
                f"{name} was changed after it was written: its SHA-256 begins with {found[:12]}, but the manifest says "
                f"{digest[:12]}; design or convert it again"
            )

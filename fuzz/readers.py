"""Every reader of the package, as a function of a file, with valid files to begin from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np

import crestfall as cf
from crestfall.atlas.entry import from_lines
from crestfall.atlas.proofs import proofs
from crestfall.atlas.store.database import Store
from crestfall.atlas.store.improvement import Improvement
from crestfall.atlas.store.stored_tones import StoredTones
from crestfall.certainty.proof import ProofState, prove
from crestfall.cli.parsing import duration
from crestfall.files import load_bands, problem_to_text, read_problem, save_bands
from crestfall.files.bound_proofs import decode, encode, load_proof
from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.play_json import canonical
from crestfall.files.proof_states import load_state, save_state
from crestfall.files.reading import refusing
from crestfall.files.tones import read_tones
from crestfall.files.waveforms import read_waveform
from crestfall.problem.quantities import quantity
from crestfall.studio.draft import Draft
from crestfall.studio.field_specs import MORE_SAVE, SAVE
from crestfall.studio.limits import Limits
from crestfall.studio.playback_form import playback_from
from crestfall.studio.problem_form import with_goal, with_harmonics, with_offset, with_shapes
from crestfall.studio.problem_in_address import packed, unpacked
from crestfall.studio.search_form import effort_from
from crestfall.studio.tone_details import DETAILS, with_details, with_lines

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Reader:
    """One reader.

    Attributes:
        name: What it is called in the record.
        ending: Ending of the file that it is given.
        read: Reads the file.
        seeds: Makes valid files.
        names_the_path: Whether its errors begin with the path; readers of bare text have none to name.
    """

    name: str
    ending: str
    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]
    names_the_path: bool = True


def _designs() -> list[cf.Design]:
    real = cf.Multisine.harmonics([1, 3, 4, 9], fundamental=100.0, amplitudes=[1.0, 0.5, 2.0, 0.1])
    complex_ = cf.Multisine.harmonics([-3, 0, 1, 4], fundamental=250.0, complex=True, initial_phases=[0, 1, 2, 3])
    history = ((0.1, 1.9), (0.2, 1.8))
    provenance = cf.Provenance("a seed", seed=7, starts=3, seconds=0.25, history=history)
    outputs = [cf.Output(limit=10.0, name="voltage"), cf.slew_rate(2000.0)]
    return [
        cf.Design.of(
            cf.Problem(real, over=cf.Samples(64)),
            [0.1, -2.0, 3.0, 40.0],
            status="as given — ≤ 5 %",
            provenance=provenance,
        ),
        cf.Design.of(complex_, np.array([0.0, 1.0, 2.0, 3.0])),
        cf.minimize_peak(real, starts=1, outputs=outputs, constraints=[cf.Hold({0: 0.5}), cf.Link([1, 2])]),
        cf.minimize_peak(real, starts=1, tolerance_db=0.5, extra=cf.ExtraTones([1000.0], largest=0.3)),
    ]


def _saved(ending: str, **options: object) -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}{ending}") for number in range(4)]
        for design, file in zip(_designs(), files, strict=True):
            design.save(file, **options)
        return [file.read_bytes() for file in files]


def _wav() -> list[bytes]:
    foreign = [
        _wave_file(tag, bits) for tag, bits in ((1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (6, 8), (7, 8))
    ]
    return _saved(".wav", subtype=16) + _saved(".wav") + foreign


def _wave_file(tag: int, bits: int) -> bytes:
    """A foreign file of 64 samples: integers, floats, A-law, µ-law."""
    from crestfall.files.riff import WavBytes, pack

    rng = np.random.default_rng(bits)
    data = rng.uniform(-1, 1, 64).astype(f"<f{bits // 8}").tobytes() if tag == 3 else rng.bytes(64 * bits // 8)
    return pack(WavBytes(tag, 1, 6400, bits, data, "made by hand"))


def _npz() -> list[bytes]:
    return [*_saved(".npz"), _npz_of(frequencies_hz=np.array([1.0, 2.0]), amplitudes=np.array(0.5))]


def _npz_of(**arrays: np.ndarray) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _npy() -> list[bytes]:
    from io import BytesIO

    found = []
    for values in (np.array([1.0, 2.0, 3.0]), np.array([[1.0, 0.5], [2.0, 1.0]])):
        buffer = BytesIO()
        np.save(buffer, values)
        found.append(buffer.getvalue())
    return found


def _xlsx() -> list[bytes]:
    from io import BytesIO

    import openpyxl

    workbook = openpyxl.Workbook()
    for row in (("f / kHz", "U [mV]"), (1, 5), (2.5, 10), (4, 5)):
        workbook.active.append(row)
    buffer = BytesIO()
    workbook.save(buffer)
    return [buffer.getvalue()]


def _mat() -> list[bytes]:
    import scipy.io

    seeds = _saved(".mat")
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/a.mat"
        for packed in (False, True):
            tones = {"frequencies_hz": [10, 20, 30], "amplitudes": 0.5, "phases_rad": [0.0, 1.0, 2.0], "complex": True}
            scipy.io.savemat(file, tones, do_compression=packed)
            seeds.append(Path(file).read_bytes())
    return seeds


def _proofs() -> list[bytes]:
    return [encode(proofs()[key]) for key in (("real", 12), ("real", 31), ("odd", 8))]


def _box_proofs() -> list[bytes]:
    return [encode(proofs()[key]) for key in (("real", 2), ("real", 4), ("complex", 5))]


def _proof_contents(files: Callable[[], list[bytes]]) -> list[bytes]:
    return [json.dumps(json.loads(file)["content"]).encode() for file in files()]


def _checked(text: str, file_format: bytes) -> bool:
    """Whether a proof of any content, with the right checksum, proves something."""
    try:
        content = canonical(json.loads(text))
    except (RecursionError, ValueError):
        raise ValueError("no content") from None
    data = b'{"content":%s,"format":"%s","sha256":"%s","version":1}'
    with refusing():
        return decode(data % (content, file_format, sha256(content).hexdigest().encode())).is_valid()


def _checkpoints() -> list[bytes]:
    states: list[ProofState] = []
    prove(cf.Multisine.harmonics(range(1, 8)), stop=lambda: len(states) > 1, keep=states.append)
    with tempfile.TemporaryDirectory() as folder:
        save_state(states[-1], Path(folder) / "state.npz")
        return [(Path(folder) / "state.npz").read_bytes()]


def _of_every_kind() -> list[cf.Design]:
    """Designs that ``_designs`` leaves out: of a fixed waveform, moved lines, shapes, an alphabet, delays."""
    tones = cf.Multisine.harmonics([1, 3, 4, 9], 100.0)
    fixed = cf.FixedWaveform(cf.Multisine([200.0], initial_phases=[0.5]), -0.25)
    lines = cf.MovableLines(percent=5.0, raster=50.0, excluded=[150.0], around=[100.0, 300.0, 400.0, 900.0])
    shapes = cf.Shapes([cf.Pulse("5/12", 4.0), cf.Triangle(2.0, repeats=2)], 50.0, steps=24)
    delays = cf.Delays([[0, 1], [2, 3]], [0.0, 1.0, 2.0, 3.0])
    low_pass = cf.Output([1.0, 0.5j, 0.4, 0.1], limit=2.0, name="current", channel="x")
    problems = [
        cf.Problem(tones, fixed=fixed, measure="one-sided"),
        cf.Problem(tones, lines=lines, over=cf.Window(0.0, 0.05)),
        cf.Problem(tones, phases=[cf.Alphabet(4), cf.Hold({0: 0.0})], over=cf.Samples(rate=48_000.0)),
        cf.Problem(tones, phases=[delays], measure="range"),
        cf.Problem(tones, channels=cf.Orthogonal(["x", "y"], limits=[1.0, 2.0]), outputs=[low_pass]),
    ]
    rng = np.random.default_rng(0)
    found = [cf.minimize_peak(problem, starts=1, seed=0, use_atlas=False) for problem in problems[2:4]]
    found += [cf.Design.of(problem, rng.uniform(0, 6, problem.tones.n)) for problem in (problems[1], problems[4])]
    fixed_phases = np.append(rng.uniform(0, 6, 4), [0.5, np.pi])
    return [*found, cf.Design.of(problems[0], fixed_phases), cf.minimize_peak(shapes.problem(), starts=1)]


def _saved_kinds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        for number, design in enumerate(_of_every_kind()):
            design.save(f"{folder}/{number}.json")
        return [path.read_bytes() for path in sorted(Path(folder).iterdir())]


def _texts_of_kinds() -> list[bytes]:
    return [problem_to_text(design.problem).encode() for design in _of_every_kind()]


def _bands() -> list[bytes]:
    """Manifests of bands without files, which would have to lie beside them."""
    tones = [cf.Multisine([0.01, 0.02]), cf.Multisine([100.0, 300.0])]
    designs = [cf.Design.of(ms, [0.0, 1.0]) for ms in tones]
    with tempfile.TemporaryDirectory() as folder:
        save_bands(designs, [f"{folder}/a.json"])
        manifest = json.loads(Path(folder, "a.bands.json").read_bytes())
    for band in manifest["bands"]:
        band["files"] = []
    return [json.dumps(manifest).encode()]


def _beside(ending: str, data: bytes) -> Callable[[Path], object]:
    """Reads fixed samples as the file beside them, which is damaged, describes them."""

    def read(path: Path) -> object:
        samples = path.with_suffix("" if path.suffix == ".json" else ending)
        if not samples.exists():
            samples.write_bytes(data)
        return read_waveform(path if path.suffix == ".sigmf-meta" else samples)

    return read


def _descriptions(name: str, described: str) -> list[bytes]:
    """The files that describe the bare samples of a real and a complex design."""
    with tempfile.TemporaryDirectory() as folder:
        for k, design in enumerate(_designs()[:2]):
            design.save(f"{folder}/{k}{name}", rate=8000.0)
        return [Path(folder, f"{k}{described}").read_bytes() for k in range(2)]


def _quantity(text: str) -> list[float]:
    """The quantity that a text is in each unit, with decimal commas and without."""
    found, refusal = [], ValueError("no unit")
    for unit in ("Hz", "s", "V", "A", "rad", "dB", "B", ""):
        for comma in (False, True):
            try:
                found.append(quantity(text, unit, decimal_comma=comma))
            except ValueError as error:
                refusal = error
    if not found:
        raise refusal
    return found


def _form(text: str) -> Draft:
    """The problem, the search and the playback of a page whose fields hold the lines ``name = value`` of a text."""
    limits, typed = Limits(), {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        typed[name.strip()] = value.strip()

    def value(name: str) -> str:
        return typed.get(name, "")

    if value("shapes"):
        data = with_shapes({}, value("shapes"), value("shape_frequency"), value("steps"))
    else:
        is_complex = value("signal") == "complex"
        data = with_harmonics({}, value("harmonics"), value("fundamental"), value("amplitudes"), is_complex)
        data = with_goal(data, value("measure") or "peak", value("times"), value("alphabet"))
    data = with_details(data, {name: value(name) for name in DETAILS if name in typed})
    data = with_lines(data, value("lines"), value("line_raster"))
    data = with_offset(data, value("offset"))
    effort_from({"seconds": "1", "seed": "0", "origin": "scratch"} | typed, limits)
    playback_from({name: value for name, value in typed.items() if name in _PLAYED})
    return Draft.of_data(data, limits)


_SIXTEEN = np.arange(16) / 8e3
_PLAYED = [name for spec in (*SAVE, *MORE_SAVE) for name in (spec.name, *spec.keys) if name != "offset"]
_FORMS = [
    b"harmonics = odd:9\nfundamental = 10 Hz\namplitudes = 1 0.5; 0.5 0.5 0.2\nmeasure = range\ntimes = 0:0,05 s\n"
    b"tolerance = 0.5 dB\nunit = V\nseconds = 10\nseed = 7\ntarget = 1,4\nrate = 48 kHz\nlength = 2 s\n",
    b"harmonics = third-octave:20..2000\nfundamental = 1\namplitudes = pink\nsignal = real\nexclude = mains\n"
    b"raster = 0.5\nlines = 5 %\nline_raster = 0.25 Hz\nstarts = 20\nstall = 2 s\nlevel = -1 to 3 V\nbits = 14\n",
    b"shapes = pulse:5/12:4; triangle:2\nshape_frequency = 100 kHz\nsteps = 120\noffset = -1.5 V\nfade_in = 50 ms\n",
    b"harmonics = 1:8\nfundamental = 0.1 s\nalphabet = 4\ntimes = 64 samples\nsignal = complex\nmeasure = components\n",
]
_QUANTITIES = [
    b"1.5 MHz",
    b"1/60 Hz",
    b"90 deg",
    b"0,5 kHz",
    b"10'000.5",
    "\N{MINUS SIGN}3 dB".encode(),
    b"2 GiB",
    b"5 %",
    b"1.500,25 uV",
]


def _examples(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "examples").glob(pattern))]


_TONES_TOML = b"""complex = false
[[tone]]
frequency_hz = 100.0
amplitude = 1.0
phase_rad = 0.5
[[tone]]
frequency_hz = 1.5e2
phase_rad = -0.5
"""
_LISTS_TOML = b"frequencies_hz = [10, 20.5]\namplitudes = 0.5\nphases_rad = [1, -2]\n"
_TABS = b"f / kHz\tU [mV]\n0,5\t5\n1.000,5\t2,5\n"
_TONE_LIST = b"frequency_MHz, amplitude_dB, phase_deg  # as on the screen\n100.0, 0, 0\n101.5, -3, 90\n"
_BLANKS = b"freq [kHz]\tlevel (mV)\n1\t2\n3\t4\n"
_TONES_JSON = b'{"frequencies_hz": [10, 20.5], "amplitudes": [1, 0.5], "phases_rad": [0, 1], "complex": true}'
_TONE_JSON = b'{"tone": [{"frequency_hz": 10}, {"frequency_hz": 20, "amplitude": 2}]}'


def _window() -> list[bytes]:
    """A design in a window, as it is saved today and as version 1 saved it."""
    problem = cf.Problem(cf.Multisine([1.0, 2**0.5, 3**0.5]), over=cf.Window(0.0, 5.0))
    with tempfile.TemporaryDirectory() as folder:
        cf.Design.of(problem, [0.0, 1.0, 2.0]).save(f"{folder}/a.json")
        return [Path(folder, "a.json").read_bytes(), *_version_1("window.json")]


def _sets(ending: str) -> list[bytes]:
    """Designs of several inputs, as they are saved today and as version 1 saved them."""
    tones = cf.Multisine.harmonics([1, 3, 4, 9], 100.0, [1.0, 0.5, 2.0, 0.1])
    inputs = [cf.Multisine([200.0, 400.0]), cf.Multisine([300.0, 900.0, 1500.0], [1.0, 0.5, 0.2])]
    orthogonal = cf.Orthogonal(["x", "y"], "dft", "own", limits=[1.0, 2.0])
    designs = [
        cf.Design.of(cf.Problem(tones, channels=orthogonal), np.arange(8.0).reshape(2, 4)),
        cf.Design.of(
            cf.Problem.interleaved(inputs, names=["left", "right"], measure="range"), [0.1, 0.2, 0.3, 0.4, 0.5]
        ),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for number, each in enumerate(designs):
            each.save(f"{folder}/{number}{ending}")
        today = [Path(folder, f"{number}{ending}").read_bytes() for number in range(2)]
    return today + _version_1(f"own{ending}", f"interleaved{ending}")


def _version_1(*names: str) -> list[bytes]:
    return [(ROOT / "tests" / "files" / "version_1" / name).read_bytes() for name in names]


def _samples(ending: str) -> list[bytes]:
    """Samples of a real and a complex design."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for k, design in enumerate(_designs()[:2]):
            try:
                design.save(f"{folder}/{k}{ending}", rate=8000.0)
            except ValueError:  # real ones only
                continue
            found += [path.read_bytes() for path in sorted(Path(folder).glob(f"{k}*{ending}"))]
        return found


_SCOPE = b"Record Length,4\nSample Interval,0.5 ms\n\nsecond,Volt\n0,1\n0.0005,-1\n0.001,1\n0.0015,-1\n"
_RATE = b"# sampling rate: 8 kHz\n0,5\t1\n-0,5\t1\n0,5\t2\n"


def _store() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(f"{folder}/a.sqlite") as store:
            for ms in (cf.Multisine([100.0, 200.0]), cf.Multisine([1.0, 2.0, 5.0], [1, 0.5, 1], complex=True)):
                tones = StoredTones(ms)
                store.add(tones, Improvement.measured(tones, np.arange(ms.n), cf.Provenance("by hand")))
        return [Path(folder, "a.sqlite").read_bytes()]


def _read_store(path: Path) -> None:
    with Store.read(path) as store:
        store.damage()
        for tones in store.problems([]):
            for improvement in store.history(tones):
                with suppress(ValueError):  # its own, about the design and not about the file
                    improvement.verify(tones)
        store.spent()
        store.counts()


def _atlas() -> list[bytes]:
    lines = (ROOT / "src/crestfall/atlas/designs.jsonl").read_bytes().splitlines(keepends=True)
    return [b"".join(lines[:3]), lines[70]]


def _of_text(parse: Callable[[str], object]) -> Callable[[Path], object]:
    return lambda path: parse(path.read_bytes().decode("utf-8", errors="replace"))


def _drafted(text: str) -> Draft:
    return Draft.of_text(text, Limits())


def _linked(packet: str) -> Draft:
    return _drafted(unpacked(packet, Limits()))


def _links() -> list[bytes]:
    packets = [packed(text.decode()) for text in _examples("*.toml")]
    return [packet.encode() for packet in packets if packet is not None]


_WORDS = [
    b"1:31",
    b"1:2:63",
    b"1,3,7:11",
    b"odd:63",
    b"random-odd:127:4:7",
    b"log:1:1000:20",
    b"intermodulation-free:12",
]

READERS = [
    Reader("CSV design", ".csv", cf.load, lambda: _saved(".csv")),
    Reader("CSV tones", ".csv", read_tones, lambda: _saved(".csv") + _examples("*.csv")),
    Reader("JSON design", ".json", cf.load, lambda: _saved(".json")),
    Reader("JSON tones", ".json", read_tones, lambda: [*_saved(".json"), _TONES_JSON, _TONE_JSON]),
    Reader("JSON window", ".json", cf.load, _window),
    Reader("JSON set", ".json", cf.load, lambda: _sets(".json")),
    Reader("NPZ set", ".npz", cf.load, lambda: _sets(".npz")),
    Reader("NPZ design", ".npz", cf.load, _npz),
    Reader("NPZ tones", ".npz", read_tones, _npz),
    Reader("MAT design", ".mat", cf.load, _mat),
    Reader("MAT tones", ".mat", read_tones, _mat),
    Reader("WAV design", ".wav", cf.load, _wav),
    Reader("WAV tones", ".wav", read_tones, _wav),
    Reader("TOML tones", ".toml", read_tones, lambda: [_TONES_TOML, _LISTS_TOML]),
    Reader("TOML problem", ".toml", read_problem, lambda: _examples("*.toml")),
    Reader("tone list", ".txt", read_tones, lambda: [_TONE_LIST, _BLANKS]),
    Reader("tone list with tabs", ".tsv", read_tones, lambda: [_TABS]),
    Reader("NPY tones", ".npy", read_tones, _npy),
    Reader("XLSX tones", ".xlsx", read_tones, _xlsx),
    Reader("play JSON design", ".play.json", cf.load, lambda: _saved(".play.json", beyond_limits=True)),
    Reader("play JSON tones", ".play.json", read_tones, lambda: _saved(".play.json", beyond_limits=True)),
    Reader("SQLite store", ".sqlite", _read_store, _store),
    Reader("atlas lines", ".jsonl", _of_text(from_lines), _atlas, names_the_path=False),
    Reader("proof", ".json", load_proof, lambda: _proofs() + _box_proofs()),
    *(
        Reader(
            name,
            ".json",
            _of_text(partial(_checked, file_format=file_format)),
            partial(_proof_contents, seeds),
            names_the_path=False,
        )
        for name, file_format, seeds in (
            ("proof content", b"crestfall-bound", _proofs),
            ("box proof content", b"crestfall-boxes", _box_proofs),
        )
    ),
    Reader("checkpoint", ".npz", load_state, _checkpoints),
    Reader("samples text", ".csv", read_waveform, lambda: [*_samples(".txt"), _SCOPE, _RATE]),
    *(
        Reader(f"samples {ending}", ending, read_waveform, partial(_samples, ending))
        for ending in (".wav", ".flac", ".npy", ".mat", ".tdms", ".wv", ".arb", ".h", ".coe", ".mif", ".pwl")
    ),
    Reader("harmonics text", ".txt", _of_text(parse_harmonics), lambda: _WORDS, names_the_path=False),
    Reader("duration text", ".txt", _of_text(duration), lambda: [b"10s", b"1.5min", b"8h"], names_the_path=False),
    Reader("studio text", ".toml", _of_text(_drafted), lambda: _examples("*.toml"), names_the_path=False),
    Reader("JSON problem", ".json", read_problem, _saved_kinds),
    Reader("JSON design of every kind", ".json", cf.load, _saved_kinds),
    Reader("TOML problem of every kind", ".toml", read_problem, _texts_of_kinds),
    Reader("bands", ".bands.json", load_bands, _bands),
    Reader(
        "samples .npz",
        ".npz",
        read_waveform,
        lambda: [_npz_of(x=np.cos(_SIXTEEN), fs=np.array(8e3)), _npz_of(t=_SIXTEEN, u=_SIXTEEN)],
    ),
    Reader(
        "description of samples",
        ".i16.json",
        _beside(".i16", bytes(range(128))),
        partial(_descriptions, ".i16", ".i16.json"),
        names_the_path=False,
    ),
    Reader(
        "SigMF description",
        ".sigmf-meta",
        _beside(".sigmf-data", bytes(256)),
        partial(_descriptions, ".sigmf-meta", ".sigmf-meta"),
        names_the_path=False,
    ),
    Reader("quantity", ".txt", _of_text(_quantity), lambda: _QUANTITIES, names_the_path=False),
    Reader("studio form", ".txt", _of_text(_form), lambda: _FORMS, names_the_path=False),
    Reader("studio link", ".txt", _of_text(_linked), _links, names_the_path=False),
]
"""Everything that takes a file or a text from outside, except ``.h5``: damaged ones can make HDF5's library hang."""


def reader(name: str) -> Reader:
    """The reader of this name."""
    return next(each for each in READERS if each.name == name)


def json_of(data: bytes) -> object:
    """A JSON text as data, or ``None``."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None

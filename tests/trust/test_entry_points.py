"""Every argument of every public name, given values of other types: what is plain is taken, the rest is one line."""

import inspect
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch

import crestfall as cf
from crestfall.atlas.proofs import proofs
from crestfall.search.strategy import Strategy
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.noted import with_notes

MS = cf.Multisine.harmonics([1, 2, 3], fundamental=10.0)
PROOF = cf.prove_bound(MS, effort=60.0)
BOXES = proofs()["real", 3]
DESIGN = cf.Design.of(MS, [0.0, 0.0, 3.0])


class Wordless:
    def __repr__(self):
        raise RuntimeError("no words")


NUMBERS = {
    "fraction": Fraction(96000, 2),
    "decimal": Decimal(48000),
    "NumPy integer": np.int64(48000),
    "single": np.float32(48000),
    "array without dimensions": np.array(48000.0),
    "tensor without dimensions": torch.tensor(48000.0),
    "list of one": [48000.0],
    "array of one": np.array([48000.0]),
    "Series of one": pd.Series([48000.0]),
    "no number": float("nan"),
    "complex": 1j,
    "truth": True,
    "text": "loud",
    "other unit": "5 K",
    "nothing": None,
    "object": object(),
    "huge": 10**5000,
    "huge fraction": Fraction(10**5000, 3),
    "no words": Wordless(),
}
INTEGERS = NUMBERS | {
    "fraction": Fraction(4),
    "whole": 4.0,
    "array without dimensions": np.array(4),
    "tensor without dimensions": torch.tensor(4),
    "part": 4.5,
    "generator": np.random.default_rng(0),
}
LISTS = {
    "one number": 1.0,
    "array without dimensions": np.array(1.0),
    "range": range(1, 4),
    "set": {1, 2, 3},
    "row": np.array([[1, 2, 3]]),
    "Series": pd.Series([1, 2, 3], index=[5, 6, 7]),
    "table": pd.DataFrame({"a": [1, 2, 3]}),
    "tensor": torch.tensor([1.0, 2.0, 3.0]),
    "tensor with history": torch.tensor([1.0, 2.0, 3.0], requires_grad=True),
    "generator": (float(k) for k in range(1, 4)),
    "fractions": [Fraction(1), Fraction(2), Fraction(3)],
    "text": "abc",
    "quantities": ["10 Hz", "20 Hz", "30 Hz"],
    "mapping": {"a": 1},
    "gap": [1, 2, None],
    "complex": [1 + 2j, 2, 3],
    "nothing": None,
    "object": object(),
    "empty": [],
}
WORDS = {"nothing": None, "number": 1, "bytes": b"x", "list": ["x"], "unknown": "x"}
FLAGS = {"number": 1, "text": "no", "nothing": None, "array": np.array(True)}
OBJECTS = {
    "nothing": None,
    "numbers": [1, 2, 3],
    "array": np.array([1.0, 2.0]),
    "Series": pd.Series([1, 2, 3]),
    "tensor": torch.tensor([1.0, 2.0]),
    "text": "abc",
    "mapping": {"a": 1},
    "class": cf.Multisine,
    "tones": MS,
    "problem": cf.Problem(MS),
    "design": DESIGN,
    "output": cf.Output(),
    "constraint": cf.Hold({0: 1.0}),
    "number": 5,
}

ABOUT_TONES = {"ms": OBJECTS, "phases": LISTS}
EFFORT = {
    **dict.fromkeys(("starts", "workers", "seed"), INTEGERS),
    **dict.fromkeys(("time_limit", "target", "stall_limit", "max_memory", "bound_time"), NUMBERS),
    **dict.fromkeys(("use_atlas", "closed_forms", "prove"), FLAGS),
}
PLAYBACK = {
    **dict.fromkeys(("rate", "duration", "full_scale", "offset", "fade_in", "fade_out", "lead", "trail"), NUMBERS),
    **dict.fromkeys(("samples_per_period", "periods", "multiple_of", "bits"), INTEGERS),
    **dict.fromkeys(("signed", "big_endian", "q_first", "compensate_hold", "seam", "beyond_limits"), FLAGS),
    "level": NUMBERS | WORDS,
}
PROBLEM = {
    "multisine": OBJECTS,
    "tolerance_db": LISTS,
    "measure": WORDS,
    "start_at_zero": FLAGS,
    "unit": WORDS,
    **dict.fromkeys(("over", "outputs", "phases", "extra", "channels", "lines", "fixed"), OBJECTS),
}
TABLE = [
    (cf.Alphabet, {}, {"levels": INTEGERS}),
    (cf.Delays, {"groups": [[0, 1]]}, {"groups": LISTS | OBJECTS, "phases": LISTS, "steps": INTEGERS}),
    (cf.Effort, {}, EFFORT),
    (cf.ExtraTones, {"frequencies": [1, 2, 3]}, {"frequencies": LISTS, "largest": LISTS}),
    (cf.FixedWaveform, {}, {"tones": OBJECTS, "offset": NUMBERS}),
    (cf.FixedWaveform.of_samples, {"samples": [1, 0, -1, 0]}, {"sample_rate": NUMBERS, "period": NUMBERS}),
    (cf.Hold, {}, {"phases": OBJECTS}),
    (cf.Interleaved, {"inputs": 3}, {"inputs": INTEGERS, "limits": LISTS, "names": WORDS}),
    (cf.Link, {"tones": (0, 1, 2)}, {"tones": LISTS, "offsets": LISTS}),
    (cf.Minimax, {}, {"strategy": OBJECTS}),
    (Strategy, {}, {"perturbations": OBJECTS, "pool_size": INTEGERS, "patience": INTEGERS}),
    (DESIGN.quantize, {"bits": 16, "sample_rate": 1000}, {"bits": INTEGERS, "full_scale": NUMBERS}),
    (cf.MovableLines, {}, {"steps": INTEGERS, "hz": NUMBERS, "percent": NUMBERS}),
    (cf.MovableLines, {"steps": 1}, {"raster": NUMBERS, "excluded": LISTS, "around": LISTS}),
    (cf.Multisine, {"frequencies": [1, 2, 3]}, {"frequencies": LISTS, "amplitudes": LISTS, "initial_phases": LISTS}),
    (cf.Multisine, {"frequencies": [1, 2, 3]}, {"complex": FLAGS}),
    (cf.Multisine.harmonics, {"numbers": [1, 2, 3]}, {"numbers": LISTS, "fundamental": NUMBERS, "amplitudes": LISTS}),
    (cf.Multisine.from_table, {}, {"table": LISTS}),
    (cf.Multisine.from_waveform, {"samples": [1.0, -2.0, 1.0]}, {"sample_rate": NUMBERS}),
    (cf.Multisine.from_waveform, {"samples": [1, -2, 1], "sample_rate": 3}, {"drop_below_db": NUMBERS}),
    (cf.Orthogonal, {"inputs": 2}, {"inputs": INTEGERS, "matrix": WORDS, "phases": WORDS, "limits": LISTS}),
    (cf.Orthogonal, {"inputs": 3}, {"names": WORDS, "amplitudes": LISTS, "initial_phases": LISTS}),
    (cf.Output, {}, {"limit": NUMBERS, "name": WORDS, "unit": WORDS}),
    (cf.Playback, {}, PLAYBACK),
    (cf.Problem, {"multisine": MS}, PROBLEM),
    (cf.Problem.orthogonal, {}, {"inputs": OBJECTS}),
    (cf.Problem.interleaved, {}, {"inputs": OBJECTS}),
    (cf.Pulse, {"duty": 0.5}, {"duty": NUMBERS, "amplitude": NUMBERS, "low": NUMBERS, "repeats": INTEGERS}),
    (cf.Sampled, {"values": [1, 2]}, {"values": LISTS, "repeats": INTEGERS}),
    (cf.Samples, {}, {"n": INTEGERS, "rate": NUMBERS}),
    (cf.Shapes, {"shapes": [cf.Pulse(0.5)]}, {"shapes": OBJECTS, "fundamental": NUMBERS, "steps": INTEGERS}),
    (cf.Triangle, {}, {"amplitude": NUMBERS, "rise": NUMBERS, "repeats": INTEGERS}),
    (cf.Window, {"start": 0.0, "duration": 1.0}, {"start": NUMBERS, "duration": NUMBERS}),
    (cf.Design.of, {"problem": MS, "phases": [0, 0, 0]}, {"problem": OBJECTS, "phases": LISTS, "multisine": OBJECTS}),
    (cf.Design.of, {"problem": MS, "phases": [0, 0, 0]}, {"proven_peak_bound": NUMBERS}),
    (DESIGN.waveform, {"sample_rate": 1000}, {"sample_rate": NUMBERS, "periods": INTEGERS, "peak": NUMBERS}),
    (cf.Move.between, {"begin": DESIGN, "end": DESIGN, "duration": 0.1, "tries": 1}, {"seed": INTEGERS}),
    (cf.Move.between, {"begin": DESIGN, "end": DESIGN, "tries": 1}, {"duration": FLAGS}),
    (cf.integral, {"limit": 1.0}, {"limit": NUMBERS, "name": WORDS}),
    (cf.slew_rate, {"limit": 1.0}, {"limit": NUMBERS, "name": WORDS}),
    *((each, {"ms": MS, "phases": [0, 0, 0]}, ABOUT_TONES) for each in (cf.crest_factor, cf.papr_db, cf.true_peak)),
    *((each, {"ms": MS, "phases": [0, 0, 0]}, ABOUT_TONES) for each in (cf.peak_interval, cf.rms)),
    (cf.relative_peak_factor, {"ms": MS, "phases": [0, 0, 0]}, ABOUT_TONES),
    (cf.sample_peak, {"ms": MS, "phases": [0, 0, 0]}, {"sample_rate": NUMBERS, "n_points": INTEGERS}),
    *((each, {}, {"ms": OBJECTS}) for each in (cf.equally_spaced, cf.newman, cf.rudin_shapiro, cf.schroeder)),
    *((each, {}, {"ms": OBJECTS}) for each in (cf.zero_phases, cf.lower_bound, cf.peak_lower_bound)),
    *((each.check, {}, {"ms": OBJECTS}) for each in (PROOF, BOXES)),
    (cf.prove_bound, {"ms": MS, "effort": 1e-9}, {"ms": OBJECTS, "effort": FLAGS}),
    (cf.prove_in_boxes, {"ms": MS, "peak": 1.9}, {"ms": OBJECTS, "peak": NUMBERS}),
    (cf.random_phases, {"ms": MS}, {"ms": OBJECTS, "seed": INTEGERS}),
    (cf.split_bands, {"ms": MS, "bands": 2}, {"ms": OBJECTS, "bands": INTEGERS, "raster": LISTS}),
    (cf.snap, {"frequencies": [1, 2], "sample_rate": 9, "n_samples": 9}, {"frequencies": LISTS, "amplitudes": LISTS}),
    (cf.snap, {"frequencies": [1], "sample_rate": 4, "n_samples": 4}, {"sample_rate": NUMBERS, "n_samples": INTEGERS}),
    (cf.minimize_peak, {"starts": 1}, {"problem": {name: OBJECTS[name] for name in OBJECTS if name != "design"}}),
    (cf.minimize_peak, {"problem": MS, "starts": 1}, {"method": WORDS, "progress": WORDS, "begin": WORDS}),
    (cf.minimize_peak, {"problem": MS}, {"effort": OBJECTS}),
    (cf.minimize_bands, {"starts": 1}, {"bands": OBJECTS}),
    (cf.measure_waveform, {"samples": [1.0, -2.0, 1.0, 0.0]}, {"sample_rate": NUMBERS}),
]
GRIDS = [
    (cf.grids.deal, {"numbers": [1, 2, 3, 4], "inputs": 2}, {"numbers": LISTS, "inputs": INTEGERS}),
    (cf.grids.interleaved_runs, {"numbers": [1, 2, 3, 4], "inputs": 2}, {"numbers": LISTS, "inputs": INTEGERS}),
    (cf.grids.fractional_octaves, {"lowest": 1, "highest": 10}, {"lowest": NUMBERS, "fraction": INTEGERS}),
    (cf.grids.free_of_intermodulation, {"n": 3}, {"n": INTEGERS, "lowest": INTEGERS}),
    *((each, {}, {"highest": INTEGERS}) for each in (cf.grids.odd, cf.grids.odd_odd)),
    (cf.grids.preferred_numbers, {"lowest": 1, "highest": 10}, {"highest": NUMBERS, "series": WORDS}),
    (cf.grids.quasi_logarithmic, {"lowest": 1, "highest": 9, "n": 3}, {"lowest": INTEGERS, "n": INTEGERS}),
    *(
        (each, {"highest": 9, "group": 3}, {"highest": INTEGERS, "group": INTEGERS, "seed": INTEGERS})
        for each in (cf.grids.random_full, cf.grids.random_odd)
    ),
    (cf.grids.random_logarithmic, {"lowest": 1, "highest": 9, "n": 3}, {"highest": INTEGERS, "seed": INTEGERS}),
    (cf.grids.without_mains, {"numbers": [1, 2], "fundamental": 10}, {"numbers": LISTS, "fundamental": NUMBERS}),
    (cf.grids.without_mains, {"numbers": [1, 2], "fundamental": 10}, {"mains": NUMBERS, "guard": NUMBERS}),
    (cf.grids.without_sums, {}, {"numbers": LISTS}),
]
NOT_ASKED = {
    *("CrestfallWarning", "Progress", "Provenance"),  # made by the package, not by people
    *("Clipping", "ConjugateSymmetric", "Discrete", "L2p", "Period", "Schroeder"),  # nothing to say
    *("Move", "load", "load_proof"),  # made by Move.between; files have tests of their own
}
CASES = [
    pytest.param(function, given, argument, values, id=f"{getattr(function, '__qualname__', function)}-{argument}")
    for function, given, arguments in TABLE + GRIDS
    for argument, values in arguments.items()
]


@pytest.mark.parametrize(("function", "given", "argument", "values"), CASES)
def test_other_types_are_taken_or_named_in_one_line(function, given, argument, values):
    for kind, value in values.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", cf.CrestfallWarning)
            try:
                function(**given | {argument: value})
            except (TypeError, ValueError) as error:
                text = str(error)
                assert "\n" not in text, (kind, text)
                assert len(text) < 400, (kind, text)
                assert "; " in text or "give either" in text, (kind, text)  # what is wrong; what to do
                frame = error.__traceback__
                while frame.tb_next is not None:
                    frame = frame.tb_next
                assert "crestfall" in frame.tb_frame.f_globals["__name__"], (kind, text)


def _public_name(function):
    """Name of a function, or of the class of a method, which may be inherited from another."""
    owner = getattr(function, "__self__", None)
    if owner is None:
        return function.__qualname__.partition(".")[0]
    return (owner if isinstance(owner, type) else type(owner)).__name__


def test_every_public_name_is_asked():
    asked = {_public_name(function) for function, _, _ in TABLE}
    assert (asked - {"Strategy"}) | NOT_ASKED == set(cf.__all__)


@pytest.mark.parametrize(
    ("make", "same"),
    [
        (lambda: cf.Effort(time_limit="1s", stall_limit="2 min"), cf.Effort(time_limit=1.0, stall_limit=120.0)),
        (lambda: cf.Effort(starts=16.0, max_memory="2 GB"), cf.Effort(starts=16, max_memory=2e9)),
        (lambda: cf.Effort(starts=torch.tensor(4), seed=np.array(3)), cf.Effort(starts=4, seed=3)),
        (lambda: cf.Playback(rate=Fraction(96000, 2), lead="5 ms"), cf.Playback(rate=48000.0, lead=0.005)),
        (lambda: cf.Samples(rate=Fraction(1, 4)), cf.Samples(rate=0.25)),
        (lambda: cf.Samples(rate="48 kHz"), cf.Samples(rate=48000.0)),
        (lambda: cf.Window("0 s", "50 ms"), cf.Window(0.0, 0.05)),
        (lambda: cf.Multisine(["10 Hz", "0.02 kHz"]), cf.Multisine([10.0, 20.0])),
        (lambda: cf.Multisine("1 kHz"), cf.Multisine([1000.0])),
        (lambda: cf.Multisine(["1 Hz"], initial_phases=["180 deg"]), cf.Multisine([1.0], initial_phases=[np.pi])),
        (lambda: cf.Multisine.harmonics([1, 2], "50 Hz"), cf.Multisine([50.0, 100.0])),
        (lambda: cf.Problem(MS, outputs=cf.Output()), cf.Problem(MS, outputs=[cf.Output()])),
        (lambda: cf.Problem(MS, phases=cf.Hold({0: 1.0})), cf.Problem(MS, phases=[cf.Hold({0: 1.0})])),
        (lambda: cf.Problem(MS, tolerance_db="0.5 dB"), cf.Problem(MS, tolerance_db=0.5)),
        (lambda: cf.Shapes(cf.Pulse(0.5)), cf.Shapes([cf.Pulse(0.5)])),
        (lambda: cf.Link(torch.tensor([0, 1])), cf.Link((0, 1))),
        (lambda: cf.MovableLines(hz="500 mHz", raster="0.1 Hz"), cf.MovableLines(hz=0.5, raster=0.1)),
    ],
)
def test_what_is_plain_is_taken(make, same):
    assert make() == same


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cf.minimize_peak([1, 2, 3]), r"the problem is \[1, 2, 3\]; give Multisine\(\[1, 2, 3\]\) for freq"),
        (lambda: cf.schroeder(DESIGN), "give its tones, the multisine of that Design"),
        (lambda: cf.Effort(time_limit="5 V"), "time_limit is '5 V'; give a time such as 20 ms"),
        (lambda: cf.Multisine(["10 Hz", "20 V"]), r"frequencies\[1\] is '20 V'; give a frequency such as 10 kHz"),
        (lambda: cf.Samples(10**400), "samples: n is an integer of 1329 bits; give an integer of at least 1"),
        (lambda: cf.Interleaved(10**400), "inputs is an integer of 1329 bits"),
    ],
)
def test_what_is_not_is_named_with_the_way_to_say_it(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_seeds_are_numbers_generators_or_new_each_time():
    first, second = (cf.Effort(seed=np.random.default_rng(5)) for _ in range(2))
    assert first == second
    generator = np.random.default_rng(5)
    assert cf.Effort(seed=generator).seed != cf.Effort(seed=generator).seed
    assert cf.Effort(seed=None).seed != cf.Effort(seed=None).seed
    design = cf.minimize_peak(MS, starts=2, seed=None, use_atlas=False)
    again = cf.minimize_peak(MS, starts=2, seed=design.provenance.seed, use_atlas=False)
    assert np.array_equal(design.phases, again.phases)


def test_every_argument_of_a_wrapped_function_is_still_seen():
    assert list(inspect.signature(cf.crest_factor).parameters) == ["ms", "phases"]
    with pytest.raises(TypeError, match=r"crest_factor\(\) missing 1 required positional argument: 'phases'"):
        cf.crest_factor(MS)


# ------------------------------------------------------------------ samples that count


@pytest.mark.parametrize(
    ("ms", "over", "noted"),
    [
        (MS, cf.Samples(7), False),
        (MS, cf.Samples(6), True),  # at exactly twice the highest tone, samples show only its cosine
        (MS, cf.Samples(rate=60.5), False),
        (MS, cf.Samples(rate=59.5), True),
        (cf.Multisine.harmonics([-1, 0, 1], 10.0, complex=True), cf.Samples(3), False),
        (cf.Multisine.harmonics([-1, 0, 1], 10.0, complex=True), cf.Samples(2), True),
    ],
)
def test_samples_below_the_nyquist_rate_are_noted_once(ms, over, noted):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        design = cf.minimize_peak(ms, over=over, starts=1)
    assert [one.category for one in caught] == [cf.CrestfallWarning] * noted
    # The samples by direct summation, at the instants that count.
    n = over.count(ms)
    t = np.arange(n) / n * ms.period
    x = np.exp(1j * (2 * np.pi * np.outer(t, ms.frequencies) + design.phases)).sum(axis=1)
    peak = np.max(np.abs(x if ms.complex else x.real))
    assert peak == pytest.approx(design.worst.value, rel=1e-6)


def test_the_command_prints_the_note_and_the_studio_shows_it(run):
    done = run("design", "--harmonics", "1:20", "--goal-rate", "16Hz", "--starts", 1, "--quiet")
    assert done.code == 0
    assert done.err.startswith("crestfall: note: samples: 16 samples per second count, no more than twice the highest")
    text = '[tones]\nharmonics = "1:20"\n[goal]\nsample_rate_hz = 16.0\n'
    _, notes = with_notes(lambda: Draft.of_text(text, Limits()))
    assert [note.startswith("samples: 16 samples per second") for note in notes] == [True]


def test_too_many_samples_are_named_as_such():
    with pytest.raises(ValueError, match=r"visits 300000000 points of a period of 1 s, and at most 134217728"):
        cf.Problem(cf.Multisine.harmonics([1, 2], 1.0), over=cf.Samples(rate=3e8))
    with pytest.raises(ValueError, match="visits 300000000 points"):
        cf.sample_peak(cf.Multisine.harmonics([1, 2], 1.0), [0, 0], sample_rate=3e8)

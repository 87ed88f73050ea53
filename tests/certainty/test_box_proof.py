"""Proofs in boxes: checked by a program of their own, spoilt in many ways, and held against brute force."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.proof.box_proof import LEAF, PHASE_STEPS, TIME_STEPS, least_means, whole_box
from crestfall.certainty.proof.box_prover import UnprovenError
from crestfall.certainty.proof.domain import domain
from crestfall.files.bound_proofs import decode, encode

EXAMPLE = Path(__file__).parents[2] / "examples" / "check_boxes.py"
CASES = {
    "flat": cf.Multisine.harmonics(range(1, 6)),
    "uneven": cf.Multisine.harmonics([2, 3, 7], amplitudes=[1.0, 0.3, 0.7]),
    "odd": cf.Multisine.harmonics([1, 3, 5, 7]),
    "sparse": cf.Multisine.harmonics([1, 2, 4, 8, 16]),
    "complex": cf.Multisine.harmonics([0, 1, 3, 4], complex=True),
    "complex on a carrier": cf.Multisine.harmonics([107, 101, 102, 105], amplitudes=[1.0, 2.0, 1.0, 0.4], complex=True),
    "large unit": cf.Multisine.harmonics([1, 2, 3, 4], amplitudes=1e200),
}

IN_WORDS = {
    "flat": "5 real tones (harmonics 1:5, all of amplitude 1)",
    "uneven": "3 real tones (harmonics 2,3,7, amplitudes 1, 0.3, 0.7)",
    "odd": "4 real tones (harmonics 1:2:7, all of amplitude 1)",
    "sparse": "5 real tones (harmonics 1,2,4,8,16, all of amplitude 1)",
    "complex": "4 complex tones (harmonics 0,1,3,4 from the lowest tone on, all of amplitude 1)",
    "complex on a carrier": "4 complex tones (harmonics 0,1,4,6 from the lowest tone on, amplitudes 2, 1, 0.4, 1)",
    "large unit": "4 real tones (harmonics 1:4, all of amplitude 1e+200)",
}


@pytest.fixture(scope="module")
def proofs():
    return {name: cf.prove_in_boxes(ms, cf.minimize_peak(ms, starts=32).peak / 1.001) for name, ms in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_proof_holds_and_says_what_it_is(name, proofs):
    proof, ms = proofs[name], CASES[name]
    assert proof.check(ms) == proof.peak
    assert proof.is_about(cf.Multisine.harmonics(ms.harmonic_numbers * 3, 5.0, ms.amplitudes, complex=ms.complex))
    known = cf.certainty.proof.prove(ms)
    assert proof.peak <= known.peak
    assert proof.peak >= known.lower_bound * (1 - 1e-3)
    assert proof.crest_factor == pytest.approx(proof.peak / cf.rms(ms, np.zeros(ms.n)), rel=1e-11)
    assert str(proof).startswith(f"no phases of {IN_WORDS[name]} have a crest factor below ")


@pytest.mark.parametrize("name", CASES)
def test_another_program_agrees(name, proofs, tmp_path):
    path = tmp_path / "boxes.json"
    proofs[name].save(path)
    assert cf.load_proof(path) == proofs[name]
    done = subprocess.run([sys.executable, EXAMPLE, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"proved: no phases of {len(proofs[name].harmonics)} ")
    assert f"have a peak below {proofs[name].peak!r}, a crest factor of " in done.stdout
    assert float(done.stdout.split()[-3].rstrip(";")) == pytest.approx(proofs[name].crest_factor, abs=1.1e-6)
    text = json.loads(path.read_text())
    text["content"]["peak"] *= 1.002
    path.write_text(json.dumps(text))
    for options in ([], ["-O"]):  # without assertions, too
        wrong = subprocess.run([sys.executable, *options, EXAMPLE, path], capture_output=True, text=True)
        assert wrong.returncode == 1
        assert wrong.stderr == "not proved: the means of a box are lower\n"


@pytest.mark.parametrize(
    ("h", "unit", "is_complex"),
    [
        ([12, 7, 4, 13], 1.1, False),
        ([5, 6, 10, 11], 0.1, False),
        ([0, 10, 12, 13], 0.3, True),
        ([0, 8, 6, 10], 0.1, True),
    ],
)
def test_where_rounding_decides_which_tone_is_fixed_everybody_fixes_the_same(h, unit, is_complex, tmp_path):
    """Amplitudes in inverse proportion to the harmonic numbers: which product is the largest depends on their scale."""
    ms = cf.Multisine(np.array(h, float), [unit / max(k, 1) for k in h], complex=is_complex)
    proof = cf.prove_in_boxes(ms, cf.certainty.proof.prove(ms, gap=0.05).lower_bound / 1.05)
    assert proof.check(ms) == proof.peak
    proof.save(tmp_path / "boxes.json")
    done = subprocess.run([sys.executable, EXAMPLE, tmp_path / "boxes.json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def envelope_proof_of(harmonics, amplitudes, peak):
    """Tree and boxes in which the envelope of real tones, not their signal, is nowhere below a peak."""
    h, a = np.array(harmonics), np.array(amplitudes)
    of = domain(h, a, complex=False)
    tree, boxes, left = [], [], [whole_box(of)]
    times = np.arange(0, TIME_STEPS, 64)
    waves = np.exp(2j * np.pi / TIME_STEPS * np.outer(h, times))
    while left:
        low, high = left.pop()
        phases = np.zeros(len(h))
        phases[of.free] = np.pi / PHASE_STEPS * (np.array(low) + high)
        z = (a * np.exp(1j * phases)) @ waves
        top = int(np.abs(z).argmax())
        height = (int(times[top]), round(np.angle(z[top]) / (2 * np.pi) * TIME_STEPS), 1)
        if least_means(h, a, of.free, np.array([low]), np.array([high]), np.array([[height]]))[0] >= peak:
            tree.append(LEAF)
            boxes.append(height)
            continue
        tone = int(np.argmax(np.array(high) - low))
        place = (low[tone] + high[tone]) // 2
        tree += [tone, place]
        left += [
            ([*low[:tone], place, *low[tone + 1 :]], high),
            (low, [*high[:tone], place, *high[tone + 1 :]]),
        ]
    return tree, boxes


def test_the_envelope_of_real_tones_proves_nothing_about_their_peak(tmp_path):
    """Some phases have a peak of 1.98, but no phases an envelope of at most 2.1."""
    true = cf.prove_in_boxes(cf.Multisine.harmonics([1, 2, 3]), 1.9)
    tree, boxes = envelope_proof_of([1, 2, 3], [1.0, 1.0, 1.0], 2.1)
    with pytest.raises(ValueError, match="directions of a real signal are 0 or"):
        replace(true, peak=2.1, tree=tuple(tree), boxes=tuple(boxes))
    content = json.loads(encode(true))["content"] | {"peak": 2.1, "tree": tree, "boxes": boxes}
    path = tmp_path / "boxes.json"
    path.write_text(_rehashed(content))
    done = subprocess.run([sys.executable, "-O", EXAMPLE, path], capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr == "not proved: a real signal has another direction\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"harmonics": [1, 2, 2, 3, 4]}, "distinct integers"),
        ({"harmonics": [1.5, 2, 3, 4, 5]}, "distinct integers"),
        ({"harmonics": [0, 1, 2, 3, 4]}, "must be above 0"),
        ({"amplitudes": [1.0, 1.0, 1.0, -1.0, 1.0]}, "amplitudes must be above 0"),
        ({"free": [1, 2, 3, 4]}, "other tones"),
        ({"whole": [5, 5, 5, 5]}, "a range is too short"),
        ({"boxes": [[1e300, 0, 1]]}, "a box has no instants"),
        ({"tree": [-1], "boxes": [[1e300, 0, 1]]}, "is not an integer"),
        ({"tree": [-1], "boxes": [[1, 0, -1]]}, "a weight is not above 0"),
        ({"tree": [0, 0, -1, -1]}, "a cut lies outside its box"),
        ({"tree": [-1, -1]}, "the tree goes on"),
        ({"peak": float("nan")}, "the means of a box are lower"),
        ({"tree": [0]}, "not that of such a proof"),
        ({"boxes": 3}, "not that of such a proof (TypeError"),
    ],
)
def test_the_other_program_says_in_one_line_what_is_wrong(change, said, proofs, tmp_path):
    path = tmp_path / "boxes.json"
    record = json.loads(encode(proofs["flat"]))
    path.write_text(json.dumps(record | {"content": record["content"] | change}))
    done = subprocess.run([sys.executable, "-O", EXAMPLE, path], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("not proved: ")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ('{"content":{"amplitudes":[1', "not JSON; was the file cut?"),
        ('{"format": "crestfall-bound", "version": 1, "content": {}}', "a proof by moments; check it with check_bound"),
        ('{"format": "crestfall", "version": 2}', "a design; its proof is the file that"),
        ('{"format": "crestfall-boxes", "version": 2, "content": {}}', "version is 2; this program knows version 1"),
    ],
)
def test_the_other_program_says_in_one_line_what_another_file_is(text, said, tmp_path):
    path = tmp_path / "file.json"
    if text is not None:
        path.write_text(text)
    done = subprocess.run([sys.executable, EXAMPLE, path], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0)])
def test_the_other_program_says_how_it_is_called(arguments, code):
    done = subprocess.run([sys.executable, EXAMPLE, *arguments], capture_output=True, text=True)
    assert done.returncode == code
    assert (done.stdout + done.stderr).startswith("usage: check_boxes.py [-h] file")


def test_a_file_under_the_name_of_the_other_format_says_so(proofs):
    record = json.loads(encode(proofs["flat"]))
    with pytest.raises(ValueError, match="content is that of 'crestfall-boxes': it has boxes, not squares"):
        decode(json.dumps(record | {"format": "crestfall-bound"}))


def spoilt(proof):
    """The proof with one thing wrong; none of them may prove its peak."""
    yield "higher", replace(proof, peak=proof.peak * 1.002)
    for number in range(0, len(proof.boxes), max(1, len(proof.boxes) // 7)):
        box = proof.boxes[number]
        other = proof.boxes[(number + len(proof.boxes) // 2) % len(proof.boxes)]
        yield f"box {number} has the instants of another", _with_box(proof, number, other)
        yield f"box {number} has one instant", _with_box(proof, number, box[:3])
        shifted = tuple(x + TIME_STEPS // 5 if k % 3 == 0 else x for k, x in enumerate(box))
        yield f"box {number} has other times", _with_box(proof, number, shifted)
        opposite = tuple(x + TIME_STEPS // 2 if k % 3 == 1 else x for k, x in enumerate(box))
        yield f"box {number} is judged from the other side", _with_box(proof, number, opposite)


def _with_box(proof, number, box):
    return replace(proof, boxes=(*proof.boxes[:number], box, *proof.boxes[number + 1 :]))


@pytest.mark.parametrize("name", CASES)
def test_a_spoilt_proof_proves_nothing(name, proofs):
    seen = 0
    for what, wrong in spoilt(proofs[name]):
        if wrong.is_valid():  # by chance another box's instants may do; then they do for everybody
            assert "another" in what or "one instant" in what
            continue
        seen += 1
        with pytest.raises(ValueError, match="its boxes do not prove"):
            wrong.check()
    assert seen > 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tree": ()}, "the tree ends before"),
        ({"tree": (LEAF,)}, "the tree has 1 boxes, and there are multipliers for"),
        ({"tree": (LEAF, LEAF)}, "the tree goes on"),
        ({"tree": (0, 0, LEAF, LEAF)}, "a cut of the tree is not inside its box"),
        ({"tree": (0, PHASE_STEPS, LEAF, LEAF)}, "a cut of the tree is not inside its box"),
        ({"tree": (9, 5, LEAF, LEAF)}, "a cut of the tree is not inside its box"),
        ({"tree": (0,)}, "a cut of the tree is not inside its box"),
        ({"boxes": ()}, "there are multipliers for 0"),
        ({"boxes": ((),)}, "a box needs times"),
        ({"boxes": ((1, 2),)}, "a box needs times"),
        ({"boxes": ((1, 2, 0),)}, "weights from 1"),
        ({"boxes": ((1, 2, -3),)}, "weights from 1"),
        ({"boxes": ((1, 2, 2**60),)}, "none beyond"),
        ({"boxes": ((1, TIME_STEPS // 4, 5),)}, "directions of a real signal are 0 or"),
        ({"boxes": ((1, TIME_STEPS, 5, 2, 1 - TIME_STEPS // 2, 5),)}, "directions of a real signal are 0 or"),
        ({"peak": float("nan")}, "peak and amplitudes must be finite"),
        ({"amplitudes": (1.0, 1.0, 0.0, 1.0, 1.0)}, "peak and amplitudes must be finite"),
        ({"harmonics": (1, 2, 3, 4)}, "there are 4 harmonics and 5 amplitudes"),
        ({"harmonics": (1, 2, 3, 4, 4)}, "must be distinct"),
        ({"harmonics": (2, 4, 6, 8, 10)}, "common divisor"),
        ({"harmonics": (0, 1, 2, 3, 4)}, "from 1"),
        ({"harmonics": (1, 2, 3, 4, 2**50)}, "must be distinct integers"),
    ],
)
def test_what_cannot_be_a_proof_is_refused(change, said, proofs):
    with pytest.raises(ValueError, match=said):
        replace(proofs["flat"], **change)


def test_other_tones_are_refused(proofs):
    for ms in (cf.Multisine.harmonics([1, 2, 3, 4, 6]), cf.Multisine.harmonics(range(5), complex=True)):
        with pytest.raises(ValueError, match=r"other tones, 5 real tones \(harmonics 1:5, all of amplitude 1\)"):
            proofs["flat"].check(ms)
    uneven = cf.Multisine.harmonics(range(1, 6), amplitudes=[1, 1, 1, 1, 1.001])
    with pytest.raises(ValueError, match="about other tones"):
        proofs["flat"].check(uneven)


def test_a_file_is_read_as_it_was_written_or_not_at_all(proofs, tmp_path):
    proof = proofs["complex"]
    text = encode(proof)
    assert decode(text) == proof
    assert encode(decode(text)) == text
    with pytest.raises(ValueError, match="changed or damaged"):
        decode(text.replace(b'"boxes":[[', b'"boxes":[[1'))
    content = json.loads(text)["content"]
    for key, value, said in (
        ("free", [9], "free or whole"),
        ("whole", [5] * 2, "free or whole"),
        ("tree", 5, "tree is"),
    ):
        with pytest.raises(ValueError, match=said):
            decode(_rehashed(content | {key: value}))
    with pytest.raises(ValueError, match=r"ends with \.json"):
        proof.save(tmp_path / "proof.txt")


def _rehashed(content):
    import hashlib

    from crestfall.files.play_json import canonical

    checksum = hashlib.sha256(canonical(content)).hexdigest()
    return json.dumps({"content": content, "format": "crestfall-boxes", "sha256": checksum, "version": 1})


def test_no_phases_in_a_box_have_a_lower_mean():
    """Against the means of random phases in random boxes, computed by direct summation."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        n = int(rng.integers(2, 7))
        h, a = rng.choice(40, n, replace=False).astype(np.int64), rng.uniform(0.2, 2.0, n)
        free = np.sort(rng.choice(n, n - 1, replace=False))
        low = rng.integers(-PHASE_STEPS, PHASE_STEPS, (1, n - 1))
        high = low + rng.integers(0, PHASE_STEPS, (1, n - 1)) // rng.choice([1, 10, 1000])
        m = int(rng.integers(1, 9))
        instants = np.stack([*rng.integers(0, TIME_STEPS, (2, 1, m)), rng.integers(1, 50, (1, m))], 2)
        bound = least_means(h, a, free, low, high, instants)[0]
        theta = np.zeros((3000, n))
        theta[:, free] = 2 * np.pi / PHASE_STEPS * rng.uniform(low, high, (3000, n - 1))
        theta[:1000, free] = 2 * np.pi / PHASE_STEPS * np.where(rng.random((1000, n - 1)) < 0.5, low, high)
        t, direction, weight = instants[0].T
        angle = 2 * np.pi / TIME_STEPS * (np.outer(t, h) - direction[:, None])
        means = (np.cos(angle[None] + theta[:, None, :]) @ a) @ weight / weight.sum()
        assert bound <= means.min()
        if (high - low).max() < PHASE_STEPS // 100:
            assert means.min() - bound < 0.05 * a.sum()


@pytest.mark.parametrize("name", CASES)
def test_the_boxes_cover_the_domain(name, proofs):
    proof = proofs[name]
    low, high = proof._leaves()
    whole = np.array(whole_box(proof.domain)[1])
    rng = np.random.default_rng(0)
    points = rng.uniform(0, whole, (2000, len(whole)))
    inside = np.all((low <= points[:, None]) & (points[:, None] <= high), axis=2)
    assert inside.any(1).all()
    assert np.prod((high - low) / whole, axis=1).sum() == pytest.approx(1.0)
    assert np.all(whole >= proof.domain.width / (2 * np.pi) * PHASE_STEPS * (1 - 1e-12))


def test_what_is_not_true_is_not_proved():
    ms = CASES["flat"]
    best = cf.minimize_peak(ms).peak
    with pytest.raises(UnprovenError, match="some phases have a lower one"):
        cf.prove_in_boxes(ms, best * 1.01)
    with pytest.raises(UnprovenError, match="stopped before it was complete"):
        cf.prove_in_boxes(ms, best / 1.001, stop=lambda: True)
    with pytest.raises(UnprovenError, match="nothing to prove"):
        cf.prove_in_boxes(cf.Multisine.harmonics([0, 1], complex=True), 1.0)
    with pytest.raises(ValueError, match="peak is nan"):
        cf.prove_in_boxes(ms, float("nan"))
    with pytest.raises(ValueError, match=r"17 .*too many for branch and bound"):
        cf.prove_in_boxes(cf.Multisine.harmonics(range(1, 18)), 1.0)


def test_too_many_boxes_are_an_error(monkeypatch):
    monkeypatch.setattr("crestfall.certainty.proof.box_prover.MOST_BOXES", 100)
    ms = CASES["flat"]
    with pytest.raises(UnprovenError, match="needs more than 100 boxes"):
        cf.prove_in_boxes(ms, cf.minimize_peak(ms).peak / 1.001)

"""Proofs that are kept: replayed from their files by another program, which knows only what the documentation says."""

import ast
import hashlib
import importlib.util
import itertools
import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.moments import BoundProof, moment_bounds
from crestfall.certainty.moments.cost import Step
from crestfall.certainty.moments.square import Square
from crestfall.files.bound_proofs import decode, encode

CASES = {
    "flat 3": (cf.Multisine.harmonics(range(1, 4), 50.0), Step(2)),
    "flat 3, order 3": (cf.Multisine.harmonics(range(1, 4)), Step(3)),
    "uneven": (cf.Multisine.harmonics([1, 2, 5, 6], amplitudes=[1.0, 0.3, 0.7, 1e-3]), Step(2)),
    "small": (cf.Multisine.harmonics([2, 4, 6], amplitudes=[3e-9, 5e-9, 4e-9]), Step(2)),
    "complex": (cf.Multisine.harmonics([-3, -2, -1, 1], 10.0, complex=True), Step(2)),
    "derivatives": (cf.Multisine.harmonics(range(1, 13)), Step(2, 3)),
    "derivatives, uneven": (cf.Multisine.harmonics([1, 4, 5], amplitudes=[0.3, 1.0, 0.7]), Step(2, 3)),
}


def proof_of(name):
    ms, step = CASES[name]
    start = cf.peak_lower_bound(ms) if "flat" in name else 0.9 * ms.nominal_rms
    return BoundProof.of(ms, list(moment_bounds(ms, start, 300.0, plan=[step]))[-1])


@pytest.fixture(scope="module")
def proofs():
    return {name: proof_of(name) for name in CASES}


# ------------------------------------------------------------------ another program, in rational numbers


EXAMPLE = Path(__file__).parents[2] / "examples" / "check_bound.py"


def loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


proves = loaded(EXAMPLE).proves


def test_the_other_program_knows_nothing_of_this_package():
    nodes = list(ast.walk(ast.parse(EXAMPLE.read_text("utf-8"))))
    found = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    found |= {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    assert found <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("flat 3", {"harmonics": [0, 1, 2]}),
        ("flat 3", {"harmonics": [1, 2, 2]}),
        ("complex", {"harmonics": [-1, 0, 1, 3]}),
        ("flat 3", {"harmonics": [1, 2, 3.5]}),
        ("flat 3", {"amplitudes": [1.0, 1.0, 1.0, 1.0]}),
        ("flat 3", {"peak": -1.0}),
        ("derivatives", {"complex": True}),
    ],
)
def test_the_other_program_refuses_what_makes_no_sense(name, changes, proofs):
    with pytest.raises(ValueError, match=r"harmonics|peak|complex"):
        proves(content_of(proofs[name]) | changes)


def test_the_other_program_as_a_command(proofs, tmp_path):
    path = tmp_path / "bound.json"
    proofs["flat 3"].save(path)
    done = subprocess.run([sys.executable, EXAMPLE, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    tones = "3 real tones (harmonics 1:3, all of amplitude 1.0)"
    said = f"proved: no phases of {tones} have a peak below {proofs['flat 3'].peak!r}, a crest factor of "
    assert done.stdout.startswith(said)
    assert float(done.stdout.removeprefix(said)) == pytest.approx(proofs["flat 3"].peak / 1.5**0.5, abs=1e-6)
    replace(proofs["flat 3"], peak=1.8).save(path, overwrite=True)
    done = subprocess.run([sys.executable, EXAMPLE, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "not proved: the sums of squares allow a lower peak\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.json", None, "cannot be read: No such file or directory"),
        ("cut.json", '{"content":{"amplitudes":[1', "not JSON; was the file cut?"),
        ("boxes.json", '{"format": "crestfall-boxes", "version": 1, "content": {}}', "check it with check_boxes.py"),
        ("design.json", '{"format": "crestfall", "version": 2}', "a design; its proof is the file that"),
        ("new.json", '{"format": "crestfall-bound", "version": 2, "content": {}}', "version is 2; this program knows"),
        ("empty.json", '{"format": "crestfall-bound", "version": 1, "content": {}}', "not proved: the content is not"),
        ("list.json", "[1]", "not a proof of the format crestfall-bound"),
    ],
)
def test_the_other_program_says_in_one_line_what_is_wrong_with_a_file(name, text, said, tmp_path):
    if text is not None:
        (tmp_path / name).write_text(text)
    done = subprocess.run([sys.executable, EXAMPLE, tmp_path / name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0)])
def test_the_other_program_says_how_it_is_called(arguments, code):
    done = subprocess.run([sys.executable, EXAMPLE, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert (done.stdout + done.stderr).startswith("usage: check_bound.py [-h] file")


def content_of(proof):
    return json.loads(encode(proof))["content"]


@pytest.mark.parametrize("name", CASES)
def test_another_program_repeats_the_proof_from_the_file(name, proofs):
    proof = proofs[name]
    content = content_of(proof)
    assert proves(content)
    assert proof.check(CASES[name][0]) == proof.peak
    for factor in (1 + 1e-6, 1.01, 2.0):
        assert not proves(content | {"peak": proof.peak * factor})
        with pytest.raises(ValueError, match="do not prove"):
            replace(proof, peak=proof.peak * factor).check()


@pytest.mark.parametrize("name", ["flat 3", "uneven", "complex", "derivatives"])
def test_both_agree_on_changed_factors(name, proofs):
    rng = np.random.default_rng(7)
    content, verdicts = content_of(proofs[name]), set()
    for share in (1e-9, 1e-6, 1e-3, 0.1):
        squares = [
            one | {"factors": [[int(f * (1 + share * rng.standard_normal())) for f in row] for row in one["factors"]]}
            for one in content["squares"]
        ]
        changed = content | {"squares": squares}
        verdict = proves(changed)
        assert decode(file_of(changed)).is_valid() == verdict
        verdicts.add(verdict)
    assert False in verdicts


# ------------------------------------------------------------------ what it says


@pytest.mark.parametrize("name", CASES)
def test_no_random_phases_are_below(name, proofs):
    ms, proof = CASES[name][0], proofs[name]
    rng = np.random.default_rng(8)
    best = cf.minimize_peak(ms, starts=1).phases
    h = ms.harmonic_numbers
    t = np.linspace(0, 2 * np.pi, 32 * int(np.ptp(h) + abs(h).max()), endpoint=False)
    waves = ms.amplitudes * np.exp(1j * np.outer(t, h))
    phases = np.concatenate((rng.uniform(0, 2 * np.pi, (300, ms.n)), best + 0.05 * rng.standard_normal((300, ms.n))))
    signals = waves @ np.exp(1j * phases.T)
    peaks = np.abs(signals if ms.complex else signals.real).max(axis=0)
    assert proof.peak <= peaks.min() / np.cos(np.pi / 32)
    assert proof.peak <= cf.true_peak(ms, best)
    assert proof.crest_factor * ms.nominal_rms <= proof.peak == pytest.approx(proof.crest_factor * ms.nominal_rms)


def test_a_proof_is_kept_bit_for_bit(proofs, tmp_path):
    for number, proof in enumerate(proofs.values()):
        path = tmp_path / f"{number}.json"
        proof.save(path)
        again = cf.load_proof(path)
        assert again == proof
        assert hash(again) == hash(proof)
        assert repr(again) == repr(proof)
    assert len(set(proofs.values())) == len(proofs)
    with pytest.raises(FileExistsError):
        proof.save(path)
    proof.save(path, overwrite=True)
    with pytest.raises(ValueError, match=r"ends with \.json"):
        proof.save(tmp_path / "bound.csv")
    with pytest.raises(FrozenInstanceError):
        proof.peak = 1.0


def test_prove_bound_gives_the_bound_and_its_proof():
    ms = cf.Multisine.harmonics([3, 1, 2], 10.0)
    proof = cf.prove_bound(ms, effort=cf.Effort(time_limit=300.0))
    assert proof.check(ms) == proof.peak
    assert proof.crest_factor > 1.58 > cf.lower_bound(ms)
    assert proof.is_about(cf.Multisine([1.0, 2.0, 3.0]))
    for other in (
        cf.Multisine([1.0, 2.0, 4.0]),
        cf.Multisine([1.0, 2.0, 3.0, 4.0]),
        cf.Multisine([1.0, 2.0, 3.0], [1.0, 1.0, 0.5]),
        cf.Multisine([1.0, 2.0, 3.0], complex=True),
        cf.Multisine([1.0, 2.0, 2.0]),
    ):
        assert not proof.is_about(other)
        with pytest.raises(ValueError, match=r"other tones, 3 real tones \(harmonics 1:3, all of amplitude 1\)"):
            proof.check(other)
    assert str(proof).startswith(
        "no phases of 3 real tones (harmonics 1:3, all of amplitude 1) have a crest factor below 1.58"
    )


def test_a_complex_proof_holds_anywhere_in_the_band(proofs):
    proof = proofs["complex"]
    assert proof.harmonics == (0, 1, 2, 4)
    assert proof.is_about(cf.Multisine([100e6, 100e6 + 50.0, 100e6 + 100.0, 100e6 + 200.0], complex=True))


def test_what_has_no_proof():
    with pytest.raises(ValueError, match="distinct frequencies"):
        cf.prove_bound(cf.Multisine([1.0, 1.0]), effort=1.0)
    with pytest.raises(ValueError, match=r"in which moments proved nothing above Fejér's bound 1\.29"):
        cf.prove_bound(cf.Multisine.harmonics([1, 2, 3]), effort=1e-9)
    with pytest.raises(ValueError, match=r"moments prove nothing above Fejér's bound 1\.2910 for these tones"):
        cf.prove_bound(cf.Multisine.harmonics([0, 1, 2], complex=True), effort=300.0)
    for effort in (None, 0.0, np.inf, "long"):
        with pytest.raises(ValueError, match=r"^effort is"):
            cf.prove_bound(cf.Multisine.harmonics([1, 2, 3]), effort=effort)


# ------------------------------------------------------------------ damaged and forged files


def canonical(content):
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def file_of(content, **changes):
    """A file of any content, with a right checksum."""
    digest = hashlib.sha256(canonical(content)).hexdigest()
    return json.dumps({"content": content, "format": "crestfall-bound", "sha256": digest, "version": 1} | changes)


def test_the_file_is_as_documented(proofs):
    for proof in proofs.values():
        record = json.loads(encode(proof))
        assert list(record) == ["content", "format", "sha256", "version"]
        assert record["sha256"] == hashlib.sha256(canonical(record["content"])).hexdigest()
        assert decode(file_of(record["content"])) == proof


def numbers_in(value, path=()):
    """Where there are numbers, and which."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from numbers_in(one, (*path, key))
    elif isinstance(value, list):
        for key, one in enumerate(value):
            yield from numbers_in(one, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


def with_number(value, path, number):
    value = json.loads(json.dumps(value))
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = number
    return value


@pytest.mark.parametrize("name", ["flat 3", "complex", "derivatives"])
def test_any_changed_number_is_noticed(name, proofs):
    record = json.loads(encode(proofs[name]))
    places = [(path, number) for path, number in numbers_in(record["content"])]
    for path, number in places[:: max(1, len(places) // 40)]:
        changed = record | {"content": with_number(record["content"], path, number + 1)}
        with pytest.raises(ValueError, match="changed or damaged"):
            decode(json.dumps(changed))


@pytest.mark.parametrize("name", ["flat 3", "complex", "derivatives"])
def test_a_forged_file_proves_nothing_false(name, proofs):
    """With a right checksum: it is refused, or what it says is proved, by the other program, too."""
    content, rng = content_of(proofs[name]), np.random.default_rng(9)
    places = [(path, number) for path, number in numbers_in(content) if path[0] != "unknowns"]
    few = [places[k] for k in rng.permutation(len(places))[:10]] + [one for one in places if one[0][0] != "squares"]
    for path, number in few:
        for value in (-number, number + 1, 3 * number):
            changed = with_number(content, path, value)
            try:
                is_valid = decode(file_of(changed)).is_valid()
            except ValueError:
                continue
            assert is_valid == proves(changed)
            assert not is_valid or path[0] not in ("peak", "order", "derivatives") or value == number


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"peak": 0.0}, "finite numbers above 0"),
        ({"peak": 1e400}, "not JSON|finite|Infinity|out of range"),
        ({"peak": True}, "peak is True"),
        ({"amplitudes": [1.0, 1.0]}, "3 harmonics and 2 amplitudes"),
        ({"amplitudes": [1.0, 1.0, -1.0]}, "above 0"),
        ({"harmonics": [1, 2, 2]}, "distinct integers from 1"),
        ({"harmonics": [2, 4, 6]}, "common divisor"),
        ({"harmonics": [0, 1, 2]}, "from 1"),
        ({"harmonics": [1, 2, 2**60]}, "distinct integers"),
        ({"harmonics": [1.5, 2, 3]}, r"harmonics\[0\] is 1.5"),
        ({"complex": True}, "from 0"),
        ({"order": 3}, "order is 3, but the polynomials are of order 2"),
        ({"order": 1}, "more than 1 of order 1"),
        ({"order": 10**6}, "cannot be one of 3 tones"),
        ({"order": -1}, "cannot be"),
        ({"derivatives": 1}, "derivatives is 1"),
        ({"derivatives": 2}, "rows? of exponents|derivatives are monomials|there is no inequality"),
        ({"derivatives": -1}, "cannot be"),
        ({"scales": [7]}, "scales or unknowns"),
        ({"unknowns": [[0, 0]]}, "scales or unknowns"),
        ({"squares": []}, "order is 2, but the polynomials are of order 0"),
        ({"more": 1}, "more is unknown"),
    ],
)
def test_files_that_cannot_be_proofs(changes, message, proofs):
    with pytest.raises(ValueError, match=message):
        decode(file_of(content_of(proofs["flat 3"]) | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inequality": 1}, "there is no inequality 1; these tones have 1"),
        ({"inequality": -1}, "there is no inequality -1"),
        ({"kind": "cosines"}, "kind is 'cosines'; it is one of monomials, sums, differences"),
        ({"exponents": [[1, 0]]}, "must have 3 numbers"),
        ({"exponents": []}, "must have 3 numbers"),
        ({"exponents": [[3, 0, 0]]}, "degree 3, more than 2 of order 2"),
        ({"exponents": [[1, 0, 0], [1, 0, 0]], "factors": [[1], [1]]}, "a polynomial is there twice"),
        ({"factors": [[1, 2]]}, "factors must have 1 rows of one length"),
        ({"factors": []}, "factors must have 1 rows"),
        ({"factors": [[2**63]]}, "more than 63 bits|out of range"),
        ({"kind": "sums", "exponents": [[0, 0, 0], [1, 0, 0]], "factors": [[1], [1]]}, "exponents of 1 come last"),
    ],
)
def test_squares_that_cannot_be_in_a_proof(changes, message, proofs):
    content = content_of(proofs["flat 3"])
    one = {"inequality": None, "kind": "monomials", "exponents": [[2, -1, 0]], "factors": [[3]]} | changes
    with pytest.raises(ValueError, match=message):
        decode(file_of(content | {"squares": [one]}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exponents": [[1, 0, 0, 0], [0, 1, 0, 0]], "factors": [[1], [1]]}, "one parity"),
        ({"exponents": [[2, -1, 0, 0]]}, "exponents from 0"),
        ({"kind": "sums"}, "are monomials"),
        ({"inequality": 0, "exponents": [[2, 1, 0, 0, 0]]}, "components 0 and 1"),
        ({"inequality": 2, "exponents": [[0, 1, 0, 0, 0]]}, "there is no inequality 2"),
    ],
)
def test_squares_of_derivatives_that_cannot_be_in_a_proof(changes, message, proofs):
    content = content_of(proofs["derivatives"])
    one = {"inequality": None, "kind": "monomials", "exponents": [[2, 0, 0, 0]], "factors": [[3]]} | changes
    with pytest.raises(ValueError, match=message):
        decode(file_of(content | {"squares": [one]}))


def test_other_files(tmp_path):
    cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.0]).save(tmp_path / "design.json")
    with pytest.raises(ValueError, match="this is a design; its proof is the file that --proof"):
        cf.load_proof(tmp_path / "design.json")
    with pytest.raises(FileNotFoundError):
        cf.load_proof(tmp_path / "none.json")
    for text, said in (
        ("[1]", r"not a proof, but \[1\]"),
        ('{"tones": {}}', "not a proof; a proof is the file"),
        ('{"format": "crestfall-play"}', "not a proof: format is 'crestfall-play'"),
        ('{"format": []}', r"not a proof: format is \[\]"),
    ):
        with pytest.raises(ValueError, match=said):
            decode(text)
    with pytest.raises(ValueError, match="version is 2"):
        decode(file_of({}, version=2))
    with pytest.raises(ValueError, match="not JSON"):
        decode(b"{")


def test_squares_of_anything_are_sound():
    """Any polynomials and factors: a true statement follows, whatever they are, or none."""
    rng, ms = np.random.default_rng(10), cf.Multisine.harmonics([1, 2, 3])
    best = cf.minimize_peak(ms, starts=1).peak
    rows = [row for row in itertools.product(range(-2, 3), repeat=3) if 0 < sum(map(abs, row)) <= 2]
    for _ in range(20):
        some = [rows[k] for k in rng.permutation(len(rows))[:6]]
        squares = (
            Square(None, "monomials", tuple(some), tuple((int(v),) for v in rng.integers(-9, 10, 6))),
            Square(0, "sums", ((1, 0, 0), (0, 0, 0)), ((int(rng.integers(-9, 10)),), (5,))),
        )
        proof = BoundProof((1, 2, 3), (1.0, 1.0, 1.0), False, best * 1.001, 2, 0, squares)
        assert not proof.is_valid()
        assert not proves(content_of(proof))

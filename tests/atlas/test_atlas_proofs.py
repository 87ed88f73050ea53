"""The proofs that ship with the atlas, and the command that repeats them."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import crestfall as cf
from crestfall.atlas import bounds, entries, highest_bound, proof_of, proved_peak, verify
from crestfall.atlas.bounds import proved_peaks
from crestfall.atlas.proofs import from_lines, proofs, to_lines
from crestfall.certainty.proof import prove

SMALL = [entry for entry in entries() if entry.n in (2, 3, 5, 16) and proof_of(entry) is not None]


def test_many_entries_have_a_proof():
    keys = set(proofs())
    assert {("real", n) for n in range(2, 33)} <= keys
    assert {("odd", n) for n in range(2, 9)} <= keys
    assert all(cf.lower_bound(proof_entry(key).multisine) < proof.crest_factor for key, proof in proofs().items())


def test_the_short_list_of_bounds_is_what_the_proofs_say():
    assert proved_peaks() == {key: (proof.peak, proof.argument) for key, proof in proofs().items()}
    for entry in entries():
        proof = proofs().get((entry.kind, entry.n))
        best = max(entry.lower_bound, 0.0 if proof is None else proof.crest_factor)
        assert highest_bound(entry) == best <= entry.crest_factor
        found = proved_peak(entry)
        if found is None:
            assert proof is None
            assert not entry.proven
            continue
        power = entry.n if entry.kind == "complex" else entry.n / 2
        assert best * (1.0 - 2e-9) <= found.peak / power**0.5 <= entry.crest_factor
        assert (found.argument == "branch and bound") == entry.proven


def test_a_design_is_answered_without_reading_the_proofs():
    code = (
        "import crestfall as cf, crestfall.atlas.proofs as proofs\n"
        "design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 32)))\n"
        "assert design.bound_argument.endswith('from the atlas'), design.bound_argument\n"
        "assert proofs.proofs.cache_info().misses == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def proof_entry(key):
    return next(entry for entry in entries() if (entry.kind, entry.n) == key)


def test_a_proof_is_below_what_branch_and_bound_finds():
    for key in (("real", 3), ("real", 4), ("complex", 5), ("odd", 3)):
        assert proofs()[key].peak <= prove(proof_entry(key).multisine, gap=1e-2).peak


@pytest.mark.parametrize("entry", SMALL, ids=lambda entry: f"{entry.kind} {entry.n}")
def test_a_wrong_proof_is_a_fault(entry, monkeypatch):
    assert verify.proof_fault(entry) is None
    proof = proof_of(entry)
    monkeypatch.setattr(verify, "proof_of", lambda entry: replace(proof, peak=proof.peak * 1.001))
    assert verify.proof_fault(entry).startswith("the proof of its bound: its ")
    monkeypatch.setattr(verify, "proof_of", lambda entry: proof)
    assert "says that the peak is above" in verify.proof_fault(replace(entry, peak=proof.peak * 0.9))
    other = next(one for one in SMALL if one != entry)
    monkeypatch.setattr(verify, "proof_of", lambda entry: proof_of(other))
    assert "about other tones" in verify.proof_fault(entry)
    assert verify.proof_fault(next(one for one in entries() if one.n == 60)) is not None


def test_lines_are_those_of_the_file():
    text = to_lines(reversed(proofs().values()))
    assert from_lines(text) == proofs()
    first, *rest = text.splitlines()
    with pytest.raises(ValueError, match="line 2 of the proofs: real n = 2 is there twice"):
        from_lines(f"{first}\n{first}\n")
    with pytest.raises(ValueError, match="line 1 of the proofs: it was changed"):
        from_lines(first.replace('"peak":', '"peak":1') + "\n" + "\n".join(rest))
    uneven = cf.prove_bound(cf.Multisine([1.0, 2.0, 5.0]), effort=60.0)
    with pytest.raises(ValueError, match="no entry of the atlas is about these 3 tones"):
        to_lines([uneven])


def test_the_command_repeats_them(run):
    done = run("atlas", "verify", "--kind", "odd", "--proofs")
    assert done.code == 0, done.err
    count = sum(kind == "odd" for kind, _ in proofs())
    assert f"{count} of {count} proofs of bounds hold" in done.out
    found = json.loads(run("atlas", "verify", "--kind", "odd", "--proofs", "--json").out)
    assert found == {"entries": sum(entry.kind == "odd" for entry in entries()), "proofs": count, "faults": []}


def test_the_table_has_the_highest_bound(run):
    rows = [line.split() for line in run("atlas", "--kind", "real").out.splitlines() if line.startswith("real ")]
    bounds = {int(row[1]): (float(row[4]), row[5]) for row in rows}
    known = {entry.n: entry for entry in entries() if entry.kind == "real"}
    for n in (5, 16, 40):  # by branch and bound, by moments, by formula
        proof = proof_of(known[n])
        bound = max(known[n].lower_bound, 0.0 if proof is None else proof.crest_factor)
        assert bounds[n] == (pytest.approx(bound, abs=1e-6), f"{known[n].crest_factor / bound - 1:.2%}")
    assert bounds[16][0] == pytest.approx(proofs()["real", 16].crest_factor, abs=1e-6)
    assert bounds[5][0] == pytest.approx(known[5].lower_bound, abs=1e-6)


def test_show_has_the_bound_that_is_proved(run):
    shown = json.loads(run("atlas", "show", "real", 16, "--json").out)
    assert shown["lower_bound_argument"] == "moments of 3 derivatives, order 2"
    assert shown["lower_bound"] == pytest.approx(proofs()["real", 16].crest_factor, rel=1e-9)


def test_the_script_adds_proofs(tmp_path, monkeypatch, capsys):
    path = Path(__file__).parents[2] / "atlas" / "bounds.py"
    monkeypatch.syspath_prepend(path.parent)
    spec = importlib.util.spec_from_file_location("atlas_bounds", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    file = tmp_path / "proofs.jsonl"
    options = ["--kinds", "real", "--most", "2", "--bytes", "1500", "--file", str(file)]
    monkeypatch.setattr(sys, "argv", ["bounds.py", *options])
    script.main()
    script.main()  # nothing is better
    assert len(capsys.readouterr().out.splitlines()) == 1
    found = from_lines(file.read_text("utf-8"))
    assert found["real", 2].check(cf.Multisine([1.0, 2.0])) < 1.7602
    listed = bounds.from_lines(file.with_name("bounds.jsonl").read_text("utf-8"))
    assert listed == {("real", 2): (found["real", 2].peak, found["real", 2].argument)}

"""``crestfall design --proof``: the proof of a lower bound, in a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crestfall.atlas import find, proof_of
from crestfall.certainty.bounds import prove_bound
from crestfall.certainty.moments import BoundProof
from crestfall.certainty.peak_proof import PeakProof
from crestfall.certainty.proof import BoxProof, prove_in_boxes
from crestfall.certainty.proof.cost import estimated_seconds
from crestfall.cli.errors import complain
from crestfall.cli.outputs import require_folder
from crestfall.design.design import BRANCH_AND_BOUND, FROM_ATLAS, Design
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import note
from crestfall.search.effort import Effort

_PROVEN_GAP = 1.001e-3
"""A gap of 0.1 % and its rounding: up to here branch and bound has ended."""

_MOST_TONES = {"real": 10, "complex": 11}
"""Most tones whose boxes are few enough for a file; eleven flat real ones take some 700 000."""

_NOTED_S = 5.0
"""Time that the boxes of a file may take before it is said that they do."""

_ROUNDING = 1e-9
"""How far below the bound the boxes prove, as their weights are rounded to integers."""


def require_proof_possible(
    path: Path | None, effort: Effort, overwrite: bool, bands: int | None, outputs: Sequence[Path]
) -> None:
    """Raise before the search begins if no proof can be written; ``outputs`` are the files of the design.

    Raises:
        ValueError: There is no time for it, several designs, or the file is not a JSON file.
        OSError: The file exists, or cannot be written.
    """
    if path is None:
        return
    if effort.bound_time is None and not effort.prove:
        raise ValueError("--proof needs a proof; give --prove, or time for one: --bound-time, such as --bound-time 30s")
    if bands is not None:
        raise ValueError("--proof goes with one design, not with --bands; leave it out")
    require_proof_writable(path, overwrite, outputs)


def require_proof_writable(path: Path, overwrite: bool, outputs: Sequence[Path]) -> None:
    """Raise unless a proof can be written to this file, besides the files of the design.

    Raises:
        ValueError: The file is not a JSON file, or one of the outputs.
        OSError: The file exists, or its folder does not.
    """
    from crestfall.files.atomic import require_free
    from crestfall.files.bound_proofs import require_ending

    require_ending(path)
    require_folder(path, "--proof")
    if path in outputs:
        raise ValueError(f"--proof and --out write one file, {path}; the design and its proof need a file each")
    require_free(path, overwrite=overwrite)


def require_boxes_fit(path: Path | None, effort: Effort, ms: Multisine) -> None:
    """Raise before the search begins if the boxes of a proof would be too many for a file.

    Raises:
        ValueError: There are too many tones, and no time for a proof by moments instead.
    """
    if path is not None and effort.prove and effort.bound_time is None and not has_few_boxes(ms):
        raise ValueError(
            f"--proof: the boxes of {ms.n} tones are too many for a file, which takes those of at most "
            f"{_MOST_TONES['real']} real or {_MOST_TONES['complex']} complex tones; leave out --proof, or give "
            "--bound-time for a proof by moments"
        )


def has_few_boxes(ms: Multisine) -> bool:
    """Whether the boxes of a proof for these tones, by their number, fit into a file."""
    return ms.n <= _MOST_TONES["complex" if ms.complex else "real"]


def write_proof(found: Design, path: Path | None, effort: Effort, overwrite: bool) -> str | None:
    """Write the proof of a design's bound.

    A search skips moments where the design is known to be the best; they are then computed here. The boxes of branch
    and bound are found once more, as integers.

    Returns:
        What to print about it; ``None`` if no proof is asked for or it cannot be written.
    """
    if path is None:
        return None
    try:
        if found.problem.channels is not None or found.problem.freedom is not None:
            raise ValueError(f"{path}: not written: only a bound for one drive with given amplitudes has a proof")
        in_boxes = _boxes_of(found, path) if effort.prove else None
        proof = _moments_of(found, effort) if in_boxes is None else in_boxes
        proof.save(path, overwrite=overwrite)
    except KeyboardInterrupt:
        complain(ValueError(f"{path}: not written: interrupted; the design is not affected"))
        return None
    except (ValueError, OSError) as error:
        text = str(error).replace("effort is", "--bound-time is")
        complain(error if str(path) in text else ValueError(f"{path}: not written: {text}"))
        return None
    return row_of_proof(path, proof)


def row_of_proof(path: Path, proof: PeakProof) -> str:
    """What is printed about a proof that was written: what it proves, and who checks it."""
    return f"{path}   {proof}; crestfall verify {path} checks it, and {proof.CHECKER} without crestfall"


def _boxes_of(found: Design, path: Path) -> BoxProof | None:
    """The boxes of branch and bound; ``None`` if the design is not proved to be the global optimum."""
    known = found.proven_peak_bound
    by = (found.proven_by or "").removesuffix(FROM_ATLAS)
    if known is None or by != BRANCH_AND_BOUND or found.gap > _PROVEN_GAP:
        return None
    if not has_few_boxes(found.multisine):
        return None
    if estimated_seconds(found.multisine) > _NOTED_S:
        note(f"{path}: now the boxes for the file are found, on one core; Ctrl-C leaves the file out")
    return prove_in_boxes(found.multisine, known * (1.0 - _ROUNDING))


def _of_atlas(found: Design) -> BoundProof | None:
    """The proof by moments that the atlas has of a bound; ``None`` where it has none for exactly these amplitudes."""
    known = find(found.multisine) if (found.proven_by or "").endswith(FROM_ATLAS) else None
    proof = None if known is None else proof_of(known[0])
    return proof if isinstance(proof, BoundProof) and proof.is_about(found.multisine) else None


def _moments_of(found: Design, effort: Effort) -> BoundProof:
    """The proof by moments that the search found or the atlas has, or else one that is found now."""
    if effort.bound_time is None and found.multisine.has_one_frequency:
        raise ValueError("the least peak of a single frequency has a closed form; there is nothing to prove")
    if effort.bound_time is None and effort.checkpoint is not None:
        raise ValueError(
            f"branch and bound has not ended; give the same command again, and it continues from {effort.checkpoint}"
        )
    if effort.bound_time is None:
        raise ValueError("branch and bound has not ended; give it more time with --time-limit, or give --bound-time")
    proof = found.bound_proof or _of_atlas(found)
    return proof if proof is not None and proof.is_valid() else prove_bound(found.multisine, effort=effort.bound_time)

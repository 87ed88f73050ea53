"""``crestfall design --proof``: the proof of a lower bound, in a file of its own."""

from __future__ import annotations

from pathlib import Path

from crestfall.certainty.bounds import prove_bound
from crestfall.cli.errors import complain
from crestfall.cli.outputs import require_folder
from crestfall.design.design import Design


def require_proof_possible(path: Path | None, bound_time: float | None, overwrite: bool, bands: int | None) -> None:
    """Find out before the search that no proof can be written.

    Raises:
        ValueError: There is no time for it, several designs, or the file is not a JSON file.
        OSError: The file exists, or cannot be written.
    """
    if path is None:
        return
    from crestfall.files.atomic import require_free
    from crestfall.files.bound_proofs import require_ending

    if bound_time is None:
        raise ValueError("--proof needs time for the proof; give --bound-time, such as --bound-time 30s")
    if bands is not None:
        raise ValueError("--proof goes with one design, not with --bands; leave it out")
    require_ending(path)
    require_folder(path)
    require_free(path, overwrite=overwrite)


def write_proof(found: Design, path: Path | None, bound_time: float | None, overwrite: bool) -> str | None:
    """Write the proof of a design's bound by moments; what to print of it, and ``None`` if there is none or it fails.

    A search leaves out moments where the design is known to be the best; then this takes the time for them.
    """
    if path is None:
        return None
    try:
        proof = found.bound_proof
        if found.problem.channels is not None or found.problem.freedom is not None:
            raise ValueError(f"{path}: not written: only a bound for one drive with given amplitudes has a proof")
        if proof is None or not proof.is_valid():
            proof = prove_bound(found.multisine, effort=bound_time or 0.0)
        proof.save(path, overwrite=overwrite)
    except (ValueError, OSError) as error:
        text = str(error).replace("effort is", "--bound-time is")
        complain(error if str(path) in text else ValueError(f"{path}: not written: {text}"))
        return None
    return f"{path}   {proof}; crestfall verify checks it"

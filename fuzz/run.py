"""The recorded fuzz run: a million damaged files over all readers, in processes that may crash.

python fuzz/run.py [--inputs 1000000] [--readers "WAV tones,…"] [--folder out/fuzz] [--record docs/records/fuzz.json]
python fuzz/run.py --one "WAV tones" --number 123    # one input again, here, with its traceback

Input number k of a reader is a function of the seed, the reader and k; nothing is random twice. What a reader did wrong
is kept with its file in the folder, and so is how far each has come: a run that was stopped continues where it was.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import mmap
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from guard import MAX_GIB, MAX_SECONDS, fault_of, limit_memory
from mutate import mutated
from readers import READERS, Reader, reader

_WEIGHTS = {
    **{f"{each} design": 0.5 for each in ("CSV", "JSON", "NPZ", "MAT", "WAV")},
    **{"SQLite store": 0.05, "atlas lines": 0.4, "duration text": 0.3, "harmonics text": 0.6},
}
"""Share of a reader relative to the others: slow ones and very small ones get less."""
_REPORT = 500


def data_of(each: Reader, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Input number ``number`` of a reader."""
    return mutated(seeds, each.ending, np.random.default_rng([seed, zlib.crc32(each.name.encode()), number]))


def slug(each: Reader) -> str:
    """The name of a reader as part of a file name."""
    return each.name.replace(" ", "-")


def work(each: Reader, first: int, last: int, seed: int, folder: Path) -> None:
    """Read the inputs from ``first`` to before ``last`` in this process; what is found goes to files of the folder."""
    seeds = each.seeds()
    place = folder / f"{slug(each)}.place"
    place.write_bytes(bytes(8))
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as scratch,
        place.open("r+b") as file,
    ):
        path = Path(scratch, f"input{each.ending}")
        now = mmap.mmap(file.fileno(), 8)
        path.write_bytes(seeds[0])
        each.read(path)  # everything is imported before the guard looks
        limit_memory()
        counts = {"inputs": 0, "refused": 0, "slowest_s": 0.0}
        for number in range(first, last):
            now[:] = number.to_bytes(8, "little")
            faulthandler.dump_traceback_later(30 * MAX_SECONDS, exit=True)
            data = data_of(each, seeds, seed, number)
            fault, refused, seconds = fault_of(each, data, path)
            counts = {
                "inputs": counts["inputs"] + 1,
                "refused": counts["refused"] + refused,
                "slowest_s": max(counts["slowest_s"], seconds),
            }
            if fault is not None:
                keep(folder, each, number, fault, data)
            if counts["inputs"] == _REPORT or number == last - 1:
                with (folder / f"{slug(each)}.jsonl").open("a", encoding="utf-8") as log:
                    log.write(json.dumps({"next": number + 1, **counts}) + "\n")
                counts = {"inputs": 0, "refused": 0, "slowest_s": 0.0}


def keep(folder: Path, each: Reader, number: int, fault: str, data: bytes) -> None:
    """Write down a finding and its file."""
    print(f"{each.name} {number}: {fault}", flush=True)
    (folder / f"{slug(each)}-{number}{each.ending}").write_bytes(data)
    with (folder / "findings.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"reader": each.name, "number": number, "fault": fault}) + "\n")


def progress_of(folder: Path, each: Reader) -> dict[str, Any]:
    """How far a reader has come."""
    total: dict[str, Any] = {"next": 0, "inputs": 0, "refused": 0, "slowest_s": 0.0}
    log = folder / f"{slug(each)}.jsonl"
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
        part = json.loads(line)
        total["next"] = max(total["next"], part["next"])
        total["inputs"] += part["inputs"]
        total["refused"] += part["refused"]
        total["slowest_s"] = max(total["slowest_s"], part["slowest_s"])
    return total


def drive(each: Reader, count: int, seed: int, folder: Path) -> None:
    """Read so many inputs in processes of their own, begun again after a crash."""
    while (first := progress_of(folder, each)["next"]) < count:
        command = [sys.executable, __file__, "--work", each.name, "--first", str(first), "--last", str(count)]
        done = subprocess.run([*command, "--seed", str(seed), "--folder", str(folder)], check=False)
        if done.returncode == 0:
            continue
        number = int.from_bytes((folder / f"{slug(each)}.place").read_bytes(), "little")
        keep(folder, each, number, f"crash: exit status {done.returncode}", data_of(each, each.seeds(), seed, number))
        with (folder / f"{slug(each)}.jsonl").open("a", encoding="utf-8") as log:
            # Inputs since the last report were read, but not counted.
            log.write(json.dumps({"next": number + 1, "inputs": 1, "refused": 0, "slowest_s": 0.0}) + "\n")


def read_again(folder: Path) -> None:
    """Read the findings again, as after a repair, and note for each what is wrong with it now."""
    log = folder / "findings.jsonl"
    findings = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
    for finding in findings:
        each = reader(finding["reader"])
        path = folder / f"again{each.ending}"
        path.write_bytes(each.seeds()[0])
        each.read(path)
        data = (folder / f"{slug(each)}-{finding['number']}{each.ending}").read_bytes()
        finding["now"] = fault_of(each, data, path)[0]
    log.write_text("".join(json.dumps(finding) + "\n" for finding in findings), encoding="utf-8")


def guided(folder: Path, each: Reader) -> dict[str, int]:
    """What coverage-guided runs add: inputs, and how many were kept for reaching something new."""
    log = folder / "coverage-guided.jsonl"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
    mine = [line for line in lines if line["reader"] == each.name]
    kept = max((line["corpus"] for line in mine), default=0)
    return {"guided_inputs": sum(line["inputs"] for line in mine), "corpus": kept}


def record_of(seed: int, folder: Path) -> dict[str, Any]:
    """What is kept of all runs of a folder."""
    log = folder / "findings.jsonl"
    findings = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
    rows = []
    for each in READERS:
        figures = progress_of(folder, each) | guided(folder, each)
        mine = sum(finding["reader"] == each.name for finding in findings)
        rows.append({"reader": each.name, **figures, "slowest_s": round(figures["slowest_s"], 2), "findings": mine})
    return {
        "seed": seed,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "max_seconds": MAX_SECONDS,
        "max_gib": MAX_GIB,
        "inputs": sum(row["inputs"] + row["guided_inputs"] for row in rows),
        "readers": rows,
        "findings": findings,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="of all readers together")
    parser.add_argument("--readers", help="names, separated by commas; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--record", type=Path, help="write the record of the run here")
    parser.add_argument("--again", action="store_true", help="only read the findings again, after a repair")
    parser.add_argument("--one", help="read one input of this reader, without a guard")
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--last", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.one is not None:
        each = reader(arguments.one)
        path = arguments.folder / f"one{each.ending}"
        path.write_bytes(data_of(each, each.seeds(), arguments.seed, arguments.number))
        print(each.read(path))
        return
    if arguments.work is not None:
        work(reader(arguments.work), arguments.first, arguments.last, arguments.seed, arguments.folder)
        return
    if arguments.again:
        read_again(arguments.folder)
    else:
        chosen = READERS if arguments.readers is None else [reader(name) for name in arguments.readers.split(",")]
        weights = np.array([_WEIGHTS.get(each.name, 1.0) for each in chosen])
        for each, share in zip(chosen, weights / weights.sum(), strict=True):
            drive(each, int(np.ceil(arguments.inputs * share)), arguments.seed, arguments.folder)
            print(each.name, progress_of(arguments.folder, each), flush=True)
    record = record_of(arguments.seed, arguments.folder)
    if arguments.record is not None:
        arguments.record.parent.mkdir(parents=True, exist_ok=True)
        arguments.record.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    sys.exit(1 if any(finding.get("now", "unread") for finding in record["findings"]) else 0)


if __name__ == "__main__":
    main()

"""Coverage-guided fuzzing of one reader: libFuzzer keeps what reaches new lines of the package. Needs atheris.

python fuzz/coverage_guided.py "WAV tones" [--runs 20000] [--folder out/fuzz]    # or "all", one after the other

The corpus stays in the folder, so that the next run begins where this one ended; a crashing input is kept beside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["crestfall"]):
    from guard import MAX_SECONDS, fault_of, limit_memory
    from readers import READERS, Reader, reader
    from run import keep, slug


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader")
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("out/fuzz"))
    arguments = parser.parse_args()
    if arguments.reader == "all":
        options = ["--runs", str(arguments.runs), "--seed", str(arguments.seed), "--folder", str(arguments.folder)]
        codes = [subprocess.run([sys.executable, __file__, each.name, *options], check=False) for each in READERS]
        sys.exit(max(abs(done.returncode) for done in codes))
    fuzz(reader(arguments.reader), arguments.runs, arguments.seed, arguments.folder)


def fuzz(each: Reader, runs: int, seed: int, folder: Path) -> None:
    """Never returns: libFuzzer ends the process."""
    corpus = folder / f"corpus-{slug(each)}"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(each.seeds()):
        (corpus / f"seed-{number}").write_bytes(data)
    scratch = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None), f"input{each.ending}")
    scratch.write_bytes(each.seeds()[0])
    each.read(scratch)
    limit_memory()
    done = 0

    def one(data: bytes) -> None:
        nonlocal done
        fault, _, _ = fault_of(each, data, scratch)
        if fault is not None:
            keep(folder, each, -1 - done, fault, data)
        done += 1
        if done == runs:  # libFuzzer ends the process without running what comes after
            line = {"reader": each.name, "inputs": done, "corpus": len(list(corpus.iterdir()))}
            with (folder / "coverage-guided.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line | {"date": time.strftime("%Y-%m-%d", time.gmtime())}) + "\n")

    options = [
        f"-runs={runs}",
        f"-seed={seed}",
        f"-timeout={int(10 * MAX_SECONDS)}",
        "-max_len=20000",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

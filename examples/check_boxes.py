"""Check a proof by branch and bound that no phases have a lower peak, with nothing but its file and Python itself.

    python examples/check_boxes.py boxes.json

``crestfall design … --prove --proof boxes.json`` writes such a file, and ``crestfall verify`` checks it much faster.
This program shares no code with crestfall: it does what docs/proof.md says. Seven tones take it some ten seconds.
"""

import argparse
import cmath
import json
import sys
from math import floor, gcd, pi, sqrt
from pathlib import Path

FORMAT, VERSION = "crestfall-boxes", 1
OTHER_FORMAT, OTHER_PROGRAM = "crestfall-bound", "check_bound.py"
CIRCLE, PERIOD = 2**20, 2**14  # steps of a circle for boxes, and of a period or a circle for times or directions
MARGIN = 1e-9  # rounding is below 1e-13


def require(condition, why):
    """Stop unless a condition holds; an ``assert`` would be left out by ``python -O``."""
    if not condition:
        sys.exit(f"not proved: {why}")


def content_of(path):
    """The content of a proof's file; stops with one line if the file is another one."""
    try:
        record = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        sys.exit(f"{path}: cannot be read: {error.strerror or error}")
    except (ValueError, RecursionError):
        sys.exit(f"{path}: not JSON; was the file cut?")
    found = record.get("format") if isinstance(record, dict) else None
    if found == OTHER_FORMAT:
        sys.exit(f"{path}: a proof by moments; check it with {OTHER_PROGRAM}")
    if found == "crestfall":
        sys.exit(f"{path}: a design; its proof is the file that crestfall design --proof wrote")
    if found != FORMAT or not isinstance(record.get("content"), dict):
        sys.exit(f"{path}: not a proof of the format {FORMAT}")
    if record.get("version") != VERSION:
        sys.exit(f"{path}: version is {record.get('version')!r}; this program knows version {VERSION}")
    return record["content"]


def claim(content):
    """What a file says if it proves its peak: the tones, harmonics as ranges first:last, and how low no phases get."""
    tones = sorted(zip(content["harmonics"], content["amplitudes"], strict=True))
    runs = []
    for k, _ in tones:
        runs = [*runs[:-1], [runs[-1][0], k]] if runs and k == runs[-1][-1] + 1 else [*runs, [k]]
    kind, amplitudes = "complex" if content["complex"] else "real", [a for _, a in tones]
    largest, same = max(amplitudes), len(set(amplitudes)) == 1
    rms = sqrt(sum((a / largest) ** 2 for a in amplitudes) / (1 if content["complex"] else 2))
    return (
        f"no phases of {len(tones)} {kind} tones (harmonics {','.join(':'.join(map(str, run)) for run in runs)}, "
        f"{f'all of amplitude {largest}' if same else f'amplitudes {amplitudes}'}) have a peak below "
        f"{content['peak']!r}, a crest factor of {floor(content['peak'] / largest / rms * 1e6) / 1e6:.6f}"
    )


def domain(h, a, is_complex):
    """The tones with a range of phases, and where each ends: shifts, signs and time reversal reach all other phases."""
    n = len(h)
    if is_complex:  # two tones have phase zero: the first pair of the largest product
        _, i, j = max((abs(h[i] - h[j]) * min(a[i], a[j]), i, j) for i in range(n) for j in range(i))
        order, turn, fixed = abs(h[i] - h[j]), [k - h[i] for k in h], {i, j}
    else:
        i = max(range(n), key=lambda k: a[k] * h[k])
        order, turn, fixed = 2 * h[i], [k + h[i] for k in h], {i}
    free = [k for k in range(n) if k not in fixed]
    whole, left_over = {}, 1
    for rank, k in enumerate(sorted(free, key=lambda k: gcd(turn[k], order))):
        copies = order // gcd(turn[k] * left_over, order)
        left_over *= copies
        whole[k] = -(-CIRCLE // (copies * (2 if rank == 0 else 1)))
    return free, [whole[k] for k in free]


def boxes_of(tree, whole):
    """The boxes that the tree cuts the domain into: lower and upper ends."""
    numbers, left = iter(tree), [([0] * len(whole), list(whole))]
    while left:
        low, high = left.pop()
        tone = next(numbers)
        if tone == -1:
            yield low, high
            continue
        place = next(numbers)
        require(low[tone] < place < high[tone], "a cut lies outside its box")
        left.append(([*low[:tone], place, *low[tone + 1 :]], high))
        left.append((low, [*high[:tone], place, *high[tone + 1 :]]))
    require(next(numbers, None) is None, "the tree goes on")


def heights_of(instants, is_complex):
    """Time, direction and weight of each height; that of a real signal is measured up or down."""
    require(all(isinstance(x, int) for x in instants), "a time, direction or weight is not an integer")
    triples = list(zip(instants[::3], instants[1::3], instants[2::3], strict=True))
    require(all(weight > 0 for _, _, weight in triples), "a weight is not above 0")
    require(is_complex or all(d % (PERIOD // 2) == 0 for _, d, _ in triples), "a real signal has another direction")
    return triples


def least_mean(h, a, free, low, high, triples):
    """A lower bound on the weighted mean of heights, anywhere in a box."""
    total, least = sum(weight for _, _, weight in triples), 0.0
    for k, (number, amplitude) in enumerate(zip(h, a, strict=True)):
        g = sum(w * cmath.exp(2j * pi * ((number * t - d) % PERIOD) / PERIOD) for t, d, w in triples) / total
        if k not in free:
            least += amplitude * g.real
            continue
        start, end = low[free.index(k)], high[free.index(k)]
        opposite = (pi - cmath.phase(g)) / (2 * pi) * CIRCLE
        if (opposite - start + 1) % CIRCLE <= end - start + 2:
            least -= amplitude * abs(g)
        else:
            least += amplitude * min((cmath.exp(2j * pi * x / CIRCLE) * g).real for x in (start, end))
    return least


def boxes_checked(content):
    """The number of boxes, if all of them together prove the peak; stops with a reason otherwise."""
    h, largest = content["harmonics"], max(content["amplitudes"])
    require(all(isinstance(k, int) for k in h) and len(set(h)) == len(h), "harmonics must be distinct integers")
    require(content["complex"] or min(h) > 0, "harmonics of a real signal must be above 0")
    require(min(content["amplitudes"]) > 0, "amplitudes must be above 0")
    a = [x / largest for x in content["amplitudes"]]
    free, whole = domain(h, a, content["complex"])
    require(free == content["free"], "other tones must have a range")
    require(all(w <= found for w, found in zip(whole, content["whole"], strict=True)), "a range is too short")
    boxes = list(boxes_of(content["tree"], content["whole"]))
    require(len(boxes) == len(content["boxes"]), "a box has no instants")
    for (low, high), instants in zip(boxes, content["boxes"], strict=True):
        mean = least_mean(h, a, free, low, high, heights_of(instants, content["complex"]))
        require(mean - MARGIN * sum(a) >= content["peak"] / largest, "the means of a box are lower")
    return len(boxes)


def main():
    """Check the file that the command line names."""
    parser = argparse.ArgumentParser(description="Check a proof by branch and bound that no phases have a lower peak.")
    parser.add_argument("file", help="what crestfall design --prove --proof FILE wrote")
    content = content_of(parser.parse_args().file)
    try:
        boxes, found = boxes_checked(content), claim(content)
    except Exception as error:  # whatever does not fit the description proves nothing
        sys.exit(f"not proved: the content is not that of such a proof ({type(error).__name__}: {error})")
    print(f"proved: {found}; {boxes} boxes")


if __name__ == "__main__":
    main()

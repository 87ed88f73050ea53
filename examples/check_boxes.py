"""Check a proof by branch and bound that no phases have a lower peak, with nothing but its file and Python itself.

    python examples/check_boxes.py boxes.json

``crestfall design … --prove --proof boxes.json`` writes such a file, and ``crestfall verify`` checks it much faster.
This program shares no code with crestfall: it does what docs/proof.md says. Seven tones take it some ten seconds.
"""

import cmath
import json
import sys
from math import gcd, pi
from pathlib import Path

CIRCLE, PERIOD = 2**20, 2**14  # steps of a circle for boxes, and of a period or a circle for times or directions
MARGIN = 1e-9  # rounding is below 1e-13


def require(condition, why):
    """Stop unless a condition holds; an ``assert`` would be left out by ``python -O``."""
    if not condition:
        sys.exit(f"not proved: {why}")


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


def main(path):
    """Print what the file proves."""
    content = json.loads(Path(path).read_text("utf-8"))["content"]
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
    print(f"no phases of these {len(h)} tones have a peak below {content['peak']!r}: {len(boxes)} boxes")


if __name__ == "__main__":
    main(sys.argv[1])

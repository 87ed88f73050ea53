"""Check a proof that no phases have a lower peak, with nothing but the integers of its file and Python's fractions.

    python examples/check_bound.py bound.json

``crestfall design … --bound-time 30s --proof bound.json`` writes such a file, and ``crestfall verify`` checks it much
faster. This program shares no code with crestfall: it does what docs/bounds.md says. It computes in
fractions, which takes from a tenth of a second to minutes.
"""

import argparse
import itertools
import json
import sys
from collections import defaultdict
from fractions import Fraction
from math import floor, sqrt
from pathlib import Path

FORMAT, VERSION = "crestfall-bound", 1
OTHER_FORMAT, OTHER_PROGRAM = "crestfall-boxes", "check_boxes.py"


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
        sys.exit(f"{path}: a proof by branch and bound; check it with {OTHER_PROGRAM}")
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


def times(first, second):
    """The product of two polynomials: exponents → coefficient."""
    product = defaultdict(Fraction)
    for a, x in first.items():
        for b, y in second.items():
            product[tuple(map(sum, zip(a, b, strict=True)))] += x * y
    return product


def add(total, polynomial, factor):
    """Add a multiple of a polynomial to another."""
    for a, x in polynomial.items():
        total[a] += factor * x


def conjugate(polynomial):
    """Of a polynomial in phasors with real coefficients."""
    return {tuple(-k for k in a): x for a, x in polynomial.items()}


def inequalities_between_phasors(content, m):
    """What is nowhere negative if the squared peak is ``m``, as polynomials in the phasors."""
    h, a = content["harmonics"], [Fraction(x) for x in content["amplitudes"]]
    n, top = len(h), max(h)
    unit = [tuple(int(j == k) for j in range(n)) for k in range(n)]
    signal, slope = defaultdict(Fraction), defaultdict(Fraction)  # the slope over i K
    for k, s in itertools.product(range(n), (1,) if content["complex"] else (1, -1)):
        factor = 1 if content["complex"] else Fraction(1, 2)
        signal[tuple(s * j for j in unit[k])] += factor * a[k]
        slope[tuple(s * j for j in unit[k])] += factor * a[k] * Fraction(s * h[k], top)
    first, second = defaultdict(Fraction), defaultdict(Fraction)
    first[(0,) * n] += m
    if not content["complex"]:
        add(first, times(signal, signal), -1)
        add(first, times(slope, slope), 1)  # i² = −1
        return [first]
    power = times(signal, conjugate(signal))
    add(first, power, -1)
    change = {e: x * Fraction(sum(k * j for k, j in zip(h, e, strict=True)), top) for e, x in power.items()}
    add(second, power, m)
    add(second, times(power, power), -1)
    add(second, times(change, change), 1)
    return [first, second]


def averages_of_squares_of_phasors(content, m):
    """The average of all squares times their inequalities: a number for each unknown, that of 1 among them."""
    n, one = len(content["harmonics"]), (0,) * len(content["harmonics"])
    scaled = [
        {a: x / Fraction(2) ** e for a, x in g.items()}
        for g, e in zip(inequalities_between_phasors(content, m), content["scales"], strict=True)
    ]
    total = defaultdict(Fraction)
    for square in content["squares"]:
        g = {one: Fraction(1)} if square["inequality"] is None else scaled[square["inequality"]]
        sign = {"monomials": 0, "sums": 1, "differences": -1}[square["kind"]]
        for column in zip(*square["factors"], strict=True):
            p = defaultdict(Fraction)
            for a, factor in zip(square["exponents"], column, strict=True):
                p[tuple(a)] += factor
                if sign and any(a):
                    p[tuple(-k for k in a)] += sign * factor
            add(total, times(times(p, conjugate(p)), g), 1)
    found = defaultdict(Fraction)
    for a, x in total.items():
        charge = sum(h * k for h, k in zip(content["harmonics"], a, strict=True))
        if charge == 0 and (sum(a) == 0 if content["complex"] else sum(a) % 2 == 0):
            found[max(a, tuple(-k for k in a))] += x
    return {a: x for a, x in found.items() if len(a) == n}, dict.fromkeys(found, Fraction(1))


def shifted(e, k, by=1):
    """Exponents with another one of number ``k``."""
    return tuple(x + by * (j == k) for j, x in enumerate(e))


def averages_of_squares_of_derivatives(content, m):
    """The same for derivatives: everything but the unknowns goes by the rules for averages."""
    r, h = content["derivatives"], content["harmonics"]
    powers = [Fraction(x) ** 2 for x in content["amplitudes"]]
    width, zero = r + 1, (0,) * (r + 1)
    x = [{shifted(zero, k): Fraction(1)} for k in range(width)]
    total = defaultdict(Fraction)
    for square in content["squares"]:
        k = square["inequality"]
        for column in zip(*square["factors"], strict=True):
            p = [defaultdict(Fraction), defaultdict(Fraction)]
            for e, factor in zip(square["exponents"], column, strict=True):
                p[e[0] if k is not None else 0][tuple(e if k is None else e[1:])] += factor
            if k is None:
                add(total, times(p[0], p[0]), 1)
                continue
            for i in (0, 1):  # pᵀ (M² − X²) p with X = (x_k x_k+1; x_k+1 x_k+2)
                add(total, times(p[i], p[i]), m)
                image = defaultdict(Fraction)
                for j in (0, 1):
                    add(image, times(x[k + i + j], p[j]), 1)
                add(total, times(image, image), -1)
    found = defaultdict(Fraction)
    higher = defaultdict(Fraction)
    for e, value in total.items():
        taken = sum(k * x for k, x in enumerate(e))
        if taken % 2 or sum(e) % 2:
            continue
        if sum(e) == 0:
            found[zero] += value
        elif sum(e) == 2:
            i, j = (k for k, x in enumerate(e) for _ in range(x))
            mean = sum(p * Fraction(f, max(h)) ** (i + j) for p, f in zip(powers, h, strict=True)) / sum(powers)
            found[zero] += value * mean * (-1) ** ((j - i) // 2)
        else:
            higher[e] += value
    unknowns = [tuple(e) for e in content["unknowns"]]
    for degree in {sum(e) for e in higher}:
        part = {e: v for e, v in higher.items() if sum(e) == degree and v}
        for e, v in without_total_derivatives(part, degree, r, unknowns).items():
            found[e] += v
    return found, {e: m ** (sum(e) // 2) for e in unknowns}


def without_total_derivatives(part, degree, r, unknowns):
    """The same average by the unknowns alone: the average of ``Σ_k e_k x^e x_k+1 / x_k`` is zero for every ``e``."""
    rows = []
    for e in itertools.product(range(degree + 1), repeat=r):
        if sum(e) <= degree:
            e = (*e, degree - sum(e))
            if not e[r]:
                derivative = {shifted(shifted(e, k, -1), k + 1): Fraction(e[k]) for k in range(r) if e[k]}
                rows.append(derivative)
    kept = []
    for row in rows:  # Gauss and Jordan over what is not an unknown
        for pivot, other in kept:
            reduce_by(row, pivot, other)
        others = [e for e in row if e not in unknowns and sum(k * x for k, x in enumerate(e)) % 2 == 0]
        if others:
            pivot = others[0]
            kept.append((pivot, {e: v / row[pivot] for e, v in row.items()}))
            for _, other in kept[:-1]:
                reduce_by(other, pivot, kept[-1][1])
    part = dict(part)
    for pivot, other in kept:
        reduce_by(part, pivot, other)
    if not all(e in unknowns for e in part):
        raise ValueError("some averages cannot be expressed by the unknowns")
    return part


def reduce_by(row, pivot, other):
    """Take the multiple of another row away that removes its pivot."""
    factor = row.get(pivot)
    if factor:
        for e, v in other.items():
            row[e] = row.get(e, Fraction(0)) - factor * v
            if not row[e]:
                del row[e]


def require_sense(content):
    """Raise unless the tones and polynomials are some of which the inequalities and averages hold."""
    h, r = content["harmonics"], content["derivatives"]
    if not all(isinstance(k, int) for k in h) or len(h) != len(content["amplitudes"]):
        raise ValueError("harmonics must be integers, and each needs an amplitude")
    if len(set(h)) < len(h) or (min(h) != 0 if content["complex"] else min(h) < 1):
        raise ValueError("real harmonics begin above 0, and complex ones are counted from the lowest, 0")
    if not all(a > 0 for a in (content["peak"], *content["amplitudes"])) or (r and content["complex"]):
        raise ValueError("peak and amplitudes must be above 0, and derivatives are for real signals")
    for square in content["squares"]:
        k, rows = square["inequality"], square["exponents"]
        if k is not None and not 0 <= k < (r - 1 if r else 1 + content["complex"]):
            raise ValueError(f"there is no inequality {k}")
        if (r and any(e < 0 for row in rows for e in row)) or (r and k is not None and any(row[0] > 1 for row in rows)):
            raise ValueError("derivatives have exponents from 0, and the components are 0 and 1")


def proves(content):
    """Whether a file's content proves its peak, in rational numbers."""
    require_sense(content)
    m = Fraction(content["peak"]) ** 2
    if content["derivatives"]:
        power = sum(Fraction(x) ** 2 for x in content["amplitudes"]) / 2
        found, largest = averages_of_squares_of_derivatives(content, m / power)
    else:
        found, largest = averages_of_squares_of_phasors(content, m)
    zero = next(e for e in found if not any(e))
    return found[zero] + sum(abs(x) * largest[e] for e, x in found.items() if e != zero) < 0


def main():
    """Check the file that the command line names."""
    parser = argparse.ArgumentParser(description="Check a proof by moments that no phases have a lower peak.")
    parser.add_argument("file", help="what crestfall design --bound-time 30s --proof FILE wrote")
    content = content_of(parser.parse_args().file)
    try:
        if not proves(content):
            sys.exit("not proved: the sums of squares allow a lower peak")
        found = claim(content)
    except Exception as error:  # whatever does not fit the description proves nothing
        sys.exit(f"not proved: the content is not that of such a proof ({type(error).__name__}: {error})")
    print(f"proved: {found}")


if __name__ == "__main__":
    main()

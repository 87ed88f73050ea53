"""Problem files: a whole problem in one readable TOML text (see ``problem_schema`` for its tables).

Nothing is evaluated. Errors name the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tomli_w

from crestfall.files.problem_data import problem_from_data, problem_to_data
from crestfall.files.quantity_texts import with_numbers
from crestfall.problem.problem import Problem

MAX_TOML = 2**26
"""Most bytes that are read: the parser of Python's library takes a minute for them."""

_MOST_PARTS = 64
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_\\-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{_MOST_PARTS}}}")


def problem_from_text(text: str, check: Callable[[dict[str, Any]], object] | None = None) -> Problem:
    """The problem of the text of a problem file.

    Args:
        text: TOML.
        check: Called with what TOML makes of the text, quantities as numbers, before anything large is built of it;
            may refuse it.

    Raises:
        ValueError: It is not TOML, or what it says makes no problem. The message names the line.

    Example:
        >>> problem_from_text("[tones]\\nfrequencies_hz = [1.0, 2.0]\\n").multisine
        Multisine(n=2, 1 … 2 Hz, fundamental 1 Hz, real)
        >>> problem_from_text('[tones]\\nharmonics = "1:x"\\n')
        Traceback (most recent call last):
        ValueError: line 2: tones.harmonics: harmonics is '1:x': '1:x' is not a number or range; write 1:31, ...
    """
    return problem_of_parsed(text, parsed(text), check)


def parsed(text: str) -> dict[str, Any]:
    """What TOML makes of a text.

    Raises:
        ValueError: It is not TOML, or too long.
    """
    if len(text) > MAX_TOML:
        raise ValueError(f"{len(text)} characters, more than {MAX_TOML}, are too many; give the tones as CSV or NPZ")
    if (found := _LONG_KEY.search(text)) is not None:  # the parser takes 15 s for 20 000 parts
        line = text.count("\n", 0, found.start()) + 1
        raise ValueError(f"line {line}: a key has more than {_MOST_PARTS} parts with dots; tables have three at most")
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError:
        raise ValueError("not TOML: lists or tables are nested too deeply; a response is a list of pairs") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not TOML: {error}; write lines such as frequencies_hz = [10.0, 20.0]") from None


def problem_of_parsed(
    text: str, data: dict[str, Any], check: Callable[[dict[str, Any]], object] | None = None
) -> Problem:
    """The problem of a text that has been parsed already; see ``problem_from_text``."""
    with naming_lines(text):
        data = with_numbers(data)
        if check is not None:
            check(data)
        return problem_from_data(data)


@contextmanager
def naming_lines(text: str) -> Iterator[None]:
    """Errors that begin with a key get the line of the text that it is in."""
    try:
        yield
    except ValueError as error:
        line = line_of(text, str(error))
        raise ValueError(str(error) if line is None else f"line {line}: {error}") from None


def problem_to_text(problem: Problem) -> str:
    """The problem as TOML, from which ``problem_from_text`` makes the same problem again, to the last bit.

    Example:
        >>> from crestfall import Multisine
        >>> print(problem_to_text(Problem(Multisine.harmonics([1, 2, 3], 10.0), measure="range")).strip())
        [tones]
        harmonics = "1:3"
        fundamental_hz = 10.0
        amplitudes = 1.0
        <BLANKLINE>
        [goal]
        measure = "range"
    """
    data = problem_to_data(problem)
    data["tones"] = _short(data["tones"], problem)
    return tomli_w.dumps(data)


def _short(tones: dict[str, Any], problem: Problem) -> dict[str, Any]:
    """The same tones in fewer words, as people write them, where these mean exactly the same."""
    ms, amplitudes = problem.multisine, tones["amplitudes"]
    short: dict[str, Any] = {
        key: tones[key] for key in ("phases_rad", "complex", "tolerance_db", "unit") if key in tones
    }
    short["amplitudes"] = amplitudes[0] if len(set(amplitudes)) == 1 else amplitudes
    numbers = ms.harmonic_numbers.tolist() if ms.has_period else []
    step = numbers[1] - numbers[0] if len(numbers) > 2 else 0
    even = step > 0 and numbers == list(range(numbers[0], numbers[-1] + 1, step))
    if not even or [number * ms.fundamental for number in numbers] != tones["frequencies_hz"]:
        found: dict[str, Any] = {
            key: tones[key] for key in ("frequencies_hz", "fundamental_hz", "harmonics") if key in tones
        }
        return found | short
    text = f"{numbers[0]}:{numbers[-1]}" if step == 1 else f"{numbers[0]}:{step}:{numbers[-1]}"
    return {"harmonics": text, "fundamental_hz": ms.fundamental} | short


def line_of(text: str, message: str) -> int | None:
    """Number of the line that a message is about, if it begins with the key: ``outputs[1].limit is …``.

    Example:
        >>> line_of('[[outputs]]\\nlimit = 1\\n[[outputs]]\\nlimit = 0\\n', "outputs[1].limit is 0")
        4
    """
    where = re.match(r"([a-z_]+)(?:\[(\d+)\])?(?:\.(\w+))?", message)
    if where is None:
        return None
    table, number, key = where[1], int(where[2] or 0), where[3]
    found, count, inside = None, -1, False
    # Before the first table stand keys of the top: plain lists of tones, or a table in one line.
    at_top = True
    for line_number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}", line)
        if header is not None:
            at_top = False
            count += header[1] == table
            inside = header[1] == table and count == number
            found = line_number if inside else found
        elif (inside or at_top) and re.match(rf"\s*\"?{re.escape(table if at_top else key or table)}\"?\s*=", line):
            return line_number
    return found

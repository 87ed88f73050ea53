"""Numbers of the pages that are limits of the program are the constants of the source."""

import inspect
import re
from pathlib import Path

import pytest

from crestfall.design import length
from crestfall.files import flac
from crestfall.problem import multisine, times
from crestfall.problem.constraints import alphabet
from crestfall.search import refine
from crestfall.search.executors import dask_cluster, processes
from crestfall.search.methods import l2p
from crestfall.signal import spectrum
from crestfall.studio.limits import Limits

DOCS = Path(__file__).parents[2] / "docs"
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_two(number):
    power = int(number).bit_length() - 1
    assert number == 2**power
    return f"2{str(power).translate(RAISED)}"


def default(function, name):
    return inspect.signature(function).parameters[name].default


def said(number):
    """As the pages write it."""
    return f"{number:g}" if number < 10_000 else f"{number:,.0f}".replace(",", " ")


SMALL = Limits()
WORDS = {1.0: "a second", 10.0: "ten seconds"}

CLAIMS = [
    ("studio.md", f"at most {said(SMALL.tones)} tones (`--max-tones`)"),
    ("studio.md", f"{power_of_two(SMALL.band)} oscillations in a period or {power_of_two(SMALL.cycles)} in a window"),
    ("studio.md", f"{SMALL.signals} signals (inputs × experiments × outputs) and alphabets of {SMALL.levels} phases"),
    ("studio.md", f"at most {said(SMALL.seconds / 60)} minutes (`--max-seconds`)"),
    ("studio.md", f"a file at most {said(SMALL.upload_bytes / 2**20)} MiB"),
    ("studio.md", f"with at most {said(SMALL.memory_bytes / 2**30)} GiB of memory"),
    ("problems.md", f"may contain up to {power_of_two(times.MOST_OSCILLATIONS)} oscillations of its fastest tone"),
    ("problems.md", f"An alphabet has at most {power_of_two(alphabet.MOST_LEVELS)} levels"),
    ("problems.md", f"more than {multisine._LOW_CARRIER} oscillations in a period"),
    ("problems.md", f"a band of at most 1/{multisine._NARROW} of the lowest frequency"),
    ("problems.md", f"It needs at most {refine._MOST_TONES_TO_CONVERGE} tones"),
    ("problems.md", f"Lines below −{-default(spectrum.lines_of_period, 'drop_below_db'):g} dB are left out"),
    ("exports.md", f"less than {-default(spectrum.tones_of_period, 'drop_below_db'):g} dB below the strongest"),
    ("exports.md", f"Files of more than {said(length.MAX_BYTES / 2**30)} GiB"),
    ("exports.md", f"A channel for each input (complex: two), at most {flac._MAX_CHANNELS}"),
    ("methods.md", f"`l2p` takes at most {l2p.MOST_TONES} tones"),
    ("scale.md", f"return what they have within {WORDS[dask_cluster._GRACE_S]}"),
    ("scale.md", f"get {WORDS[processes._GRACE_S]} to answer"),
]


@pytest.mark.parametrize(("page", "text"), CLAIMS)
def test_a_limit_on_a_page_is_that_of_the_program(page, text):
    content = re.sub(r"\s+", " ", (DOCS / page).read_text("utf-8"))
    assert text in content, f"docs/{page} does not say {text!r}"

"""Searches in processes of their own: told of, stopped, killed, limited; and the session that listens to them."""

import io
import json
import queue
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import crestfall as cf
from crestfall.studio import run as run_module
from crestfall.studio import words
from crestfall.studio.downloads import download_of, download_of_bands
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.messages import Order
from crestfall.studio.playback_form import playbacks_from
from crestfall.studio.presets import presets
from crestfall.studio.run import BusyError, Failed, Finished, Improved, Run, Workers
from crestfall.studio.saved import Saved, saved_of_entries
from crestfall.studio.session import Session
from crestfall.studio.upload import draft_of_file

LIMITS = Limits(runs=2)
TEXT_OF_7 = '[tones]\nharmonics = "1:7"\n'
LONG = '[tones]\nharmonics = "1:64"\nfundamental_hz = 10.0\n'


@pytest.fixture(scope="module")
def workers():
    found = Workers(LIMITS)
    found.warm_up()
    yield found
    found.close()


def begun(workers, text=LONG, seconds=60.0, **options):
    events = queue.Queue()
    draft = Draft.of_text(text, LIMITS)
    return Run(workers, draft, Order(text, seconds, use_atlas=False, **options), events.put), events


def until(events, kind, seconds=60.0):
    while True:
        event = events.get(timeout=seconds)
        if isinstance(event, kind):
            return event
        assert not isinstance(event, Finished | Failed), event


def test_what_is_reported_falls_to_the_answer(workers):
    search, events = begun(workers, '[tones]\nharmonics = "1:16"\n', 0.5)
    search.wait(60)
    told = [events.get_nowait() for _ in range(events.qsize())]
    assert isinstance(told[-1], Finished)
    designs = [event.design for event in told[:-1] if event.design is not None]
    crest_factors = [design.crest_factor for design in (*designs, told[-1].design)]
    assert crest_factors == sorted(crest_factors, reverse=True)
    for event in told[:-1]:
        if event.design is not None:  # what is told is measured, not believed
            assert event.step.best == pytest.approx(event.design.figure, rel=1e-9)
    again = cf.minimize_peak(cf.Multisine.harmonics(range(1, 17)), starts=4, use_atlas=False)
    assert told[-1].design.crest_factor <= again.crest_factor * (1 + 1e-9)


def test_what_a_worker_proves_is_proved_and_what_a_browser_kept_is_stated(workers):
    _, events = begun(workers, '[tones]\nharmonics = "1,2,5"\n', 5.0, starts=2, prove=True)
    design = until(events, Finished).design
    assert design.bound_argument == "branch and bound"
    assert not design.lower_bound_is_stated
    assert "as the file states" not in words.tiles_of(design, None, None, searching=False)
    kept = saved_of_entries([Saved.of("mine", TEXT_OF_7, "", design).entry()], LIMITS)[0].design
    assert kept.lower_bound_is_stated
    assert "(as the file states, by branch and bound)" in words.tiles_of(kept, None, None, searching=False)


def test_a_stop_keeps_the_best(workers):
    search, events = begun(workers)
    best = until(events, Improved).design
    search.stop()
    found = until(events, Finished).design
    assert found.crest_factor <= best.crest_factor * (1 + 1e-12)
    assert "interrupted" in found.status


def test_a_process_that_does_not_listen_is_ended_and_its_best_kept(workers, monkeypatch):
    monkeypatch.setattr(run_module, "STOP", b"")
    monkeypatch.setattr(run_module, "GRACE_S", 0.2)
    search, events = begun(workers)
    best = until(events, Improved).design
    search.stop()
    found = until(events, Finished).design
    assert found.crest_factor <= best.crest_factor


def test_a_process_that_dies_loses_nothing_that_it_reported(workers):
    search, events = begun(workers)
    best = until(events, Improved).design
    search._process.kill()
    found = until(events, Finished).design
    assert found.crest_factor <= best.crest_factor
    assert workers.running == 0


def test_a_window_that_closes_ends_its_process_and_hears_nothing_more(workers):
    search, events = begun(workers)
    until(events, Improved)
    search.close()
    search.wait(30)
    assert search._process.poll() is not None
    assert workers.running == 0
    assert not any(isinstance(events.get_nowait(), Finished | Failed) for _ in range(events.qsize()))


def test_places_are_limited(workers):
    searches = [begun(workers)[0] for _ in range(LIMITS.runs)]
    with pytest.raises(BusyError, match="all 2 places are taken"):
        begun(workers)
    for search in searches:
        search.close()
        search.wait(30)
    last, events = begun(workers, seconds=0.2)
    until(events, Finished)
    last.wait(30)


def test_a_search_ends_when_the_server_is_gone():
    process = subprocess.Popen(
        [sys.executable, "-m", "crestfall.studio.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        process.stdin.write(Order(LONG, 600.0).line())
        process.stdin.flush()
        assert process.stdout.readline() == b'{"kind": "begun"}\n'
        assert process.stdout.readline().startswith(b'{"kind": "progress"')
        process.stdin.close()
        process.stdout.read()
        assert process.wait(30) == 0


def test_memory_is_limited():
    """Who needs more than is allotted gets a sentence, and the machine keeps its memory."""
    small = Workers(replace(LIMITS, memory_bytes=2**27))
    search, events = begun(small, seconds=20.0)
    search.wait(60)
    assert "memory" in [events.get_nowait() for _ in range(events.qsize())][-1].message
    small.close()


@pytest.mark.parametrize("name", ["shaker", "ofdm", "detector", "elevator", "mri"])
def test_limits_constraints_and_free_amplitudes_go_along(workers, name):
    text = next(preset.text for preset in presets() if preset.name == name)
    draft = Draft.of_text(text, LIMITS)
    search, events = begun(workers, text, 0.3)
    search.wait(60)
    told = [events.get_nowait() for _ in range(events.qsize())]
    found = told[-1].design
    assert found.problem == draft.problem
    assert found.multisine.n == draft.multisine.n + (10 if name == "ofdm" else 0)
    if name == "mri":
        assert np.exp(1j * (found.phases + found.phases[::-1])) == pytest.approx(np.ones(8), abs=1e-9)


def test_time_that_is_over_is_no_lack_of_memory(workers, monkeypatch):
    monkeypatch.setattr(run_module, "_OVERTIME_S", -0.2)
    search, events = begun(workers, seconds=0.201)  # ended a millisecond after it began
    search.wait(60)
    last = [events.get_nowait() for _ in range(events.qsize())][-1]
    if isinstance(last, Failed):  # nothing was found so soon
        assert "time ran out" in last.message
        assert "memory" not in last.message


TONES = '[tones]\nharmonics = "1:9"\nfundamental_hz = 10.0\n'
KINDS = {
    "window": TONES + "[goal]\nwindow_s = [0.01, 0.05]\n",
    "window without a period": "[tones]\nfrequencies_hz = [1.0, 1.4142135623, 2.7182818284]\n"
    "[goal]\nwindow_s = [0.0, 3.0]\n",
    "range in a window": TONES + '[goal]\nwindow_s = [0.0, 0.03]\nmeasure = "range"\n',
    "components": '[tones]\nharmonics = "-4:4"\ncomplex = true\n[goal]\nmeasure = "components"\n',
    "orthogonal": TONES + '[channels]\nkind = "orthogonal"\nmatrix = "chirp"\ninputs = ["x", "y", "z"]\n',
    "orthogonal, own phases": TONES + '[channels]\nkind = "orthogonal"\ninputs = 2\nphases = "own"\n',
    "interleaved": TONES + '[channels]\nkind = "interleaved"\ninputs = ["x", "y"]\n[goal]\nmeasure = "one-sided"\n',
    "interleaved with limits": TONES
    + '[channels]\nkind = "interleaved"\n[[inputs]]\nname = "x"\nlimit = 1.0\n[[inputs]]\nname = "y"\nlimit = 2.0\n',
    "alphabet": TONES + "[goal]\nalphabet = 4\n",
    "alphabet with limits": TONES + "[goal]\nalphabet = 2\nsamples = 64\n[[outputs]]\nlimit = 2.0\n",
    "alphabet of channels": TONES + '[goal]\nalphabet = 2\n[channels]\nkind = "interleaved"\ninputs = 2\n',
    "free amplitudes of channels": '[tones]\nharmonics = "1:8"\ntolerance_db = 0.5\n'
    '[channels]\nkind = "interleaved"\ninputs = 2\n',
}


def figure_by_sums(problem, multisine, phases):
    """The figure of merit of one drive without limits, from sums over a fine grid of the times that count."""
    window = problem.window
    start, duration = (0.0, multisine.period) if window is None else (window.start, window.duration)
    count = problem.samples or 20001
    t = start + duration * np.arange(count) / (count - (problem.samples is None))
    z = np.exp(2j * np.pi * np.outer(t, multisine.frequencies)) @ (multisine.amplitudes * np.exp(1j * phases))
    if problem.measure == "components":
        return max(np.max(np.abs(z.real)), np.max(np.abs(z.imag))), np.sqrt(np.sum(multisine.amplitudes**2))
    x = np.real(z)
    rms = np.sqrt(np.sum(multisine.amplitudes**2) / 2)
    value = {"peak": np.max(np.abs(x)), "range": np.ptp(x) / 2 / np.sqrt(2), "one-sided": np.max(x)}[problem.measure]
    return value, rms


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_problem_is_opened_searched_saved_and_opened_again(workers, name):
    draft = Draft.of_text(KINDS[name], LIMITS)
    before = draft.present()
    search, events = begun(workers, KINDS[name], 0.4)
    search.wait(60)
    told = [events.get_nowait() for _ in range(events.qsize())]
    assert isinstance(told[-1], Finished), told[-1]
    found = told[-1].design
    assert found.problem == draft.problem
    assert found.figure <= before.figure * (1 + 1e-9)
    measured = []
    for i, row in enumerate(found.channels):
        for one in row:
            value, rms = figure_by_sums(found.problem, one.multisine, one.phases)
            channels = found.problem.channels
            limits = [output.limit for output in found.problem.outputs] or (channels.limits if channels else None)
            measured.append(value / (rms if limits is None else limits[min(i, len(limits) - 1)]))
    if found.problem.freedom is None:
        assert found.figure == pytest.approx(max(measured), rel=1e-4)
    levels = found.problem.alphabet
    if levels is not None:
        steps = found.phases * levels / (2 * np.pi)
        assert steps == pytest.approx(np.rint(steps), abs=1e-9)
    file, content = download_of(found, ".json")
    again = draft_of_file(file, content, LIMITS)
    assert again.sentence == draft.sentence
    if found.problem.freedom is None:  # else the search begins with the amplitudes that were asked for
        assert again.present().figure == pytest.approx(found.figure, rel=1e-9)


def test_an_alphabet_goes_along(workers):
    search, events = begun(workers, '[tones]\nharmonics = "1:40"\n[goal]\nalphabet = 2\n', 1.0)
    search.wait(60)
    found = [events.get_nowait() for _ in range(events.qsize())][-1].design
    steps = found.phases / np.pi
    assert steps == pytest.approx(np.rint(steps), abs=1e-9)


# ---------------------------------------------------------------------- the session


def settled(session, condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, session
        session.drain()
        time.sleep(0.01)


@pytest.fixture
def session(workers):
    made = Session(workers)
    yield made
    made.close()


def test_a_session_from_problem_to_proof(session):
    session.take(Draft.of_text('[tones]\nharmonics = "1:12"\n', LIMITS))
    settled(session, lambda: session.explanation is not None)
    assert session.shown is session.present
    assert session.present.provenance.method == "Schroeder's phases"
    session.begin(2.0, 0, use_atlas=False)
    assert session.searching
    settled(session, lambda: not session.searching and session.explanation is not None)
    assert session.shown.crest_factor < session.present.crest_factor
    assert session.saved[-1].design is session.shown
    assert session.history[0] == (0.0, session.present.crest_factor)
    assert session.explanation.certificate.is_stationary is session.shown.status.startswith("local minimax")
    assert session.message == ""


def test_another_problem_gives_up_the_search(session, workers):
    session.take(Draft.of_text(LONG, LIMITS))
    session.begin(60.0, 0)
    settled(session, lambda: session.shown is not session.present)
    best = session.shown
    session.take(Draft.of_text('[tones]\nharmonics = "1:3"\n', LIMITS))
    assert not session.searching
    settled(session, lambda: session.present is not None)
    assert session.shown.multisine.n == 3
    assert [one.design for one in session.saved] == [best]  # what it had found is kept
    end = time.monotonic() + 30
    while workers.running:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_search_that_fails_gets_a_message(session):
    draft = Draft.of_text('[tones]\nharmonics = "1:3"\n', LIMITS)
    session.take(
        replace(draft, text="[tones]\nfrequencies_hz = [1.0, 2.0]\n[goal]\nsample_rate_hz = 3.14159265358979\n")
    )
    session.begin(1.0, 0)
    settled(session, lambda: session.message != "")
    assert "shares no usable period" in session.message
    assert "\n" not in session.message
    assert not session.searching


def test_sessions_do_not_disturb_each_other(workers):
    one, other = Session(workers), Session(workers)
    one.take(Draft.of_text(LONG, LIMITS))
    other.take(Draft.of_text('[tones]\nharmonics = "1:7"\n', LIMITS))
    one.begin(60.0, 0)
    other.begin(0.2, 0)
    settled(other, lambda: not other.searching)
    one.drain()
    assert one.searching
    assert other.shown.multisine.n == 7
    other.close()
    assert one.searching
    one.stop()
    settled(one, lambda: not one.searching)
    assert one.shown.multisine.n == 64
    one.close()


def test_what_arrives_after_the_window_has_gone_is_left(workers):
    gone, received = Session(workers), []
    gone.later(lambda: 1, received.append)
    gone._queue.put((lambda value: gone.later(lambda: value, received.append), 2))
    gone.close()
    gone.drain()
    assert received == []


def test_measuring_does_not_wait(session, monkeypatch):
    """The page goes on while a large signal is measured."""
    with ThreadPoolExecutor() as pool:
        pool.submit(session.take, Draft.of_text('[tones]\nharmonics = "1:4096"\n', LIMITS)).result()
    assert session.present is None
    settled(session, lambda: session.present is not None)


def test_what_is_reported_of_lines_that_move_is_a_design_at_these_lines(workers):
    text = '[tones]\nharmonics = "2,5,9,14"\nfundamental_hz = 10.0\n\n[lines]\nsteps = 2\n'
    _, events = begun(workers, text, seconds=1.0)
    reported, event = [], events.get(timeout=60.0)
    while isinstance(event, Improved):
        reported.append(event)
        event = events.get(timeout=60.0)
    assert isinstance(event, Finished)
    found = event.design
    assert found.moved_lines
    designs = [one.design for one in reported if one.design is not None]
    assert designs
    for design in [*designs, found]:
        assert np.all(np.abs(design.multisine.frequencies - [20.0, 50.0, 90.0, 140.0]) <= 20.0)
        assert design.figure >= found.figure * (1 - 1e-12)


BANDS = '[tones]\nfrequencies_hz = [0.1, 0.2, 0.3, 0.5, 10, 20, 30, 50]\nbands = 2\nraster_hz = [0.1, 10]\nunit = "V"\n'


def test_bands_are_searched_one_after_the_other_and_saved_together(session):
    draft = Draft.of_text(BANDS, Limits())
    assert draft.sentence == "2 bands: 4 tones, 100 to 500 mHz; 4 tones, 10 to 50 Hz"
    assert [part.problem.unit for part in draft.parts] == ["V", "V"]
    session.take(draft)
    settled(session, lambda: all(band.present is not None for band in session.bands))
    assert not session.is_optimised
    session.begin(0.6, use_atlas=False)
    settled(session, lambda: not session.searching)
    assert session.message == ""
    assert (session.band, session.is_optimised) == (1, True)
    designs = [band.shown for band in session.bands]
    assert [design.multisine.fundamental for design in designs] == pytest.approx([0.1, 10.0])
    for band in session.bands:
        t = np.linspace(0.0, band.shown.multisine.period, 20_001)
        x = np.cos(2 * np.pi * np.outer(t, band.shown.multisine.frequencies) + band.shown.phases).sum(axis=1)
        assert np.abs(x).max() / np.sqrt(2.0) == pytest.approx(band.shown.crest_factor, rel=1e-6)
        assert band.shown.crest_factor < band.present.crest_factor
    session.choose_band(0)
    assert session.shown is designs[0]
    name, data = download_of_bands(designs, ".f32", playbacks_from({"rate": "10 Hz, 1 kHz"}, 2))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("crestfall.bands.json"))
    assert name == "crestfall-2-bands.zip"
    assert [band["files"][0]["rate_hz"] for band in manifest["bands"]] == [10.0, 1000.0]
    with pytest.raises(ValueError, match="one for each of the 2 bands"):
        playbacks_from({"rate": "1, 2, 3 Hz"}, 2)
    with pytest.raises(ValueError, match="pictures are made of one band"):
        download_of_bands(designs, ".png", [None, None])


def test_a_stop_ends_the_search_of_all_bands(session):
    session.take(Draft.of_text(BANDS.replace("0.5, 10", "0.5, 0.7, 0.9, 1.1, 10"), Limits()))
    settled(session, lambda: all(band.present is not None for band in session.bands))
    session.begin(60.0, use_atlas=False)
    settled(session, lambda: session.bands[0].shown is not session.bands[0].present)
    session.stop()
    settled(session, lambda: not session.searching)
    assert session.bands[1].shown is session.bands[1].present


@pytest.mark.parametrize(("bound_time", "limits"), [(None, [6.0, 4.0]), (30.0, [6.0, 6.0])])
def test_the_time_for_bounds_is_not_taken_from_later_bands(session, bound_time, limits, monkeypatch):
    orders = []
    monkeypatch.setattr("crestfall.studio.session.Run", lambda workers, draft, order, *rest: orders.append(order))
    session.take(Draft.of_text(BANDS, LIMITS))
    session.begin(12.0, use_atlas=False, bound_time=bound_time)
    session._go_on(8.0)
    assert [order.seconds for order in orders] == limits
    assert all(order.bound_time == bound_time for order in orders)


@pytest.mark.parametrize("method", ["schroeder", "clip", "l2p"])
def test_methods_of_the_literature_are_searched_with(workers, method):
    _, events = begun(workers, TEXT_OF_7, 0.5, method=method)
    design = until(events, Finished).design
    assert design.multisine.n == 7
    assert design.provenance.method != "search, not finished"


def test_targets_starts_bounds_and_proofs_go_along(workers):
    _, events = begun(workers, TEXT_OF_7, 60.0, starts=2)
    assert until(events, Finished).design.provenance.starts <= 4
    _, events = begun(workers, TEXT_OF_7, 60.0, target=1.6)
    assert until(events, Finished).design.crest_factor <= 1.6
    _, events = begun(workers, TEXT_OF_7.replace("7", "3"), 20.0, prove=True, bound_time=1.0)
    design = until(events, Finished).design
    assert design.lower_bound == pytest.approx(design.crest_factor, rel=2e-3)

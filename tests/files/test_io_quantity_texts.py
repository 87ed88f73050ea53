"""Texts with units in problem files: they say the same as numbers in the unit of the key."""

import pytest

import crestfall as cf
from crestfall.files import problem_from_data, problem_from_text


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (
            "[tones]\nharmonics = '1:3'\nfundamental_hz = '1/64 kHz'\n",
            "[tones]\nharmonics='1:3'\nfundamental_hz=15.625\n",
        ),
        (
            "[tones]\nharmonics = '1:3'\nperiod_s = '1 min'\n",
            "[tones]\nharmonics='1:3'\nfundamental_hz=0.016666666666666666\n",
        ),
        ("[tones]\nfrequencies_hz = ['1 kHz', 2500]\n", "[tones]\nfrequencies_hz = [1000, 2500]\n"),
        (
            "[tones]\nharmonics = '1:3'\ntolerance_db = '0.5 dB'\n[goal]\nsample_rate_hz = '48 Hz'\n",
            "[tones]\nharmonics = '1:3'\ntolerance_db = 0.5\n[goal]\nsample_rate_hz = 48\n",
        ),
        (
            "[tones]\nfrequencies_hz = [1.0, 2.0]\n[goal]\nwindow_s = [0, '500 ms']\n",
            "[tones]\nfrequencies_hz = [1.0, 2.0]\n[goal]\nwindow_s = [0, 0.5]\n",
        ),
        (
            "[tones]\nharmonics = '1:3'\n[[constraints]]\nkind = 'hold'\nphases_rad = { 0 = '90 deg' }\n",
            "[tones]\nharmonics = '1:3'\n[[constraints]]\nkind = 'hold'\nphases_rad = { 0 = 1.5707963267948966 }\n",
        ),
        (
            "[tones]\nharmonics = '1:3'\n[[extra]]\nfrequencies_hz = ['5 Hz']\nlargest = 0.3\n",
            "[tones]\nharmonics = '1:3'\n[[extra]]\nfrequencies_hz = [5]\nlargest = 0.3\n",
        ),
    ],
)
def test_texts_mean_numbers(text, numbers):
    assert problem_from_text(text) == problem_from_text(numbers)


def test_plain_tones_too(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(
        "[[tone]]\nfrequency_hz = '1 kHz'\n[[tone]]\nfrequency_hz = 3000\nphase_rad = 0\n".replace(
            "phase_rad = 0\n", ""
        )
    )
    assert cf.files.read_problem(path).multisine == cf.Multisine([1000.0, 3000.0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[tones]\nharmonics = '1:3'\nfundamental_hz = '2 V'\n",
            "line 3: tones.fundamental_hz is '2 V'; give a frequency",
        ),
        ("[tones]\nfrequencies_hz = [1, 'x']\n", r"line 2: tones.frequencies_hz\[1\] is 'x'; give a frequency"),
        ("[tones]\nfrequencies_hz = [1]\nperiod_s = 1\n", "tones.period_s goes with harmonics"),
        (
            "[tones]\nharmonics = '1'\nperiod_s = 1\nfundamental_hz = 1\n",
            "tones.period_s: period_s and fundamental_hz say the same thing",
        ),
        ("[tones]\nharmonics = '1'\nperiod_s = 0\n", "tones.period_s is 0; it must be a finite number above 0"),
    ],
)
def test_texts_that_are_none_are_named(text, said):
    with pytest.raises(ValueError, match=said):
        problem_from_text(text)


def test_the_data_of_the_caller_stay_as_they_are():
    data = {"tones": {"harmonics": "1:3", "fundamental_hz": "2 Hz"}}
    assert problem_from_data(data).multisine.fundamental == 2.0
    assert data["tones"]["fundamental_hz"] == "2 Hz"


def test_rules_in_problem_files():
    text = "[tones]\nfrequencies_hz = '20..80'\nfundamental_hz = 10\nexclude = ['mains']\namplitudes = 'pink'\n"
    ms = problem_from_text(text).multisine
    assert ms.frequencies.tolist() == [20.0, 30.0, 40.0, 60.0, 70.0, 80.0]
    assert ms.amplitudes.tolist() == pytest.approx([(20.0 / f) ** 0.5 for f in ms.frequencies], rel=1e-14)
    again = problem_from_text(cf.files.problem_to_text(problem_from_text(text)))
    assert again == problem_from_text(text)


def test_a_raster_in_problem_files():
    text = "[tones]\nfrequencies_hz = [1.0, 3.14159]\nraster_hz = '100 mHz'\n"
    with pytest.warns(cf.CrestfallWarning, match="1 of 2 tones moved to multiples of 100 mHz"):
        assert problem_from_text(text).multisine.harmonic_numbers.tolist() == [10, 31]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("exclude = 'noise'", "line 4: tones.exclude: exclude is 'noise'; give mains"),
        ("amplitudes = 'loud'", "line 4: tones.amplitudes: amplitudes is 'loud'; give flat"),
        ("raster_hz = 7", "line 4: tones.raster_hz: raster is 7 Hz, on which"),
        ("fundamental_hz = '20 V'", "line 4: tones.fundamental_hz is '20 V'"),
    ],
)
def test_rules_that_say_nothing_name_their_line(line, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        problem_from_text(f"[tones]\n# a comment\nharmonics = '1:5'\n{line}\n")


def test_samples_per_second_and_currents():
    from crestfall.files.quantity_texts import with_numbers
    from crestfall.problem.quantities import quantity

    assert [quantity(text, "Hz") for text in ("1 GS/s", "2.5MSa/s", "48 kS/s")] == [1e9, 2.5e6, 48e3]
    assert quantity("20 mA", "V") == 0.02
    assert with_numbers({"outputs": [{"limit": "20 mA"}]}) == {"outputs": [{"limit": 0.02}]}

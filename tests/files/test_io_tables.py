"""pandas and xarray objects: tones, samples and times."""

import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import crestfall as cf
from crestfall.files.pandas_tables import tones_to_pandas, waveform_to_pandas
from crestfall.files.xarray_table import waveform_to_xarray


def test_a_frame_has_a_row_for_each_tone(design):
    frame = tones_to_pandas(design)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["frequency_hz", "amplitude", "phase_rad"]
    np.testing.assert_array_equal(frame["frequency_hz"], design.multisine.frequencies)
    np.testing.assert_array_equal(frame["amplitude"], design.multisine.amplitudes)
    np.testing.assert_array_equal(frame["phase_rad"], design.phases)
    assert frame.attrs["crest_factor"] == design.crest_factor
    frame.loc[0, "amplitude"] = 5.0  # the frame is the user's own
    assert design.multisine.amplitudes[0] == 1.0


@pytest.mark.parametrize("which", ["design", "complex_design"])
def test_waveforms_are_the_sum_of_the_tones(which, request, direct_sum):
    design = request.getfixturevalue(which)
    series = waveform_to_pandas(design, 8000, 2)
    array = waveform_to_xarray(design, 8000, 2)
    assert isinstance(array, xr.DataArray)
    expected = direct_sum(design, 8000, series.size)
    for values, times in ((series.to_numpy(), series.index.to_numpy()), (array.values, array["time"].values)):
        np.testing.assert_allclose(values, expected, atol=1e-12)
        np.testing.assert_allclose(times, np.arange(expected.size) / 8000)
    assert series.index.name == "time_s"
    assert array.attrs["sample_rate_hz"] == series.attrs["sample_rate_hz"] == 8000.0
    np.testing.assert_array_equal(array.attrs["phases_rad"], design.phases)


def test_several_inputs_have_a_column_or_a_dimension_each():
    problem = cf.Problem(cf.Multisine([100.0, 300.0]), channels=cf.Orthogonal(["x", "y"]))
    design = cf.Design.of(problem, [0.5, 1.0])
    tones, table, array = tones_to_pandas(design), waveform_to_pandas(design, 1600), waveform_to_xarray(design, 1600)
    assert tones["input"].tolist() == ["x"] * 4 + ["y"] * 4
    assert tones["experiment"].tolist() == [1, 1, 2, 2] * 2
    assert list(table.columns) == ["x experiment 1", "x experiment 2", "y experiment 1", "y experiment 2"]
    assert array.dims == ("input", "experiment", "time")
    times = np.arange(16) / 1600
    turned = [0.5 + np.pi, 1.0 + np.pi]  # the only entry of the matrix that is a sign
    expected = np.cos(2 * np.pi * np.outer(times, [100.0, 300.0]) + turned).sum(axis=1)
    np.testing.assert_allclose(table["y experiment 2"], expected, atol=1e-12)
    np.testing.assert_allclose(array.sel(input="y", experiment=2), expected, atol=1e-12)
    chosen = tones[(tones["input"] == "y") & (tones["experiment"] == 2)]
    np.testing.assert_allclose(np.exp(1j * chosen["phase_rad"]), np.exp(1j * np.array(turned)), atol=1e-12)


def test_a_window_is_played_from_its_beginning():
    ms = cf.Multisine([100.0, 100.0 * 2**0.5])
    design = cf.Design.of(cf.Problem(ms, over=cf.Window(0.5, 0.1)), [0.0, 1.0])
    series, array = waveform_to_pandas(design), waveform_to_xarray(design)
    np.testing.assert_allclose(series.index, 0.5 + np.arange(101) / 1000.0)
    expected = np.cos(2 * np.pi * np.outer(series.index, ms.frequencies) + [0.0, 1.0]).sum(axis=1)
    np.testing.assert_allclose(series, expected, atol=1e-9)
    np.testing.assert_allclose(array, expected, atol=1e-9)


def test_the_peak_may_be_chosen(design):
    assert np.max(np.abs(waveform_to_pandas(design, peak=0.1))) <= 0.1
    assert np.max(np.abs(waveform_to_xarray(design, peak=0.1))) <= 0.1


@pytest.mark.parametrize(
    ("package", "function"),
    [("pandas", tones_to_pandas), ("pandas", waveform_to_pandas), ("xarray", waveform_to_xarray)],
)
def test_what_is_missing_names_the_extra(package, function, design, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"{package} is not installed; pip install 'crestfall\[tables\]' brings it"):
        function(design)


def test_an_array_can_be_written_to_netcdf(design, tmp_path):
    array = waveform_to_xarray(design)
    array.to_netcdf(tmp_path / "a.nc", engine="scipy")
    with xr.open_dataarray(tmp_path / "a.nc", engine="scipy") as loaded:
        np.testing.assert_array_equal(loaded.values, array.values)
        np.testing.assert_array_equal(loaded.attrs["phases_rad"], design.phases)

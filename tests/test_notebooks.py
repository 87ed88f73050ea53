"""The notebooks run from top to bottom, and are kept without outputs, except one that shows what is printed."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
NotebookClient = pytest.importorskip("nbclient").NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples").glob("*.ipynb"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 3


WITH_OUTPUTS = {"torch"}  # it shows what the doctor prints


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path.stem not in WITH_OUTPUTS], ids=lambda path: path.stem
)
def test_it_is_kept_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def results(notebook):
    """What the cells return, as text: here the reports of the doctor."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    found = [output.data["text/plain"] for output in outputs if output.output_type == "execute_result"]
    assert len(found) == 3
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")  # what Jupyter deprecates of its own is not ours to change
def test_it_runs(path, tmp_path, monkeypatch):
    if path.stem == "torch":
        pytest.importorskip("torch")
    monkeypatch.setenv("MPLBACKEND", "agg")
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}})
    client.execute()  # raises with the cell and its traceback
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    if path.stem in WITH_OUTPUTS:
        assert results(notebook) == results(nbformat.read(path, as_version=4))
    assert sorted(tmp_path.iterdir()) == []

"""The notebooks run from top to bottom, and are kept with what they print and draw."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
NotebookClient = pytest.importorskip("nbclient").NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples").glob("*.ipynb"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 3


def kinds(notebook):
    """Which outputs each cell of code has: printed text, values."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [(cell.execution_count, [output.output_type for output in cell.outputs]) for cell in cells]


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
    kept = nbformat.read(path, as_version=4)
    assert kinds(notebook) == kinds(kept)
    if path.stem == "torch":
        assert results(notebook) == results(kept)
    assert sorted(tmp_path.iterdir()) == []

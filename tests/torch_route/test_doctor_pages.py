"""What the pages print of the doctor is what it prints."""

import importlib.util
from pathlib import Path

import pytest

from crestfall.torch import doctor
from crestfall.torch.diagnosis.catalogue import CATALOGUE, finding

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_of_the_doctor", ROOT / "benchmarks" / "doctor.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def between(name, page):
    text = (ROOT / "docs" / page).read_text("utf-8")
    return text.partition(f"<!-- numbers:{name} -->\n")[2].partition(f"\n<!-- end:{name} -->")[0]


def test_the_printed_report_is_fresh(benchmark):
    assert between("report", "original-question.md") == benchmark.printed_report()


def test_the_table_of_codes_is_fresh(benchmark):
    assert between("codes", "doctor.md") == benchmark.table_of_codes()


def test_the_loop_to_paste_works_and_is_healthy():
    page = (ROOT / "docs" / "original-question.md").read_text("utf-8")
    code = page.partition("## The loop that works\n\n```python\n")[2].partition("```")[0]
    assert code.count("48_000") == code.count("range(1000)") == 1
    space = {}
    exec(code.replace("48_000", "480").replace("range(1000)", "range(300)").replace("print(", "float("), space)
    assert space["loss"].item() < 1e-9
    theta = (0.1 * space["torch"].arange(5.0)).requires_grad_()

    def loss():
        return space["torch"].sin(space["t"][None, :] + theta[:, None]).sum(0).square().mean()

    assert doctor(loss, theta).findings == ()


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_has_words_and_a_remedy_of_two_lines(code):
    found = finding(code, "seen")
    assert found.why
    assert found.remedy
    assert 1 <= len(found.fix.splitlines()) <= 2
    assert f"`{code}`" in between("codes", "doctor.md")


def test_the_table_of_symptoms_names_codes_that_exist():
    page = (ROOT / "docs" / "original-question.md").read_text("utf-8")
    rows = [row for row in page.splitlines() if row.startswith('| "')]
    assert len(rows) >= 8
    named = {code for row in rows for code in row.split("|")[2].replace("`", "").replace(" ", "").split(",")}
    assert named <= set(CATALOGUE)

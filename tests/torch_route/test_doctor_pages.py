"""What the pages print of the doctor is what it prints."""

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from crestfall.torch import doctor
from crestfall.torch.diagnosis.catalogue import CATALOGUE, finding

sys.path.insert(0, str(Path(__file__).parent))
import doctor_cases
from doctor_cases.case import FAULTS, HEALTHY

for module in pkgutil.iter_modules(doctor_cases.__path__):
    importlib.import_module(f"doctor_cases.{module.name}")

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


def test_the_quoted_loop_prints_the_printed_report(benchmark, capsys):
    page = (ROOT / "docs" / "original-question.md").read_text("utf-8")
    first, second = re.findall(r"```python\n(.*?)```", page, re.S)
    space = {}
    exec(first.replace("48_000", "480").replace("range(1000)", "range(3)"), space)
    capsys.readouterr()
    exec(second, space)
    assert f"```text\n{capsys.readouterr().out}```" == between("report", "original-question.md")


def test_the_measured_tables_bear_the_words_of_the_script(benchmark):
    kinds = {module: [7, 7] for module in benchmark.KINDS}
    found = {"found": 7, "ran": 7, "alarms": 0, "correct": 7, "kinds": kinds}
    tools, rows = benchmark.table_of_tools({"`crestfall.torch.doctor`": found}), benchmark.table_of_kinds(found)
    assert between("tools", "doctor.md").splitlines()[:2] == tools.splitlines()[:2]
    shown = between("kinds", "doctor.md")
    assert [row.split("|")[1] for row in shown.splitlines()] == [row.split("|")[1] for row in rows.splitlines()]
    assert shown.splitlines()[0] == rows.splitlines()[0]
    counts = Counter(build.__module__.rpartition(".")[2] for _, build in FAULTS.values())
    assert [int(row.split("|")[3]) for row in shown.splitlines()[2:]] == [
        *(counts[module] for module in benchmark.KINDS),
        len(HEALTHY),
    ]


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

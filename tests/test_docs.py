"""The pages say what the code does: their code runs, their numbers are those of a fresh computation, their links lead
on."""

import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from typing import get_args

import msgspec
import pytest

import crestfall as cf
from crestfall.files import problem_schema
from crestfall.files.playback_table import KEYS, PlaybackTable
from crestfall.problem.compatibility import EXCLUSIONS, as_markdown

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])


READ_IN_ORDER = {"original-question.md"}  # whose later code uses the variables of the code above it


def blocks(page):
    found = [dedent(code) for code in re.findall(r" *```python\n(.*?)```", page.read_text("utf-8"), re.S)]
    return ["\n".join(found)] if page.name in READ_IN_ORDER else found


BLOCKS = [
    pytest.param(page.name, block, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, block in enumerate(blocks(page))
]


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_the_code_on_the_pages_runs(page, block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, page, "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            path, _, anchor = target.partition("#")
            linked = page.parent / path if path else page
            assert linked.exists(), target
            if anchor:
                headings = re.findall(r"^#+ (.*)$", linked.read_text("utf-8"), re.M)
                assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_table_of_fields_is_that_of_their_pages(monkeypatch):
    """``docs/figures/fields/index.py`` writes it; run that after any page of a field has changed."""
    folder = ROOT / "docs/figures/fields"
    monkeypatch.syspath_prepend(folder)
    spec = importlib.util.spec_from_file_location("fields_index", folder / "index.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = ["| " + " | ".join(row) + " |" for row in module.rows()]
    shown = between(ROOT / "docs/fields/index.md", "numbers").splitlines()
    assert shown == [rows[0], shown[1], *rows[1:]]
    pages = {path.stem for path in (ROOT / "docs/fields").glob("*.md")} - {"index"}
    assert pages == {re.search(r"\]\((\w+)\.md\)", row)[1] for row in rows[1:]}
    for row in rows[1:]:  # customary, ours, and the bound below ours
        customary, ours, bound = (cell.strip(" *").split()[0] for cell in row.split("|")[4:7])
        assert float(ours) <= float(customary)
        assert bound == "–" or float(bound) <= float(ours)


def test_every_figure_script_is_run_by_make_docs_figures():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = makefile.split("docs-figures: ")[1].split("\n\n")[0]
    for path in sorted((ROOT / "docs/figures").rglob("*.py")):
        if "__main__" in path.read_text("utf-8"):
            named = f" {path.stem}" if path.parent.name == "fields" else f"docs/figures/{path.name}"
            assert named in recipe, path


@pytest.fixture(scope="module")
def original_question():
    spec = importlib.util.spec_from_file_location("original_question", ROOT / "docs/figures/original_question.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def between(page, name):
    return re.search(f"<!-- numbers:{name} -->\n(.*?)\n<!-- end:{name} -->", page.read_text("utf-8"), re.S)[1]


def test_the_table_of_the_original_question_is_fresh(original_question):
    rows = between(ROOT / "docs/original-question.md", "methods").splitlines()
    table = {row.split("|")[1].strip(): [float(cell) for cell in row.split("|")[2:5]] for row in rows[2:]}
    n = 5
    random_best = original_question.maximum_over_samples(original_question.best_of_random(n))
    assert table["best of 1000 random phase sets"][1] == pytest.approx(random_best, rel=0.06)
    accepted = original_question.accepted_answer_run(n).maximum
    assert table["the accepted answer (θ₀ = 1, the rest 0)"][1] == pytest.approx(accepted, rel=0.06)
    assert table["the question's code"] == [2, 5, 20]
    assert len(set(original_question.run_the_question(n, samples=480))) == 1
    # What float32 leaves depends on the platform's sines; that it arrives does not.
    noise = original_question.maximum_over_samples(original_question.run_an_answer(n, "noise"))
    assert max(*table["the second answer (start from noise)"], noise) < 1e-5
    for name in ("all zeros", "θ₀ = 1, the rest 0", "noise"):
        assert max(table[f"`phase_optimize` from {name}"]) < 1e-12
    assert max(table["closed form"]) < 1e-12


def test_the_findings_on_the_way_are_fresh(original_question):
    assert between(ROOT / "docs/original-question.md", "findings") == original_question.findings_on_the_way()


def test_the_numbers_of_the_methods_are_those_of_the_code():
    cells = between(ROOT / "docs/methods.md", "methods").splitlines()[2].split("|")
    assert cells[1].strip() == "15"
    ms = cf.Multisine.harmonics(range(1, 16))
    for cell, method in ((cells[3], "schroeder"), (cells[4], "clip"), (cells[6], "l2p")):
        assert float(cell.split()[0]) == pytest.approx(cf.minimize_peak(ms, method=method).crest_factor, rel=0.02)


def test_what_excludes_what_is_the_table_of_the_code():
    """``docs/figures/together.py`` writes it."""
    assert between(ROOT / "docs/problems.md", "together") == as_markdown().strip()
    assert between(ROOT / "docs/problems.md", "together").count("\n") == len(EXCLUSIONS) + 1


def test_every_field_of_the_problem_and_of_the_effort_is_on_its_page():
    page = (ROOT / "docs/problems.md").read_text("utf-8")
    for field in (*fields(cf.Problem)[1:], *fields(cf.Effort)):
        assert re.search(rf"`{field.name}\b|\b{field.name}=", page), field.name


def test_the_problem_file_of_the_page_has_every_key_and_no_other():
    page = (ROOT / "docs/problems.md").read_text("utf-8")
    tables = tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.S)[1])
    kinds = {
        "tones": problem_schema.TonesTable,
        "goal": problem_schema.GoalTable,
        "outputs": problem_schema.OutputTable,
        "constraints": problem_schema.HoldTable,
        "extra": problem_schema.ExtraTable,
        "shapes": problem_schema.PulseTable,
        "fixed": problem_schema.FixedTable,
        "channels": problem_schema.ChannelsTable,
        "inputs": problem_schema.InputTable,
        "playback": PlaybackTable,
        "lines": problem_schema.LinesTable,
    }
    assert set(tables) == set(kinds)
    unions = (problem_schema.ConstraintTable, problem_schema.ShapeTable)
    known = {kind.__struct_config__.tag for union in unions for kind in get_args(union)}
    assert known == {tag for tag in known if f'"{tag}"' in page}
    for name, kind in kinds.items():
        table = tables[name][0] if isinstance(tables[name], list) else tables[name]
        assert set(table) - {"kind"} <= {field.name for field in msgspec.structs.fields(kind)} | {"kind"}, name
        for field in msgspec.structs.fields(kind):
            assert re.search(rf"\b{field.name}\b", page), f"{name}.{field.name}"


def test_every_field_of_the_playback_is_on_its_page():
    page = (ROOT / "docs/exports.md").read_text("utf-8")
    for name, key in KEYS.items():
        assert re.search(rf"`{name}`", page), name
        assert f"`{key}`" in page or re.search(rf"`{name}`[^|]*\| the same", page), key

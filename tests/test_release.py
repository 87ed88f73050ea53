"""What a release says of itself agrees: versions, citation, lowest dependencies, templates."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import crestfall

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_the_version_is_semantic_and_the_same_in_the_citation():
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?", crestfall.__version__)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == crestfall.__version__
    assert citation["license"] == PROJECT["license"]
    for key in ("cff-version", "message", "title", "authors", "abstract"):
        assert citation[key], key


def test_the_changelog_begins_with_what_is_not_released():
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == "Unreleased" or headings[0].startswith(f"{crestfall.__version__} ")


def test_the_lowest_dependencies_that_are_tried_are_the_lowest_that_are_promised():
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "constraints-lowest.txt").read_text("utf-8"), re.M))
    for text in PROJECT["dependencies"]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pinned[requirement.name]), text
        (lowest,) = [each.version for each in requirement.specifier if each.operator == ">="]
        assert pinned[requirement.name].startswith(lowest), f"{text} promises less than {pinned[requirement.name]}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_issue_templates_can_be_read(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    if path.stem == "config":
        assert set(form) <= {"blank_issues_enabled", "contact_links"}
        return
    assert {"name", "description", "body"} <= set(form)
    identifiers = [field["id"] for field in form["body"]]
    assert len(set(identifiers)) == len(identifiers)
    assert all(field["attributes"]["label"] for field in form["body"])


def test_the_commands_of_the_contributing_guide_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    pages = [(ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md", "docs/benchmarks.md")]
    commands = {target for page in pages for target in re.findall(r"^make ([\w-]+)", page, re.M)}
    assert {"test", "demo", "docs", "benchmark"} <= commands
    for target in commands:
        assert re.search(rf"^{target}:", makefile, re.M), target

"""What somebody meets who joins: workflows, hooks before a commit, how to report a weakness."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import crestfall

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def workflow(path):
    """Its keys; YAML 1.1 takes the word ``on`` for true."""
    found = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


def steps_of(path):
    return [step for job in workflow(path)["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.skipif(importlib.util.find_spec("check_jsonschema") is None, reason="check-jsonschema is not installed")
@pytest.mark.parametrize(
    ("schema", "paths"),
    [("github-workflows", WORKFLOWS), ("dependabot", [ROOT / ".github" / "dependabot.yml"])],
)
def test_they_follow_the_schema(schema, paths):
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@every_workflow
def test_a_workflow_may_only_read_unless_a_job_says_more(path):
    found = workflow(path)
    assert found["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in found["jobs"].items() if "permissions" in job}
    writes = {f"{name}: {what}" for name, asked in more.items() for what, how in asked.items() if how == "write"}
    allowed = {"publish": {"publish: id-token"}, "docs": {"deploy: pages", "deploy: id-token"}}
    assert writes == allowed.get(path.stem, set())
    for name, job in found["jobs"].items():  # what may publish does nothing else, and waits for a person to allow it
        if "permissions" in job:
            assert job["environment"], name
            assert not any("run" in step for step in job["steps"]), name


@every_workflow
def test_jobs_end_and_depend_on_jobs_that_exist(path):
    jobs = workflow(path)["jobs"]
    for name, job in jobs.items():
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) <= set(jobs), name
        if "uses" in job:
            assert (ROOT / job["uses"]).is_file(), name
        else:
            assert job["timeout-minutes"] <= 60, name


@every_workflow
def test_actions_have_a_version_and_commands_take_no_text_from_outside(path):
    for step in steps_of(path):
        assert "uses" in step or "run" in step
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w.-]+@(v\d+|release/v1)", step["uses"])
        # What stands in a title or a branch name would be executed; $GITHUB_REF_NAME is not.
        assert "${{" not in step.get("run", "")


@every_workflow
def test_what_the_commands_name_is_there(path):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in (step["run"] for step in steps_of(path) if "run" in step):
        for name in re.findall(r"(?<![\w/])(?:scripts|src|tests)/[\w./-]+|constraints\.txt", command):
            assert (ROOT / name).exists(), name
        for target in re.findall(r"^make ([\w-]+)", command, re.M):
            assert re.search(rf"^{target}:", makefile, re.M), target
        for extras in re.findall(r'"\.\[(.*)\]"', command):
            assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])


def test_every_promised_version_is_tested_on_three_systems():
    matrix = workflow(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["tests"]["strategy"]["matrix"]
    promised = [
        text.rpartition(" ")[2] for text in PROJECT["classifiers"] if re.search(r"Python :: \d\.\d+$", text) is not None
    ]
    assert matrix["python"] == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_publishing_needs_the_tests_and_no_password():
    path = ROOT / ".github" / "workflows" / "publish.yml"
    found = workflow(path)
    assert list(found["on"]) == ["push"]
    assert list(found["on"]["push"]) == ["tags"]
    assert set(found["jobs"]["publish"]["needs"]) == {"test", "build"}
    assert "secrets." not in path.read_text("utf-8")


@pytest.mark.posix
def test_the_tag_is_compared_with_the_version():
    (command,) = [step["run"] for step in steps_of(ROOT / ".github" / "workflows" / "publish.yml") if "name" in step]
    for tag, code in ((f"v{crestfall.__version__}", 0), ("v999.0.0", 1)):
        environment = os.environ | {"GITHUB_REF_NAME": tag}
        done = subprocess.run(["bash", "-ec", command], cwd=ROOT, env=environment, capture_output=True, check=False)
        assert done.returncode == code, tag


def test_hooks_have_the_versions_that_make_lint_has():
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "constraints.txt").read_text("utf-8"), re.M))
    revisions = {repo["repo"].rpartition("/")[2].removesuffix("-pre-commit"): repo["rev"] for repo in HOOKS}
    assert revisions == {name: f"v{pinned[name]}" for name in ("ruff", "typos")}
    assert [hook["id"] for repo in HOOKS for hook in repo["hooks"]] == ["ruff-check", "ruff-format", "typos"]


def test_no_address_of_this_repository_is_made_up():
    """None is known: only those of others may stand here."""
    places = [*WORKFLOWS, ROOT / ".pre-commit-config.yaml", ROOT / ".github" / "dependabot.yml", ROOT / "SECURITY.md"]
    found = {address for path in places for address in re.findall(r"https?://[^\s\"')]+", path.read_text("utf-8"))}
    others = ("https://github.com/astral-sh/", "https://github.com/crate-ci/", "https://pypi.org/manage/")
    assert [one for one in found if not one.startswith((*others, "https://download.pytorch.org/"))] == []


def test_the_ways_to_report_a_weakness_are_named():
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    for word in ("Report a vulnerability", "newest release", "studio", "files"):
        assert word in text
    for page in re.findall(r"\]\(([\w/.]+)\)", text):
        assert (ROOT / page).is_file(), page

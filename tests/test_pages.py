"""What the site promises as a whole: every name is in the reference, every picture comes from a script."""

import importlib
import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

import crestfall
from crestfall.cli import app
from crestfall.files import EXPORTS, FORMATS
from crestfall.files.tones import READABLE
from crestfall.files.waveforms.read import ENDINGS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
SCRIPTS = sorted([*(DOCS / "figures").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
MODULES = ("crestfall", *crestfall._MODULES.values())


def resolved(path):
    """The object that a dotted path of the reference names."""
    module, _, rest = path, "", []
    while True:
        try:
            found = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, name = module.rpartition(".")
            rest.insert(0, name)
    for name in rest:
        found = getattr(found, name)
    return found


@pytest.fixture(scope="module")
def reference():
    directives = [re.findall(r"^::: (\S+)$", page.read_text("utf-8"), re.M) for page in (DOCS / "api").glob("*.md")]
    return [resolved(path) for paths in directives for path in paths]


@pytest.mark.parametrize("path", MODULES)
def test_every_public_name_is_in_the_reference(path, reference):
    if path == "crestfall.torch":
        pytest.importorskip("torch")
    module = importlib.import_module(path)
    for name in module.__all__:
        thing = getattr(module, name)
        if callable(thing):
            assert any(shows(entry, name, thing) for entry in reference), f"{path}.{name}"


def shows(entry, name, thing):
    """A module's entry shows what it defines or lists, but not what has the name of a module of its own."""
    if not isinstance(entry, ModuleType):
        return entry is thing
    listed = name in getattr(entry, "__all__", ()) and getattr(entry, name, None) is thing
    shadowed = listed and hasattr(entry, "__path__") and importlib.util.find_spec(f"{entry.__name__}.{name}")
    return entry.__name__ == thing.__module__ or (listed and not shadowed)


def test_every_picture_is_made_by_a_script():
    texts = {path: path.read_text("utf-8") for path in SCRIPTS}
    for picture in sorted((DOCS / "images").rglob("*.png")):
        made = any(picture.name in text for text in texts.values())
        field = DOCS / "figures" / "fields" / f"{picture.stem}.py"
        drawn = picture.parent.name == "fields" and f'draw("{picture.stem}"' in texts.get(field, "")
        assert made or drawn, f"{picture.relative_to(ROOT)} is named by no script"


def test_every_picture_is_shown_and_every_shown_picture_exists():
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text("utf-8"))
    }
    assert shown == {path.resolve() for path in (DOCS / "images").rglob("*.png")}


def test_every_script_of_figures_is_run_by_make():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for script in (DOCS / "figures").rglob("*.py"):
        if 'if __name__ == "__main__":' in script.read_text("utf-8"):
            path = script.relative_to(ROOT).as_posix()
            loop = re.search(r"for field in (.*?);", makefile)[1].split()
            assert path in makefile or (script.parent.name == "fields" and script.stem in loop), path


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")
    for page in DOCS.rglob("*.md"):
        assert f": {page.relative_to(DOCS).as_posix()}\n" in navigation, page


def test_numbers_between_markers_are_filled_by_scripts():
    texts = "\n".join(path.read_text("utf-8") for path in SCRIPTS)
    for page in DOCS.rglob("*.md"):
        for name, text in re.findall(r"<!-- numbers:(\S+) -->\n(.*?)<!-- end:\1 -->", page.read_text("utf-8"), re.S):
            assert text.strip(), f"{page.name}: the numbers {name} are missing"
            assert f'"{name}"' in texts or page.parent.name == "fields", f"{page.name}: no script fills {name}"


def test_every_format_is_in_the_table_with_a_test_that_exists():
    page = (DOCS / "exports.md").read_text("utf-8")
    out, _, into = page.partition("## In")
    for ending in (*FORMATS, *EXPORTS):
        row = next(line for line in out.splitlines() if line.startswith("|") and f"`{ending}`" in line.split("|")[1])
        named = re.findall(r"`(test_io_\w+\.py)`", row.split("|")[-2])
        assert named, ending
        for name in named:
            assert "def test_" in (ROOT / "tests" / "files" / name).read_text("utf-8")
    first = [line.split("|")[1] for line in into.splitlines() if line.startswith("| `.")]
    samples = {ending for ending in ENDINGS if ending.startswith(".")}
    assert set(re.findall(r"`(\.[\w.-]+)`", " ".join(first))) == {*READABLE, *samples}


def test_the_page_of_benchmarks_says_what_the_measured_pages_say(monkeypatch):
    monkeypatch.syspath_prepend(DOCS / "figures")
    spec = importlib.util.spec_from_file_location("benchmarks_page", DOCS / "figures" / "benchmarks.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = (DOCS / "benchmarks.md").read_text("utf-8")
    again = "python docs/figures/benchmarks.py fills it in again"
    for name, fresh in (("results", script.results()), ("scripts", script.scripts())):
        shown = re.search(f"<!-- numbers:{name} -->\n(.*?)\n<!-- end:{name} -->", page, re.S)[1]
        assert shown == fresh, again
    for _, _, path in script.RESULTS.values():
        assert (ROOT / path).is_file()


def test_every_way_to_extend_takes_less_than_forty_lines():
    sections = re.split(r"^## ", (DOCS / "extend.md").read_text("utf-8"), flags=re.M)[1:]
    titles = {section.splitlines()[0]: re.findall(r"```python\n(.*?)```", section, re.S) for section in sections}
    for title in ("A method", "A strategy", "A solver", "An output", "A constraint", "A format", "A reduction"):
        (block,) = titles[title]
        assert block.count("\n") < 40, title


def commands():
    texts = [(page, page.read_text("utf-8")) for page in PAGES]
    for page, text in texts:
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S):
            for line in re.findall(r"^crestfall (.*)$", block if language in ("", "sh") else "", re.M):
                yield pytest.param(shlex.split(line, comments=True), id=f"{page.stem}: {line[:40]}")


@pytest.mark.parametrize("words", list(commands()))
def test_the_commands_on_the_pages_have_these_options(words):
    words, command = list(words), get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    if words and hasattr(command, "commands"):
        assert words[0].startswith("--"), f"there is no command {words[0]}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        assert not word.startswith("--") or word in known, f"{command.name} has no option {word}"


def test_the_example_files_on_the_pages_exist():
    named = {name for page in PAGES for name in re.findall(r"\bexamples/[\w./-]+\.\w+", page.read_text("utf-8"))}
    assert len(named) > 5
    for name in named:
        assert (ROOT / name).is_file(), name


def test_the_tests_and_modules_on_the_pages_exist():
    for page in (*PAGES, ROOT / "CONTRIBUTING.md"):
        text = page.read_text("utf-8")
        for path in re.findall(r"`((?:tests|src|benchmarks|scripts|soak|fuzz|docs/figures)/[\w./-]*)`", text):
            assert (ROOT / path).exists(), f"{page.name}: {path}"
        for path in re.findall(r"`(?:from )?(crestfall(?:\.\w+)+)`?", text):
            assert resolved(path) is not None, f"{page.name}: {path}"


def test_lines_of_text_are_at_most_100_characters(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    wrap_pages = importlib.import_module("wrap_pages")
    for page in wrap_pages.pages():
        text = page.read_text("utf-8")
        assert wrap_pages.wrapped(text) == text, f"python scripts/wrap_pages.py {page.name}"
    long = "- " + "word " * 30 + "`code with blanks`\n\n| " + "cell " * 30 + "|\n"
    fresh = wrap_pages.wrapped(long)
    assert max(map(len, fresh.splitlines()[:2])) <= 100
    assert fresh.splitlines()[1].startswith("  word")
    assert fresh.endswith("| " + "cell " * 30 + "|\n")
    assert wrap_pages.wrapped(fresh) == fresh

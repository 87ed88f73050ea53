"""Files beside docs/ that the pages link to travel with the site, so that links work on both."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_OUTSIDE = re.compile(r"\]\((?:\.\./)+((?:examples|LICENSE|CHANGELOG|CONTRIBUTING|CITATION)[^)#]*)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the examples and the changes to what is built."""
    root = Path(config.config_file_path).parent
    outside = [*sorted((root / "examples").glob("*.*")), root / "CHANGELOG.md", root / "CONTRIBUTING.md"]
    for path in outside:
        name = path.relative_to(root).as_posix()
        if path.is_file():
            files.append(File.generated(config, name, content=path.read_bytes()))
    return files


_INLINE = re.compile(r"(?<!<pre>)<code>([^<]*--[^<]*)</code>")
_OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


def on_page_content(html: str, **_: object) -> str:
    """Keep options whole: a browser would break ``--rate`` between its hyphens."""
    return _INLINE.sub(lambda code: f"<code>{_OPTION.sub(_unbroken, code[1])}</code>", html)


def _unbroken(option: re.Match[str]) -> str:
    return f'<span class="unbroken">{option[0]}</span>'


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Point links that leave docs/ to the copies."""
    if page.file.src_uri in ("CHANGELOG.md", "CONTRIBUTING.md"):  # which lie above docs/
        return markdown.replace("](docs/", "](")
    up = "../" * page.file.src_uri.count("/")
    return _OUTSIDE.sub(lambda match: f"]({up}{match[1]}", markdown)

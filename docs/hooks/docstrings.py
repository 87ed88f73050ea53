"""Docstrings as the site needs them: mathematics becomes MathML, which browsers draw without scripts or fonts."""

from __future__ import annotations

import re
from typing import Any

import griffe
from latex2mathml.converter import convert

_BLOCK = re.compile(
    r"^(?P<indent> *)\.\. math::(?P<first>[^\n]*)\n(?P<rest>(?:(?P=indent) +[^\n]*\n|[ ]*\n(?=(?P=indent) ))*)", re.M
)
_INLINE = re.compile(r":math:`([^`]+)`", re.S)
_ROLE = re.compile(r":(?:class|func|meth|mod|attr):`~?([^`]+)`")
_TABLE = re.compile(r"^=+(?:  +=+)+\n(.+?)\n=+(?:  +=+)+\n(.*?)\n=+(?:  +=+)+$", re.M | re.S)
# What the converter does not know, said with what it knows.
_WORDS = {
    r"\operatorname": r"\mathrm",
    r"\arg": r"\mathrm{arg}",
    r"\lVert": r"\|",
    r"\rVert": r"\|",
    r"\tfrac": r"\frac",
    "ᵀ": "^T",
    "½": r"\frac{1}{2}",
}


class Docstrings(griffe.Extension):
    """Prepares every docstring before its sections are parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called by griffe for each module, class, function and attribute."""
        if obj.docstring:
            obj.docstring.value = prepare(obj.docstring.value)


def prepare(text: str) -> str:
    """A docstring with MathML for formulas, Markdown for tables, and ``Examples:`` as its parser spells it."""
    text = _BLOCK.sub(_formula_of_its_own, text + "\n")
    text = _INLINE.sub(lambda match: f"<span>{mathml(match[1], 'inline')}</span>", text)
    text = _TABLE.sub(_table, _ROLE.sub(r"`\1`", text))
    return re.sub(r"^( *)Example:$", r"\1Examples:", text, flags=re.M).rstrip("\n")


def mathml(latex: str, display: str) -> str:
    """MathML of a formula on one line, safe inside Markdown."""
    latex = " ".join(latex.split())
    for word, known in _WORDS.items():
        latex = re.sub(re.escape(word) + r"(?![a-z])", lambda _, known=known: known, latex)
    markup = convert(latex, display=display)
    # Between tags Markdown would read these as emphasis, code or escapes.
    return re.sub(r"[*_`\\|]", lambda match: f"&#{ord(match[0])};", markup)


def _formula_of_its_own(match: re.Match[str]) -> str:
    formula = mathml(f"{match['first']} {match['rest']}", "block")
    return f'{match["indent"]}<div class="formula">{formula}</div>\n\n'


def _table(match: re.Match[str]) -> str:
    head, body = match[1], match[2]
    split = [re.split(r"  +", line.strip(), maxsplit=1) for line in (head, *body.splitlines())]
    rows = [f"| {' | '.join(cells)} |" for cells in split]
    return "\n".join([rows[0], "|---" * len(split[0]) + "|", *rows[1:]])

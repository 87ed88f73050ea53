"""``crestfall help``."""

import re


def test_help_lists_pages_and_prints_them(run):
    listed = run("help").out
    assert re.search(r"^problems +.*[Ww]hat must be small", listed, re.M)
    assert re.search(r"^fields/mri +Multiband", listed, re.M)
    part = run("help", "problems#measures").out
    assert part.startswith("## Measures")
    assert "narrow band on a carrier" in part
    assert "## A narrow band" not in part
    page = run("help", "bounds").out
    assert "proof (proof)" not in page
    assert "branch and bound (proof)" in page
    assert not re.search(r"<!--|!\[|\]\(", page)
    assert run("help", "no-such-page").is_one_line_error()


def test_help_leaves_nothing_of_a_picture(run):
    page = run("help", "studio").out
    assert "width=" not in page
    assert "\n\n\n" not in page

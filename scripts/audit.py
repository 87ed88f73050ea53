"""Audit of what is installed: licences always, known vulnerabilities where an index that knows them can be reached.

python scripts/audit.py [--require-advisories]

The licences of crestfall and of all that it needs, extras included, must be on the list below; packages that only
tests and pages need may also be copyleft. Vulnerabilities are looked up by pip-audit, if it is installed and PyPI
answers; what could not be looked up is said plainly, and is an error only with --require-advisories, for releases.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

ROOT = "crestfall"
DEVELOPMENT = ("docs", "test", "fuzz", "audit")
"""Extras of which no user installs anything."""

PERMISSIVE = (
    *("MIT", "BSD", "Apache", "ISC", "PSF", "Python Software Foundation", "Zlib", "0BSD", "CC0-1.0", "BSL-1.0", "MPL"),
    *("Mozilla Public License", "Unlicense", "HPND"),
)
COPYLEFT = ("LGPL", "GNU Lesser", "GNU Library")
KNOWN = {"atheris": "Apache-2.0", "axe-playwright-python": "MIT AND MPL-2.0"}
"""Packages that do not state their licence in their metadata."""


def licence_of(package: Distribution) -> str:
    """What the metadata say: the SPDX expression, else the classifiers, else the first line of the text."""
    metadata = package.metadata
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    stated = [line.rpartition(" :: ")[2] for line in classifiers if line != "License :: OSI Approved"]
    text = (metadata.get("License") or "").strip()
    first = text.splitlines()[0].strip() if text and text != "UNKNOWN" else ""
    return " AND ".join(stated) or first or KNOWN.get(str(metadata["Name"]), "unknown")


def allowed(licence: str, names: tuple[str, ...]) -> bool:
    """Whether every part of an AND, and one of every OR, contains one of the names.

    Example:
        >>> allowed("MIT AND (GPL-3.0 OR BSD-3-Clause)", PERMISSIVE), allowed("GPL-3.0-only", PERMISSIVE)
        (True, False)
    """
    parts = re.split(r"\s+AND\s+", licence.replace("(", " ").replace(")", " "))
    return all(any(_is_one(choice, names) for choice in re.split(r"\s+OR\s+", part)) for part in parts)


def _is_one(licence: str, names: tuple[str, ...]) -> bool:
    copyleft = any(name in licence for name in COPYLEFT)
    if copyleft or re.search(r"\bA?GPL|GNU (Affero )?General", licence):
        return copyleft and any(name in licence for name in names)
    return any(name.lower() in licence.lower() for name in names)


def needed(extras: tuple[str, ...]) -> dict[str, Distribution]:
    """The installed packages that crestfall needs with these extras, and what they need."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    wanted = [(ROOT, extras)]
    while wanted:
        name, extras = wanted.pop()
        key = (re.sub(r"[-_.]+", "-", name).lower(), extras)
        if key in seen:
            continue
        seen.add(key)
        try:
            package = distribution(name)
        except PackageNotFoundError:  # an extra that is not installed here
            continue
        found[key[0]] = package
        wanted += _requirements(package, extras)
    return found


def _requirements(package: Distribution, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in package.requires or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
            yield requirement.name, tuple(sorted(requirement.extras))


def licence_faults() -> list[str]:
    """Packages whose licence is not on its list, a line each."""
    extras = tuple(distribution(ROOT).metadata.get_all("Provides-Extra") or [])
    users = needed(tuple(extra for extra in extras if extra not in DEVELOPMENT))
    faults = []
    for name, package in sorted(needed(extras).items()):
        licence = licence_of(package)
        names = PERMISSIVE if name in users else PERMISSIVE + COPYLEFT
        if not allowed(licence, names):
            faults.append(f"{name} {package.version}: {licence}")
    print(f"licences: {len(users)} packages for users, {len(needed(extras))} with those of development", end="; ")
    print("all permissive" if not faults else f"{len(faults)} not on the list")
    return faults


def advisories() -> tuple[list[str], int, int]:
    """Known vulnerabilities, and of how many packages they are known and not known.

    Raises:
        RuntimeError: Nothing could be looked up; the message says why.
    """
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--skip-editable"]
    try:
        done = subprocess.run([*command, "--timeout", "10"], capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError("pip-audit had no answer in four minutes") from None
    if "No module named" in done.stderr:
        raise RuntimeError("pip-audit is not installed; pip install 'crestfall[audit]' brings it")
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise RuntimeError(f"pip-audit could not reach its index ({reason[:200]})") from None
    known = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {each['id']}, fixed in {', '.join(each['fix_versions']) or 'none'}"
        for package in known
        for each in package["vulns"]
    ]
    return found, len(known), len(packages) - len(known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--require-advisories", action="store_true", help="fail if nothing could be looked up")
    parser.add_argument("--licences-only", action="store_true", help="ask no index")
    arguments = parser.parse_args()
    faults = licence_faults()
    if not arguments.licences_only:
        try:
            found, known, unknown = advisories()
            faults += found
            print(f"vulnerabilities: {len(found)} known in {known} packages; NOT looked up: {unknown} packages")
            if known == 0 and arguments.require_advisories:
                faults.append("no package could be looked up")
        except RuntimeError as error:
            print(f"vulnerabilities: NOT looked up: {error}")
            if arguments.require_advisories:
                faults.append(str(error))
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

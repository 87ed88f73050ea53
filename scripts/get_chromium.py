"""Get a Chromium for the tests of the studio, unless one is there.

python scripts/get_chromium.py

The first way that ends with a browser wins: Playwright's own installer; the libraries that its browser may lack; the
system's packages, as root or with a sudo that asks for no password. What they print is shown only if all fail.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PLAYWRIGHT = [sys.executable, "-m", "playwright"]
DOWNLOAD_S = 120
PACKAGES_S = 900


def there() -> bool:
    """Whether a Chromium is on the PATH, or Playwright downloaded one that starts."""
    return any(shutil.which(name) for name in NAMES) or not refusal()


def refusal() -> str:
    """Why Playwright's own Chromium does not start; empty if it does."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(args=["--no-sandbox"]).close()
        except Error as error:
            return str(error)
    return ""


def run(command: list[str], seconds: float) -> tuple[bool, str]:
    """Whether it succeeded in that time, and what it printed; nothing that it started outlives it."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=seconds)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            printed = f"{process.communicate()[0]}stopped after {seconds:g} s\n"
    return process.returncode == 0, printed


def as_root() -> list[str] | None:
    """What to put before a command of root's: nothing for root, sudo if it asks for no password, else None."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    return sudo if shutil.which("sudo") and run([*sudo, "true"], 10)[0] else None


def ways() -> Iterator[tuple[str, list[list[str]], int]]:
    """What to try, one after the other: its name, its commands and the time for each of them."""
    yield "Playwright's installer", [[*PLAYWRIGHT, "install", "--only-shell", "chromium"]], DOWNLOAD_S
    root = as_root()
    if root is None:
        return
    if shutil.which("apt-get"):
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        if "Executable doesn't exist" not in refusal():  # it is there, and does not start
            yield "the libraries of Playwright's Chromium", [[*PLAYWRIGHT, "install-deps", "chromium"]], PACKAGES_S
        packages = ["chromium", "fonts-dejavu-core"]
        yield "apt-get", [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]], PACKAGES_S
    elif shutil.which("dnf"):
        yield "dnf", [[*root, "dnf", "install", "-y", "chromium"]], PACKAGES_S
    elif shutil.which("pacman"):
        yield "pacman", [[*root, "pacman", "-S", "--noconfirm", "--needed", "chromium"]], PACKAGES_S


def main() -> int:
    if there():
        return 0
    said = []
    for name, commands, seconds in ways():
        print(f"no Chromium found: trying {name}", flush=True)
        for command in commands:
            said.append(f"$ {' '.join(command)}\n{run(command, seconds)[1]}")
        if there():
            return 0
    print(*said, f"$ (Playwright's Chromium)\n{refusal()}", sep="\n", file=sys.stderr)
    print(
        "the tests of the studio need Chromium, and there was no way to get one (see above): install it with the\n"
        "system's packages (Debian: apt-get install chromium), or with\n"
        ".venv/bin/python -m playwright install --with-deps chromium",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())

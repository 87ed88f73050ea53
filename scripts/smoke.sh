#!/usr/bin/env bash
# Build wheel and sdist, install the wheel into fresh environments (newest and lowest dependencies), and use it there.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip() { "$python" -m pip --python "$1" --disable-pip-version-check --quiet "${@:2}"; }

# The wheel is built from the unpacked sdist, so that an sdist with a file missing fails here.
"$python" -m build --outdir "$work" . > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
wheel=$(ls "$work"/*.whl)

scripts_of() { [ -d "$1/Scripts" ] && echo "$1/Scripts" || echo "$1/bin"; } # Windows has another name for them

use() { # use ENVIRONMENT: what somebody does first, away from the checkout
    local bin
    bin=$(scripts_of "$1")
    cd "$work"
    "$bin/crestfall" --version
    "$bin/crestfall" design --harmonics 1:5 --json > five.json
    "$bin/crestfall" design --harmonics 1:31 --starts 4 --no-atlas --quiet --overwrite --out a.wav --out a.json --out a.csv
    "$bin/crestfall" measure a.wav > /dev/null
    "$bin/crestfall" explain a.json > /dev/null
    "$bin/crestfall" help problems#measures > /dev/null  # from the pages in the wheel
    "$bin/python" - <<'PYTHON'
import importlib
import json
import pkgutil
import sys

import crestfall
import crestfall.studio.presets

heavy = sorted({"torch", "matplotlib", "soundfile", "pandas", "xarray", "typer", "rich", "panel"} & set(sys.modules))
assert not heavy, f"import crestfall also imports {heavy}"
with open("five.json", encoding="utf-8") as file:
    found = json.load(file)
assert abs(crestfall.crest_factor(crestfall.Multisine.harmonics(range(1, 6)), found["phases_rad"]) - 1.482170) < 1e-4, found
assert len(crestfall.atlas.entries()) > 100
assert len(crestfall.studio.presets.presets()) == 13, "the wheel lacks problem files of the studio"

# No extra is installed: its absence is one line, and every module that no extra is about can be imported.
LINES = {
    lambda: crestfall.torch.doctor: "crestfall.torch needs PyTorch; install it with: pip install 'crestfall[torch]'",
    lambda: crestfall.studio.Studio: "panel is not installed; pip install 'crestfall[studio]' brings it",
}
for ask, line in LINES.items():
    try:
        ask()
    except ImportError as error:
        assert str(error) == line, error
    else:
        raise AssertionError(f"it works without the extra: {line}")
missing = set()
for module in pkgutil.walk_packages(crestfall.__path__, "crestfall.", onerror=missing.add):
    try:
        module.name == "crestfall.__main__" or importlib.import_module(module.name)
    except ImportError:
        missing.add(module.name)
others = [name for name in missing if not name.startswith(("crestfall.torch", "crestfall.studio."))]
assert not others, f"these need an extra: {others}"
PYTHON
    cd - > /dev/null
    echo "the wheel works with the $(basename "$1") dependencies"
}

install_and_use() { # install_and_use newest|lowest
    local environment=$work/$1
    "$python" -m venv --without-pip "$environment" # which takes seconds to install
    if [ "$1" = lowest ]; then
        pip "$(scripts_of "$environment")/python" install --constraint constraints-lowest.txt "$wheel"
    else
        pip "$(scripts_of "$environment")/python" install "$wheel"
    fi
    use "$environment"
}

install_and_use newest
install_and_use lowest

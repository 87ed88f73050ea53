#!/usr/bin/env bash
# Build wheel and sdist, install the wheel into fresh environments (newest and lowest dependencies), and use it there.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip() { "$1" -m pip --disable-pip-version-check --quiet "${@:2}"; }

# The wheel is built from the unpacked sdist, so that an sdist with a file missing fails here.
"$python" -m build --outdir "$work" . > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
wheel=$(ls "$work"/*.whl)

use() { # use ENVIRONMENT: what somebody does first, away from the checkout
    local bin=$1/bin
    cd "$work"
    "$bin/crestfall" --version
    "$bin/crestfall" design --harmonics 1:5 --json > five.json
    "$bin/crestfall" design --harmonics 1:31 --starts 4 --no-atlas --quiet --overwrite --out a.wav --out a.json --out a.csv
    "$bin/crestfall" measure a.wav > /dev/null
    "$bin/crestfall" explain a.json > /dev/null
    "$bin/crestfall" help problems#measures > /dev/null  # from the pages in the wheel
    "$bin/python" - <<'PYTHON'
import json
import sys

import crestfall
import crestfall.studio.presets

heavy = sorted({"torch", "matplotlib", "soundfile", "pandas", "xarray", "typer", "rich", "panel"} & set(sys.modules))
assert not heavy, f"import crestfall also imports {heavy}"
with open("five.json") as file:
    found = json.load(file)
assert abs(crestfall.crest_factor(crestfall.Multisine.harmonics(range(1, 6)), found["phases_rad"]) - 1.482170) < 1e-4, found
assert len(crestfall.atlas.entries()) > 100
assert len(crestfall.studio.presets.presets()) == 13, "the wheel lacks problem files of the studio"
PYTHON
    cd - > /dev/null
    echo "the wheel works with the $(basename "$1") dependencies"
}

for dependencies in newest lowest; do
    environment=$work/$dependencies
    "$python" -m venv "$environment"
    if [ "$dependencies" = lowest ]; then
        pip "$environment/bin/python" install --constraint constraints-lowest.txt "$wheel"
    else
        pip "$environment/bin/python" install "$wheel"
    fi
    use "$environment"
done

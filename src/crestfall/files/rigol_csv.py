"""CSV as Rigol's generators load it from a USB stick: nine lines of header, then ``,volts`` for each sample.

The header is that of files which users of these instruments wrote and loaded; it has not been tried on an instrument
here. Names of files may have letters, digits and underscores (DG1000Z User's Guide, 2-75), hence ``NAME_rigol.csv``.
Several signals, and I and Q of complex ones, have a file each.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.real_signals import file_names as file_names
from crestfall.files.real_signals import real_signal_files, real_signals, require_volts
from crestfall.files.samples import require_text_size


class _Model(NamedTuple):
    name: str
    mode: str
    by_rate: bool
    """Whether the header says the rate, or how often the whole is repeated."""
    points: int | None
    """Points that a file has to have."""


MODELS = {
    "DG800": _Model("DG8", "INSERT", True, None),
    "DG5000": _Model("DG5", "Normal", False, None),
    "DHO900": _Model("DG1", "Freq", False, 8192),
}
"""DG800 and DG900; DG5000; the generator of the oscilloscopes DHO914S and DHO924S."""


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for bits, a sign or an order, and the file holds volts.
    """
    require_volts(playback, "_rigol.csv")
    return playback


def encode_files(
    design: Design, name_of_file: str, *, playback: Playback = AS_DESIGNED, model: str = "DG800"
) -> dict[str, bytes]:
    """The texts, one for each real signal; all have the amplitude of the highest.

    Args:
        design: The design.
        name_of_file: Name of the file; of several signals what their names begin with.
        playback: Rate, length and level.
        model: ``"DG800"``, ``"DG5000"`` or ``"DHO900"``, which needs 8192 points.

    Raises:
        ValueError: An option is out of range, or there are too many or not the right number of samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([1.0], [0.5]), [0.0]), "a_rigol.csv")
        >>> print(files["a_rigol.csv"].decode())
        RIGOL:DG8:CSV DATA FILE
        TYPE:Arb
        AMP:1.0000000 Vpp
        PERIOD:1.000000000E+00 S
        DOTS:4
        MODE:INSERT
        Sample Rate:4.000000
        AWG N:0
        x,y[V]
        ,5.0000000e-01
        ...
    """
    played = adapted(design, playback).of(design).in_base_unit()
    require_text_size(played.values.size)
    require_length(played.values.shape[2], model=model)
    texts = (_text(values, played, MODELS[model]) for _, values in real_signals(played))
    return dict(zip(real_signal_files(design, name_of_file), texts, strict=True))


def require_length(count: int, *, model: str = "DG800") -> None:
    """Raise unless a model takes so many points; it can be asked before a search.

    Raises:
        ValueError: It does not, or it is unknown.
    """
    if model not in tuple(MODELS):
        raise ValueError(f"model is {model!r}; use one of {', '.join(MODELS)}")
    chosen = MODELS[model]
    if chosen.points is not None and count != chosen.points:
        raise ValueError(
            f"model is {model!r}, which takes {chosen.points} points, but there are {count}; for one period give "
            f"samples_per_period={chosen.points}"
        )


def _text(values: npt.NDArray[Any], played: Played, model: _Model) -> bytes:
    seconds = values.size / played.sample_rate_hz
    header = [
        f"RIGOL:{model.name}:CSV DATA FILE",
        "TYPE:Arb",
        f"AMP:{2.0 * played.full_scale:.8g} Vpp"
        if played.full_scale < 1e-3
        else f"AMP:{2 * played.full_scale:.7f} Vpp",
        f"PERIOD:{seconds:.9E} S",
        f"DOTS:{values.size}",
        f"MODE:{model.mode}",
        f"Sample Rate:{played.sample_rate_hz:.6f}" if model.by_rate else f"AFG Frequency:{1.0 / seconds:.7f}",
        "AWG N:0",
        "x,y[V]",
    ]
    return "\n".join([*header, *(f",{value:.7e}" for value in np.asarray(values).tolist()), ""]).encode("ascii")

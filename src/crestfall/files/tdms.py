"""Samples as TDMS, the files of LabVIEW, DIAdem and FlexLogger. Needs npTDMS, which is not an extra:
its licence is the LGPL, and those of all extras are permissive.

The group ``multisine`` has a channel for each signal, two for a complex one, with the properties of NI's
waveforms: ``wf_increment``, ``wf_start_offset``, ``wf_samples``, ``unit_string``. Properties of the file say rate,
periods and, as JSON under ``design``, the whole design.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.real_signals import real_signals, require_volts
from crestfall.files.record import dumps, to_record
from crestfall.files.sidecar import figures_of
from crestfall.problem.extras import imported


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ImportError: npTDMS is not installed.
        ValueError: It asks for bits, a sign or an order, and the file holds volts.
    """
    imported("nptdms", command="pip install nptdms")
    require_volts(playback, ".tdms")
    return playback


def encode(design: Design, *, playback: Playback = AS_DESIGNED) -> bytes:
    """The bytes of the file.

    Args:
        design: The design.
        playback: Rate, length and level.

    Raises:
        ImportError: npTDMS is not installed.
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> import nptdms
        >>> from crestfall import Multisine
        >>> data = encode(Design.of(Multisine([1.0], [0.5]), [0.0]))
        >>> drive = nptdms.TdmsFile(BytesIO(data))["multisine"]["drive"]
        >>> drive[:].round(9).tolist(), drive.properties["wf_increment"]
        ([0.5, 0.0, -0.5, ...], 0.25)
    """
    played = adapted(design, playback).of(design)
    nptdms = imported("nptdms", command="pip install nptdms")
    about = {**figures_of(played), "design": dumps(to_record(design))}
    waveform = {
        "wf_increment": 1.0 / played.sample_rate_hz,
        "wf_start_offset": played.start_s,
        "wf_samples": np.int32(played.values.shape[2]),
        "unit_string": played.unit,
    }
    channels = [
        nptdms.ChannelObject("multisine", name, np.ascontiguousarray(values), properties=waveform)
        for name, values in real_signals(played)
    ]
    buffer = BytesIO()
    with nptdms.TdmsWriter(buffer) as writer:
        writer.write_segment([nptdms.RootObject(properties=about), nptdms.GroupObject("multisine"), *channels])
    return buffer.getvalue()

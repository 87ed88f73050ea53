"""Pictures. matplotlib is imported when one is drawn, not before."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["plot_design", "plot_phasor_polygon", "save_picture"]

_MODULES = {"plot_design": "whole_design", "plot_phasor_polygon": "phasor", "save_picture": "picture"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'crestfall.files.pictures' has no attribute {name!r}")
    return getattr(importlib.import_module(f"crestfall.files.pictures.{_MODULES[name]}"), name)

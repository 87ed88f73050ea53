"""Pictures. matplotlib is imported when one is drawn, not before."""

from __future__ import annotations

from typing import Any

__all__ = ["plot_design", "plot_phasor_polygon", "save_picture"]


def __getattr__(name: str) -> Any:
    if name == "plot_design":
        from crestfall.files.pictures.design import plot_design

        return plot_design
    if name == "plot_design_set":
        from crestfall.files.pictures.design_set import plot_design_set

        return plot_design_set
    if name == "plot_phasor_polygon":
        from crestfall.files.pictures.phasor import plot_phasor_polygon

        return plot_phasor_polygon
    if name == "save_picture":
        from crestfall.files.pictures.picture import save_picture

        return save_picture
    raise AttributeError(f"module 'crestfall.files.pictures' has no attribute {name!r}")

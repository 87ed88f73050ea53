"""The studio: a multisine designed in the browser, or in a notebook.

``crestfall studio`` serves it; in a notebook ``cf.studio.Studio(ms)`` shows it. It needs Panel, which
``pip install 'crestfall[studio]'`` brings; what is behind the page (``draft``, ``run``, ``upload``, …) does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crestfall.studio.limits import Limits

if TYPE_CHECKING:
    from crestfall.studio.page import Studio

__all__ = ["Limits", "Studio"]


def __getattr__(name: str) -> Any:
    if name == "Studio":
        from crestfall.problem.extras import imported

        imported("panel", "studio")
        from crestfall.studio.page import Studio

        return Studio
    raise AttributeError(f"module 'crestfall.studio' has no attribute {name!r}")

"""The PyTorch route: gradient descent as in the original question, a module for larger models, and a doctor.

PyTorch is optional; everything else of crestfall works without it.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    raise ImportError("crestfall.torch needs PyTorch; install it with: pip install 'crestfall[torch]'") from error

from crestfall.torch.descent import PhaseResult, phase_optimize
from crestfall.torch.doctor import doctor
from crestfall.torch.findings import Finding
from crestfall.torch.module import MultisineModule
from crestfall.torch.report import Report
from crestfall.torch.watch import watch

__all__ = ["Finding", "MultisineModule", "PhaseResult", "Report", "doctor", "phase_optimize", "watch"]

"""From a good design to a true local minimum of the peak, and the certificate that it is one."""

from crestfall.engine.polish.certificate import Certificate, certify
from crestfall.engine.polish.minimax import Polished, polish

__all__ = ["Certificate", "Polished", "certify", "polish"]

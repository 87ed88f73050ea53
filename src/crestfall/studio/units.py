"""Units of what the page shows, as the problem names them."""

from __future__ import annotations

from dataclasses import dataclass, field

from crestfall.problem.problem import Problem


@dataclass(frozen=True)
class Units:
    """Units of the drive and of what has a limit; empty where they are unknown.

    Attributes:
        drive: Unit of the amplitudes.
        outputs: Units of the outputs, by their names.
    """

    drive: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: Problem) -> Units:
        """The units that a problem names, and those that follow from them.

        Example:
            >>> import crestfall as cf
            >>> outputs = [cf.slew_rate(1.0, "slope"), cf.Output(limit=2.0, name="coil", unit="A")]
            >>> Units.of(cf.Problem(cf.Multisine([1.0, 2.0]), outputs=outputs, unit="V")).outputs
            {'slope': 'V/s', 'coil': 'A'}
        """
        return cls(problem.unit, {output.name: output.unit for output in problem.outputs})

    def of_signal(self, name: str) -> str:
        """Unit of a signal: of the output of this name, else of the drive."""
        return self.outputs.get(name, self.drive if not self.outputs else "")

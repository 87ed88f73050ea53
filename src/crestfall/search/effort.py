"""How hard to try: one object, passed on as a whole."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from os import PathLike
from typing import Any

from crestfall.problem import compatibility as pairs
from crestfall.problem.arguments import finite_number, require_flag, seed_number, shown, whole_number

DEFAULT_PROOF_S = 60.0
"""For search and proof together, when nothing is said: enough for about ten flat tones."""
_LONG_S = 5.0


@dataclass(frozen=True)
class Effort:
    """How long to search, where to begin, who computes, and when to stop.

    Times [s] and bytes may be text with a unit: ``"2 min"``, ``"4 GB"``.

    Attributes:
        starts: Number of starts; by default it depends on the size of the problem, or on the time limit. In a search
            over an alphabet, each descent is a start.
        time_limit: Seconds after which the best so far is returned. With ``prove`` it is for search and proof together,
            60 s by default.
        seed: Seed of everything random: the same seed and number of starts give the same answer. ``None`` is a new
            seed each time, and a NumPy ``Generator`` gives one; ``provenance.seed`` of the design says which it was.
        target: Stop as soon as the figure of merit (``Problem.figure``: the crest factor, the largest share of a limit,
            …) is at most this.
        stall_limit: Stop when nothing better was found for this many seconds. Without a number of starts or a time
            limit, the search continues until then.
        workers: Processes that compute; by default all cores when the time limit is 5 s or more, else one. The answer
            for a seed and a number of starts does not depend on it.
        client: ``distributed.Client`` of a Dask cluster whose workers compute, instead of processes of this machine
            (``pip install 'crestfall[cluster]'``). The answer for a seed and a number of starts is the same.
        device: ``"cuda"`` or ``"cpu"``, or a ``torch.device``: PyTorch computes the path there, NumPy the polish and
            the proof. By default NumPy computes everything. On a GPU a round has eight times as many starts.
        dtype: ``"float64"``, or with a device ``"float32"``.
        max_memory: Bytes that each process (on a GPU: the device) may use, the interpreter included. Fewer starts run
            at once if necessary, and the search may then find another design. By default their number is not reduced,
            and a search that does not fit into the machine's memory is an error.
        use_atlas: Begin with the atlas's design for this problem, if it has one. Without a number of starts or a time
            limit, that design is the answer. The bound that the atlas has proved of the tones counts in any case.
        closed_forms: Begin with Schroeder's phases as well. Without them and without the atlas, designs from different
            seeds are independent.
        bound_time: Seconds for a proof by moments after the search, in addition to the time limit, to raise
            ``lower_bound``. By default, or with 0, the bound is one that takes milliseconds, or that the atlas or the
            design to begin with has.
        prove: Continue with branch and bound until the design is proved to be the global optimum to within 0.1 %. That
            takes less than a minute for up to about ten tones. It runs on ``workers`` processes,
            by default one for each core, or on the cluster of ``client``.
        checkpoint: Name of an ``.npz`` file in which that proof saves its state, about once a minute and when it stops.
            If the file exists, the proof continues from it.

    Raises:
        ValueError: A value is out of range; the message names it.

    Example:
        >>> Effort(time_limit="1 min", workers=4).time_limit
        60.0
        >>> Effort(target=float("nan"))
        Traceback (most recent call last):
        ValueError: target is nan; give a finite number above 0, or None
    """

    starts: int | None = None
    time_limit: float | None = None
    seed: int = 0
    target: float | None = None
    stall_limit: float | None = None
    workers: int | None = None
    client: Any = None
    device: Any = None
    dtype: str = "float64"
    max_memory: float | None = None
    use_atlas: bool = True
    closed_forms: bool = True
    bound_time: float | None = None
    prove: bool = False
    checkpoint: str | PathLike[str] | None = None

    def __post_init__(self) -> None:
        for name in ("starts", "workers"):
            value = getattr(self, name)
            if value is not None:
                need = "an integer of at least 1, or None for a sensible number"
                object.__setattr__(self, name, whole_number(name, value, 1, need))
        object.__setattr__(self, "seed", seed_number("seed", self.seed))
        needs = {
            "time_limit": ("a finite number of seconds above 0, or None for no limit", "s"),
            "stall_limit": ("a finite number of seconds above 0, or None for no limit", "s"),
            "target": ("a finite number above 0, or None", None),
            "max_memory": ("a number of bytes above 0, such as 4e9 or '4 GB', or None", "B"),
        }
        for name, (need, unit) in needs.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, finite_number(name, value, need, above_zero=True, unit=unit))
        object.__setattr__(self, "bound_time", _bound_time(self.bound_time))
        for name in ("use_atlas", "closed_forms", "prove"):
            require_flag(name, getattr(self, name))
        if self.checkpoint is not None and not self.prove:
            raise ValueError(
                "checkpoint is for a proof by branch and bound; give prove=True, too, or leave out checkpoint"
            )

    @property
    def is_open(self) -> bool:
        """Whether neither a number of starts nor a time says when to stop."""
        return self.starts is None and self.stall_limit is None and (self.prove or self.time_limit is None)

    @property
    def seconds(self) -> float | None:
        """The time limit [s], where one is given or a proof needs one."""
        return DEFAULT_PROOF_S if self.prove and self.time_limit is None else self.time_limit

    def processes(self, *, worthwhile: bool = True) -> int:
        """Processes to use: all cores for a search that is long enough to make up for starting them.

        Args:
            worthwhile: Whether several processes can share the work of this problem at all.
        """
        if self.device is not None:
            return 1
        if self.workers is not None:
            return self.workers
        seconds = None if self.prove else self.time_limit or self.stall_limit
        return (os.cpu_count() or 1) if worthwhile and seconds is not None and seconds >= _LONG_S else 1

    @property
    def processes_for_proof(self) -> int:
        """Number of processes that share a proof: one for each core, unless ``workers`` is given."""
        return self.workers if self.workers is not None else os.cpu_count() or 1

    @property
    def abilities(self) -> set[str]:
        """What is asked for, in the words of the table of exclusions."""
        found = {
            pairs.PROOF: self.prove,
            pairs.BOUND_TIME: self.bound_time is not None,
            pairs.WORKERS: self.workers is not None,
            pairs.CLIENT: self.client is not None,
            pairs.DEVICE: self.device is not None,
            pairs.STALL_LIMIT: self.stall_limit is not None,
        }
        return {name for name, asked in found.items() if asked}

    @property
    def asked(self) -> set[str]:
        """Names of the fields for a method that differ from their defaults: all but ``bound_time``."""
        said = {field.name for field in fields(self) if getattr(self, field.name) != field.default}
        return said - {"bound_time"}


def _bound_time(value: Any) -> float | None:
    """Seconds above 0; ``None`` for no time."""
    if value is None:
        return None
    need = "a finite number of seconds, or 0 or None for the bounds that cost milliseconds"
    seconds = finite_number("bound_time", value, need, unit="s")
    if seconds < 0.0:
        raise ValueError(f"bound_time is {shown(value)}; give {need}")
    return seconds or None


EFFORT_FIELDS = tuple(field.name for field in fields(Effort))

"""The options that say how hard to search, and what to prove."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from crestfall.cli import completion
from crestfall.cli.cluster import HELP
from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.outputs import require_folder
from crestfall.cli.parsing import duration, size
from crestfall.search.effort import Effort

_PROOF = "Proof"


@dataclass(frozen=True)
class SearchOptions:
    """What the command line says about the search and the proof."""

    time_limit: Annotated[
        str | None, typer.Option(help="Search this long, for instance 10s, 2min, 1h; Ctrl-C ends it sooner.")
    ] = None
    starts: Annotated[int | None, typer.Option(help="Number of starts (default: by the number of tones).")] = None
    seed: Annotated[int, typer.Option(help="Seed of the random starts: same seed, same answer.")] = 0
    target: Annotated[
        float | None, typer.Option(help="Stop as soon as what is minimised (the crest factor, …) is at most this.")
    ] = None
    stall_limit: Annotated[
        str | None, typer.Option(help="Stop when nothing better was found for this long, for instance 10s.")
    ] = None
    atlas: Annotated[bool, typer.Option(help="Begin with the design of the atlas, if it knows the problem.")] = True
    method: Annotated[
        str | None,
        typer.Option(
            help="minimax (the search), or a baseline of the literature: schroeder, clip, l2p.",
            autocompletion=completion.method,
        ),
    ] = None
    workers: Annotated[
        int | None, typer.Option(help="Processes that compute (default: all cores for 5 s or more, else one).")
    ] = None
    scheduler: Annotated[str | None, typer.Option(help=HELP)] = None
    device: Annotated[
        str | None, typer.Option(help="Compute the search with PyTorch on cuda or cpu (default: NumPy).")
    ] = None
    max_memory: Annotated[
        str | None,
        typer.Option(help="Memory that may be used, such as 4GB; a problem that cannot fit is an error."),
    ] = None
    bound_time: Annotated[
        str | None,
        typer.Option(
            help="After the search, raise the lower bound for this long: a proof by moments, such as 30s; 0 for none.",
            rich_help_panel=_PROOF,
        ),
    ] = None
    prove: Annotated[
        bool,
        typer.Option(
            "--prove",
            help="Prove by branch and bound that no phases are 0.1 % better: few tones, 60 s if no limit.",
            rich_help_panel=_PROOF,
        ),
    ] = False
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Save the state of that proof in this .npz file, and continue from it if the file exists.",
            rich_help_panel=_PROOF,
        ),
    ] = None
    proof: Annotated[
        Path | None,
        typer.Option(
            help="Write the proof of --prove or --bound-time to this JSON file, which crestfall verify checks.",
            rich_help_panel=_PROOF,
        ),
    ] = None

    def effort(self) -> Effort:
        """How hard to search.

        Raises:
            ValueError: An option is out of range.
            OSError: The folder of the checkpoint does not exist.
        """
        with errors_naming_options():
            effort = Effort(
                starts=self.starts,
                time_limit=None if self.time_limit is None else duration(self.time_limit),
                seed=self.seed,
                target=self.target,
                stall_limit=None if self.stall_limit is None else duration(self.stall_limit, "--stall-limit"),
                workers=self.workers,
                device=self.device,
                max_memory=None if self.max_memory is None else size(self.max_memory),
                use_atlas=self.atlas,
                bound_time=None if self.bound_time is None else duration(self.bound_time, "--bound-time", or_none=True),
                prove=self.prove,
                checkpoint=self.checkpoint,
            )
        if self.checkpoint is not None:
            require_folder(self.checkpoint, "--checkpoint")
        return effort

"""The step moves the parameters. Does the loss fall? The rate, the direction, weight decay and momentum."""

from __future__ import annotations

import functools
import itertools
import statistics
from collections.abc import Iterator

import torch

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.descent import descend, reach
from crestfall.torch.diagnosis.evaluation import Evaluation
from crestfall.torch.diagnosis.events import held, rates
from crestfall.torch.diagnosis.movement import finer
from crestfall.torch.diagnosis.steps import Run, Stepper
from crestfall.torch.diagnosis.words import listed
from crestfall.torch.findings import Finding

_TOO_MANY_STEPS = 5e3  # steps that the loss needs to come down, at the gain of the present one
_FARTHEST = 16  # power of ten by which a step is lengthened at most
_MANY_STEPS = 300  # with which a smaller rate is tried
_CAREFUL = 1e3  # the most by which a rate is raised without having been tried
_MADE_SMALLER = 1e-3  # of the norm of the gradient, from which a step is not just a clipping of outliers
_DIES = 100.0  # ratio of the first rate to the last
_UPHILL = 0.05  # cosine of step and gradient
_WORTH_WHILE = 1e-3  # share of the loss by which larger steps must lower it, to be worth a word
_DECAY = 0.5  # share of what the loss could fall by, from which weight decay counts as dominant


class Progress:
    """The checks of one run of the user's step.

    Args:
        stepper: The user's step.
        run: A few steps of it, which moved the parameters.
        base: The loss at the start.
        gradient: Of the loss at the start, as a vector.
        cheap: Whether the loss is fast enough for dozens of evaluations.
    """

    def __init__(self, stepper: Stepper, run: Run, base: float, gradient: torch.Tensor, cheap: bool) -> None:
        self.stepper, self.run, self.base, self.gradient, self.cheap = stepper, run, base, gradient, cheap
        self.evaluation: Evaluation = stepper.evaluation
        k = run.first_move
        self.move = run.positions[k] - run.positions[0]
        self.slope = float(gradient @ self.move)
        self.optimizers = run.events.optimizers()
        self.spread = self.evaluation.spread(base)
        self.tolerance = self.evaluation.rounding(base) + (3.0 * self.spread if self.spread > 1e-6 * abs(base) else 0.0)
        self.losses = self._losses_of_these()

    def findings(self) -> Iterator[Finding]:
        """The first fault that explains the run, if any."""
        for check in (
            self._decay,
            self._unbounded,
            self._uphill,
            self._scaled,
            self.check_too_large,
            self._momentum,
            self._rate_dies,
            self._too_small,
            self._precision,
        ):
            found = list(check())
            if found:
                yield from found
                return

    def _losses_of_these(self) -> list[float]:
        """The losses of the run, with everything but these parameters as at the start, if that makes a difference.

        In adversarial training the other network moves, too, and another batch has another loss.
        """
        run, evaluation = self.run, self.evaluation
        if len(run.losses) != len(run.positions) or not run.losses or not run.losses[-1] < float("inf"):
            return run.losses
        end = evaluation.value(run.positions[-1])
        if not abs(end - run.losses[-1]) > self.tolerance:
            return run.losses
        return [run.losses[0], *(evaluation.value(position) for position in run.positions[1:-1]), end]

    # ------------------------------------------------------------------ direction and size

    def _unbounded(self) -> Iterator[Finding]:
        """A loss that falls faster and faster the farther one goes, as one with the wrong sign does."""
        size = float(self.gradient.norm())
        if not self.base < 0.0 or not size > 0.0 or not self.cheap or not self.run.restarts.untouched():
            return
        way = -self.gradient / size * float(self.evaluation.scale().norm())
        falls = [self.base - self.evaluation.value(self.evaluation.start + 10.0**k * way) for k in (1, 2, 3, 4)]
        if all(later > 20.0 * earlier > 0.0 for earlier, later in itertools.pairwise(falls)):
            yield finding(
                "no-lower-bound",
                f"the loss is {self.base:.4g} and falls faster and faster along the gradient, to "
                f"{self.base - falls[-1]:.3g}: it seems to have no lower bound",
            )

    def _uphill(self) -> Iterator[Finding]:
        size = float(self.gradient.norm() * self.move.norm())
        after = self.losses[self.run.first_move :]
        rising = after[0] > self.base + self.tolerance and after[-1] > self.base
        if not (size > 0 and self.slope > _UPHILL * size and (rising or after[0] != after[0])):
            return
        if self._has_state() and self._slope_without_state() <= 0:
            yield finding(
                "momentum-dominates",
                f"the first step goes uphill, from a loss of {self.base:.4g} to {after[0]:.4g}, because of the "
                "momentum that the optimiser kept from before; with an empty state it goes down",
                remedy="create a new optimiser after a change of the problem",
                fix=f"optimizer = {_constructor(self.optimizers[0])}(parameters, lr=rate)  # new, with an empty state",
            )
            return
        if len(after) > 2 and all(late < early for early, late in itertools.pairwise(after)):
            return  # only the first step rises, as where a projection moves the start into the allowed range
        ascending = [o for o in self.optimizers if any(group.get("maximize") for group in o.param_groups)]
        reason = " (the optimiser has maximize=True)" if ascending else ""
        yield finding(
            "uphill",
            f"the step goes along the gradient{reason}: the loss rises from {self.base:.4g} to {after[0]:.4g}"
            + (f" and {after[-1]:.4g} after {len(after)} steps" if len(after) > 1 else ""),
            fix=f"optimizer = {_constructor(ascending[0])}(parameters, lr=rate)  # without maximize"
            if ascending
            else None,
        )

    def _has_state(self) -> bool:
        keys = {"momentum_buffer", "exp_avg"}
        return any(
            keys & set(state)
            and any(float(state[k].abs().max()) > 0 for k in keys & set(state) if state[k] is not None)
            for optimizer in self._restored_optimizers()
            for state in optimizer.state.values()
            if isinstance(state, dict)
        )

    def _restored_optimizers(self) -> list[torch.optim.Optimizer]:
        self.evaluation.snapshot.restore()
        return self.optimizers

    def _slope_without_state(self) -> float:
        def forget() -> None:
            for optimizer in self.optimizers:
                optimizer.state.clear()

        run = self.stepper.run(1, prepare=forget, with_losses=False)
        return float(self.gradient @ (run.positions[-1] - run.positions[0]))

    def _scaled(self) -> Iterator[Finding]:
        """A gradient that something makes far smaller between backward() and step()."""
        shares = self.run.shares
        # A loss that was scaled up before backward() is only scaled down again.
        if (
            shares
            and max(self.run.used) < _MADE_SMALLER * float(self.gradient.norm())
            and 0.0 < max(shares) < _MADE_SMALLER
            and self.slope < 0
        ):
            yield finding(
                "rate-too-small",
                f"the gradient is scaled by {statistics.median(shares):.1g} between backward() and step(), for "
                "instance by clip_grad_norm_ with too small a limit",
                why="the step is smaller by the same factor",
                remedy="raise the limit of clip_grad_norm_, or take out what scales .grad",
                fix="torch.nn.utils.clip_grad_norm_(parameters, max_norm=1.0)",
            )

    def _rate_dies(self) -> Iterator[Finding]:
        """A scheduler that brings the rate down a hundredfold within the few steps that were seen."""
        first, last = max(self.run.first_rates, default=0.0), max(self.run.last_rates, default=0.0)
        if self.run.events.of("scheduler") and 0.0 < last < first / _DIES:
            name = type(self.run.events.of("scheduler")[0].subject).__name__
            yield finding(
                "rate-too-small",
                f"{name} lowers lr from {first:.2g} to {last:.2g} within {len(self.run.per_step)} steps, and soon "
                "nothing moves any more",
                why="each step gains less than the one before, and soon nothing",
                remedy="call scheduler.step() once per epoch, or let it lower the rate more slowly",
                fix="for epoch in range(epochs):\n    train(model); scheduler.step()  # outside the loop over batches",
            )

    def check_too_large(self) -> Iterator[Finding]:
        """Steps that overshoot, while smaller ones would not."""
        after = self.losses[self.run.first_move :]
        broken = [k for k, loss in enumerate(after, start=1) if not loss < float("inf")]
        late = statistics.median(after[len(after) // 2 :]) if not broken else float("inf")
        if not broken and late < self.base - self.tolerance:
            return
        if self.evaluation.noise > 0.01 * abs(self.base) and late < 3.0 * abs(self.base):
            return
        if not broken and len(after) < 4 and after[-1] < 2.0 * abs(self.base) + self.tolerance:
            return
        factor, least = reach(self.evaluation, self.move, self.base, [10.0**-k for k in range(1, 10)])
        if factor == 0.0 or least >= self.base - self.tolerance:
            return
        if late < self.base - 0.01 * (self.base - least):
            return
        losses = " → ".join(f"{loss:.3g}" for loss in [self.base, *after][:5])
        seen = f"the loss goes {losses}" + (f" and is not finite after {broken[0]} steps" if broken else " …")
        momentum = self._largest_momentum()
        if momentum >= 0.5 and self._falls_with_less_momentum(least):
            yield self._too_much_momentum(f"{seen}; with {self._momentum_name()} 0 instead of {momentum:g} it falls")
            return
        calm = self._calmer(factor)
        yield finding(
            "rate-too-large",
            f"{seen}; a step {1 / factor:.0g} times smaller lowers it to {least:.4g}",
            remedy=f"lower the learning rate{self._suggestion(calm)}",
            fix=self._fix(calm),
        )

    def _calmer(self, factor: float) -> float:
        """A smaller multiple of the rate with which the loss has come down after many of the user's own steps."""
        if not self.optimizers or not self.cheap:
            return factor
        for _ in range(2):
            run = self.stepper.run(
                _MANY_STEPS, prepare=functools.partial(self._multiply_rates, factor), with_losses=False
            )
            if run.error is None and self.evaluation.value(run.positions[-1]) < self.base:
                break
            factor /= 10.0
        self.evaluation.snapshot.restore()
        return factor

    def _tested(self, factor: float) -> float:
        """A larger multiple of the rate with which the user's own steps do lower the loss, a careful one if none is."""
        if not self.optimizers or not self.cheap:
            return min(factor, _CAREFUL)
        lowers = False
        while factor > 10.0 and not lowers:
            run = self.stepper.run(len(self.run.per_step), prepare=functools.partial(self._multiply_rates, factor))
            lowers = run.error is None and all(loss <= self.base + self.tolerance for loss in run.losses)
            factor = factor if lowers else factor / 10.0
        self.evaluation.snapshot.restore()
        return max(factor, 10.0)

    def _multiply_rates(self, factor: float) -> None:
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                if "lr" in group:
                    group["lr"] = group["lr"] * factor

    def _too_small(self) -> Iterator[Finding]:
        if self.slope >= 0 or not self.losses:
            return
        last = (self.run.positions[-1] - self.run.positions[-2]).norm()
        momentum = self._largest_momentum()
        growth = float(last) / float(self.move.norm())
        if growth > 2.0 and (momentum == 0.0 or self.run.events.of("scheduler")):
            return  # a warm-up, or an optimiser that finds its own rate
        factor, least = reach(self.evaluation, self.move, self.base, [10.0**k for k in range(2, _FARTHEST + 1)])
        count = len(self.losses) - self.run.first_move
        gain = max(
            -self.slope / (1.0 - min(momentum, 0.999)),
            (self.base - self.losses[-1]) / max(count, 1) - self.tolerance,
        )
        if not least > -float("inf") or factor >= 10.0**_FARTHEST:  # without a lower bound it has no scale of its own
            return
        if self.base - least <= max(self.tolerance, _WORTH_WHILE * abs(self.base)):
            return
        if factor < 1e3 or (self.base - least) / gain < _TOO_MANY_STEPS:
            return
        raised = self._tested(factor / 3.0)
        yield finding(
            "rate-too-small",
            f"a step lowers the loss of {self.base:.4g} by {gain:.2g}, so that it would need about "
            f"{(self.base - least) / gain:.1g} steps; a step {factor:.0g} times larger "
            f"lowers it to {least:.4g} at once",
            remedy=f"raise the learning rate{self._suggestion(raised)}",
            fix=self._fix(raised),
        )

    def _precision(self) -> Iterator[Finding]:
        moved = self.run.moved
        energy = self.gradient.square()
        if float(energy[~moved].sum()) <= 0.5 * float(energy.sum()):
            return
        stuck = (~moved) & (energy > 0)
        stuck &= self._is_rounded(stuck)
        if float(energy[stuck].sum()) <= 0.5 * float(energy.sum()):
            return
        coarse = self.evaluation.names_of(stuck)
        largest = float(self.evaluation.start[stuck].abs().max())
        dtypes = {p.tensor.dtype for p in self.evaluation.parameters if p.name in coarse}
        kinds = [str(dtype).removeprefix("torch.") for dtype in dtypes]
        inside = {id(tensor) for optimizer in self.optimizers for tensor in held(optimizer)}
        if self.optimizers and not any(id(p.tensor) in inside for p in self.evaluation.parameters if p.name in coarse):
            return
        yield finding(
            "below-precision",
            f"{int(stuck.sum())} of {stuck.numel()} elements of {listed(coarse)} have a gradient but stay bit for bit: "
            f"the step is below the spacing of {listed(sorted(kinds))} at values of {largest:.2g}",
            coarse,
            fix=finer(dtypes),
        )

    def _is_rounded(self, stuck: torch.Tensor) -> torch.Tensor:
        """Elements whose spacing exceeds the step that others take; the rest is held, by a clamp for instance."""
        spacing = torch.empty_like(self.evaluation.start)
        for tensor, part in zip(self.evaluation.tensors, self.evaluation.slices, strict=True):
            spacing[part] = self.evaluation.start[part].abs() * torch.finfo(tensor.dtype).eps
        moved = (self.move != 0) & (self.gradient != 0)
        if not bool(moved.any()):
            return stuck
        size = float(self.move[moved].abs().median())
        ratio = float((self.move[moved] / self.gradient[moved]).abs().median())
        return spacing > 0.5 * (ratio * self.gradient.abs()).clamp(max=size)

    # ------------------------------------------------------------------ decay and momentum

    def _decay(self) -> Iterator[Finding]:
        decays = [
            (
                float(group["weight_decay"]),
                type(optimizer).__name__ in {"AdamW", "NAdamW"} or group.get("decoupled_weight_decay"),
            )
            for optimizer in self.optimizers
            for group in optimizer.param_groups
            if group.get("weight_decay")
        ]
        if not decays or not self.cheap or max(decays)[0] < 1e-2:
            return
        decay, decoupled = max(decays)
        best, least = descend(self.evaluation, self.evaluation.start)
        if decoupled:
            with_decay = self.evaluation.value(best.clamp(-1.0 / decay, 1.0 / decay))
        else:
            _, with_decay = descend(self.evaluation, self.evaluation.start, penalty=decay)
        empty = self.evaluation.value(torch.zeros_like(self.evaluation.start))
        possible = max(self.base, empty) - least
        if possible > self.tolerance and with_decay - least > _DECAY * possible:
            yield finding(
                "weight-decay-dominates",
                f"weight_decay={decay:g} holds the loss at about {with_decay:.4g}; without it {least:.4g} can be "
                f"reached from the present {self.base:.4g}",
            )

    def _momentum(self) -> Iterator[Finding]:
        momentum = self._largest_momentum()
        if momentum < 0.98 or not self.cheap:
            return
        swing = self._late_loss(None)
        calm = self._late_loss(min(0.9, momentum))
        if (
            swing > 10.0 * max(calm, 0.0)
            and swing > 0.05 * abs(self.base) + self.tolerance
            and calm < swing - self.tolerance
        ):
            yield self._too_much_momentum(
                f"with {self._momentum_name()} {momentum:g} the loss is still {swing:.3g} after 150 steps, swinging; "
                f"with 0.9 it is {calm:.3g}"
            )

    def _late_loss(self, momentum: float | None) -> float:
        run = self.stepper.run(150, prepare=None if momentum is None else lambda: self._set_momentum(momentum))
        late = [loss for loss in run.losses[len(run.losses) // 2 :] if loss == loss]
        return statistics.fmean(late) if late else float("inf")

    def _largest_momentum(self) -> float:
        found = [0.0]
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                found.append(float(group.get("momentum") or 0.0))
                found.append(float(group["betas"][0]) if "betas" in group and float(group["betas"][0]) > 0.95 else 0.0)
        return max(found)

    def _momentum_name(self) -> str:
        return "beta1" if self._with_betas() else "momentum"

    def _with_betas(self) -> list[torch.optim.Optimizer]:
        """The optimisers whose momentum is the first of their betas."""
        return [o for o in self.optimizers if any("betas" in group for group in o.param_groups)]

    def _too_much_momentum(self, message: str) -> Finding:
        with_betas = self._with_betas()
        if not with_betas:
            return finding("momentum-dominates", message)
        return finding(
            "momentum-dominates",
            message,
            remedy="lower beta1, and create a new optimiser after a change of the problem",
            fix=f"optimizer = {_constructor(with_betas[0])}(parameters, betas=(0.9, 0.999))",
        )

    def _set_momentum(self, momentum: float) -> None:
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                if "momentum" in group:
                    group["momentum"] = momentum
                    group["nesterov"] = group.get("nesterov") and momentum > 0
                if "betas" in group:
                    group["betas"] = (min(momentum, float(group["betas"][0])), *group["betas"][1:])

    def _falls_with_less_momentum(self, least: float) -> bool:
        run = self.stepper.run(len(self.run.losses) - 1, prepare=lambda: self._set_momentum(0.0))
        return bool(run.losses) and run.losses[-1] < self.base - 0.5 * (self.base - least)

    # ------------------------------------------------------------------ words

    def _suggestion(self, factor: float) -> str:
        if len(self.optimizers) == 1 and rates(self.optimizers[0])[0] > 0:
            return f", to about lr={rates(self.optimizers[0])[0] * factor:.1g}"
        return f", to about {factor:.1g} times the present one"

    def _fix(self, factor: float) -> str:
        if not self.optimizers or any("lr" not in group for o in self.optimizers for group in o.param_groups):
            return f"rate = {factor:.1g} * rate"
        found = {rate for optimizer in self.optimizers for rate in rates(optimizer)}
        change = f"= {found.pop() * factor:.1g}" if len(found) == 1 else f"*= {factor:.1g}"
        return f'for group in optimizer.param_groups:\n    group["lr"] {change}'


def _constructor(optimizer: torch.optim.Optimizer) -> str:
    """What a user writes to create an optimiser of this class."""
    kind = type(optimizer)
    return f"torch.optim.{kind.__name__}" if kind.__module__.startswith("torch.optim.") else kind.__name__

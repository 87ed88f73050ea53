"""How many faults does the doctor find, how many false alarms does it raise on correct loops, and what do others do?

The cases are those of tests/torch_route/doctor_cases. Other packages run on the same cases where they can: they need a
module, most of them also a loop. Any warning of theirs that could mean the true cause counts as found; remarks about
speed, memory or style do not count. A package that is not installed is left out.

    python benchmarks/doctor.py [--pages]
    pip install torchdiag torch-audit torchmortem mldoct  # the others, in an environment of their own
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import inspect
import io
import logging
import pkgutil
import statistics
import sys
import tempfile
import textwrap
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from crestfall.torch import doctor, watch
from crestfall.torch.diagnosis.catalogue import CATALOGUE
from crestfall.torch.original import broken_parts

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "torch_route"))

import doctor_cases
from doctor_cases.case import FAULTS, HEALTHY, Case, usual_step
from page import fill

KINDS = {
    "step_faults": "the step does not move the parameters",
    "effect_faults": "they move, but to no effect",
    "coverage_faults": "part of the model gets no gradient",
    "graph_faults": "not differentiable, cut or stale",
    "loss_faults": "the loss is not what was meant",
    "landscape_faults": "the landscape",
    "more_faults": "a second set, all kinds",
    "other_faults": "a third set, all kinds",
    "newcomer_faults": "a fourth set, all kinds",
}
STEPS = 20
DOCS = Path(__file__).parents[1] / "docs"


class CannotRun(Exception):
    """The package has no way to look at this case."""


# ------------------------------------------------------------------ what each tool says of a case


def ours(case: Case, build: Callable[[], Case]) -> set[str]:
    """Codes of doctor, the first only: the cause, not everything that was noticed."""
    return set(doctor(case.loss, case.parameters, step=case.step).codes[:1])


def ours_watching(case: Case, build: Callable[[], Case]) -> set[str]:
    """Codes of watch around the loop."""
    if case.step is None:
        raise CannotRun
    watched = watch(case.parameters, case.optimizer)
    with contextlib.suppress(RuntimeError, TypeError, StopIteration), watched:
        for _ in range(5):
            case.step()
    return set(watched.report.codes)


def need_loop(case: Case) -> None:
    """Most packages look at a module and its optimiser while a loop runs."""
    if case.model is None or case.step is None:
        raise CannotRun


def torch_audit(case: Case, build: Callable[[], Case]) -> set[str]:
    """Rules of torch-audit that fire while the loop runs."""
    from torch_audit import autopatch

    need_loop(case)
    auditor = autopatch(case.model, optimizer=case.optimizer, every_n_steps=1, run_static=True, run_init=True)
    with contextlib.suppress(RuntimeError, TypeError, StopIteration):
        for _ in range(STEPS):
            case.step()
    found = auditor.finish(report=False).findings
    auditor.unpatch()
    meaning = {
        "TA100": {"not-finite", "rate-too-large"},
        "TA102": {"rate-too-large"},
        "TA103": {"dead-units", "constant-initialisation", "saturated-units"},
        "TA104": {"no-backward", "zeroed-before-step", "detached", "constant-loss", "other-tensors"},
        "TA105": {"dead-units", "saturated-units", "constant-initialisation"},
        "TA500": {"unused-parameters", "constant-loss"},
    }
    return codes_of([(one.rule_id, one.severity.value != "INFO") for one in found], meaning)


def torchmortem(case: Case, build: Callable[[], Case]) -> set[str]:
    """Findings of torchmortem around the loop."""
    from torchmortem import Autopsy

    need_loop(case)
    autopsy = Autopsy(case.model, optimizer=case.optimizer, sampling="thorough")
    with autopsy:
        with contextlib.suppress(RuntimeError, TypeError, StopIteration):
            for _ in range(STEPS):
                case.step()
                value = case.loss()
                autopsy.step(loss=float(value) if not isinstance(value, torch.Tensor) else value.mean().item())
        with tempfile.TemporaryDirectory() as folder:
            report = autopsy.report(Path(folder) / "report.json")
    meaning = {
        "dead": {"dead-units", "constant-initialisation"},
        "saturation": {"saturated-units"},
        "vanishing": {"vanishing-gradient", "saturated-units"},
        "exploding": {"rate-too-large", "momentum-dominates"},
        "divergence": {"rate-too-large", "momentum-dominates", "uphill"},
        "plateau": {"stationary-plateau", "stationary-saddle", "bad-basin"},
        "stalling": {"zeroed-before-step", "no-backward", "dead-units", "constant-initialisation"},
        "ratio too low": {"rate-too-small", "rate-zero", "below-precision", "no-step", "scheduler-not-optimizer"},
        "ratio too high": {"rate-too-large"},
        "rank collapse": {"constant-initialisation"},
        "stagnant": {"rate-too-small", "rate-zero", "no-step", "scheduler-not-optimizer", "step-undone"},
    }
    titles = [(one.title.lower(), one.severity.name.lower() != "info") for one in report.findings]
    named = [(next((key for key in meaning if key in title), title), loud) for title, loud in titles]
    return codes_of(named, meaning)


def torchdiag(case: Case, build: Callable[[], Case]) -> set[str]:
    """The printed issues of torchdiag's checks of a step, of gradients and of dead neurons."""
    import torchdiag as tool

    need_loop(case)
    if case.extra.get("x") is None and case.optimizer is None:
        raise CannotRun
    text = io.StringIO()
    before = [p.detach().clone() for p in case.model.parameters()]
    with contextlib.redirect_stdout(text), contextlib.suppress(RuntimeError, TypeError, AttributeError, StopIteration):
        tool.summary(case.model)
        case.step()
        tool.check_gradients(case.model)
    still = all(torch.equal(a, b) for a, b in zip(before, case.model.parameters(), strict=True))
    printed = text.getvalue().lower()
    meaning = {
        "disconnected from graph": {"detached", "constant-loss", "unused-parameters", "no-backward", "other-tensors"},
        "exploding": {"rate-too-large"},
        "vanishing": {"vanishing-gradient", "dead-units", "saturated-units", "constant-initialisation"},
        "frozen — model": {"requires-grad-off"},
        # verify_step compares the parameters before and after, with a step of its own.
        "unchanged": {"rate-zero", "no-step", "other-tensors", "step-undone", "below-precision"},
    }
    fired = [key for key in meaning if key in printed and "issues found" in printed] + ["unchanged"] * still
    return codes_of([(key, True) for key in fired], meaning)


def mldoct(case: Case, build: Callable[[], Case]) -> set[str]:
    """The linter of mldoct on the source of the case."""
    from mldoctor.linter import lint_script

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.py"
        path.write_text(textwrap.dedent(inspect.getsource(build)), encoding="utf-8")
        issues, _ = lint_script(str(path))
    meaning = {"missing_zero_grad": {"gradients-accumulate"}, "double_softmax": {"softmax-twice"}}
    return codes_of([(one["type"], one["severity"] != "INFO") for one in issues], meaning)


def codes_of(fired: list[tuple[str, bool]], meaning: dict[str, set[str]]) -> set[str]:
    """What fired, as codes of ours; remarks about speed, memory or style do not count."""
    found: set[str] = set()
    for name, loud in fired:
        if loud:
            found |= meaning.get(name, set())
    return found


TOOLS = {
    "`crestfall.torch.doctor`": (ours, None),
    "`crestfall.torch.watch`": (ours_watching, None),
    "torchdiag": (torchdiag, "torchdiag"),
    "torch-audit": (torch_audit, "torch_audit"),
    "torchmortem": (torchmortem, "torchmortem"),
    "mldoct (linter)": (mldoct, "mldoctor"),
}


# ------------------------------------------------------------------ the tables


def measure(look: Callable[[Case, Callable[[], Case]], set[str]]) -> dict[str, Any]:
    """Run one tool on all cases."""
    counts: dict[str, Any] = {"found": 0, "ran": 0, "alarms": 0, "correct": 0, "wrong": [], "kinds": {}}
    began = time.perf_counter()
    for name, (codes, build) in FAULTS.items():
        kind = counts["kinds"].setdefault(build.__module__.rpartition(".")[2], [0, 0])
        kind[1] += 1
        found = look_at(look, build)
        if found is None:
            continue
        counts["ran"] += 1
        right = bool(found & codes)
        counts["found"] += right
        kind[0] += right
        if not right:
            counts["wrong"].append(name)
    for name, build in HEALTHY.items():
        found = look_at(look, build)
        if found is not None:
            counts["correct"] += 1
            counts["alarms"] += bool(found)
            if found:
                counts["wrong"].append(f"{name} ({', '.join(sorted(found))})")
    counts["seconds"] = time.perf_counter() - began
    return counts


def look_at(look: Callable[[Case, Callable[[], Case]], set[str]], build: Callable[[], Case]) -> set[str] | None:
    """What a tool says of one case; ``None`` where it cannot look, an error of its own where it crashes."""
    torch.set_grad_enabled(True)  # a case may leave them off
    case = build()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return look(case, build)
    except CannotRun:
        return None
    except Exception as error:
        return {f"crash: {type(error).__name__}"}


def table_of_tools(results: dict[str, dict[str, Any]]) -> str:
    """Detection and false alarms for each tool."""
    lines = [
        "| tool | found | of those it can run | false alarms on correct loops |",
        "|---|---|---|---|",
    ]
    for name, found in results.items():
        lines.append(
            f"| {name} | {found['found']} of {len(FAULTS)} | {found['found']} of {found['ran']} | "
            f"{found['alarms']} of {found['correct']} |"
        )
    return "\n".join(lines)


def table_of_kinds(found: dict[str, Any]) -> str:
    """Detection of doctor by kind of fault."""
    lines = ["| kind | found | cases |", "|---|---|---|"]
    for module, kind in KINDS.items():
        right, all_of_them = found["kinds"][module]
        lines.append(f"| {kind} | {right} | {all_of_them} |")
    lines.append(f"| false alarms on correct loops | {found['alarms']} | {found['correct']} |")
    return "\n".join(lines)


def table_of_codes() -> str:
    """Every code, what it means and what to do."""
    lines = ["| code | what is the case | remedy |", "|---|---|---|"]
    lines += [f"| `{code}` | {entry.case} | {entry.remedy} |" for code, entry in CATALOGUE.items()]
    return "\n".join(lines)


def sentences_about_passes() -> str:
    """How often the doctor computes the loss: of a large model, and of the correct cases."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2000, 2000), torch.nn.ReLU(), torch.nn.Linear(2000, 2000))
    x, y = torch.randn(8, 2000), torch.randn(8, 2000)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

    def loss() -> torch.Tensor:
        return torch.nn.functional.mse_loss(model(x), y)

    large = doctor(loss, model, step=usual_step(loss, optimizer)).passes
    small = []
    for build in HEALTHY.values():
        torch.set_grad_enabled(True)
        case = build()
        small.append(doctor(case.loss, case.parameters, step=case.step).passes)
    return (
        f"A model of 8 million parameters takes about {round(large, -1)} evaluations of the loss, a small network "
        f"about {round(statistics.median(small), -1):.0f}. With up to 8\nelements and a loss that takes less than 20 "
        f"ms it may be over {max(small) // 100 * 100}, because other starting points are tried."
    )


def printed_report() -> str:
    """What doctor prints on the original question's loop."""
    loss, theta, step = broken_parts(5)
    return f"```text\n{doctor(loss, theta, step=step)}\n```"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", action="store_true", help="write the tables and words into the pages of docs/")
    parser.add_argument("--words", action="store_true", help="write the words only, without measuring anything")
    parser.add_argument("--verbose", action="store_true", help="also list what was missed, and the false alarms")
    options = parser.parse_args()
    if options.pages or options.words:
        fill(DOCS / "doctor.md", "codes", table_of_codes())
        fill(DOCS / "original-question.md", "report", printed_report())
    if options.words:
        return
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for module in pkgutil.iter_modules(doctor_cases.__path__):
        importlib.import_module(f"doctor_cases.{module.name}")
    results = {}
    for name, (look, package) in TOOLS.items():
        if package is not None and importlib.util.find_spec(package) is None:
            print(f"{name} is not installed; left out")
            continue
        results[name] = measure(look)
        if options.verbose:
            print(name, *results[name]["wrong"], sep="\n  ")
    tools, kinds = table_of_tools(results), table_of_kinds(results["`crestfall.torch.doctor`"])
    print(tools, kinds, sep="\n\n")
    if options.pages:
        fill(DOCS / "doctor.md", "passes", sentences_about_passes())
        fill(DOCS / "doctor.md", "tools", tools)
        fill(DOCS / "doctor.md", "kinds", kinds)


if __name__ == "__main__":
    main()

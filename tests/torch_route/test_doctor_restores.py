"""Everything is put back, however much there is, wherever it is kept, and whoever interrupts."""

import signal
import threading

import pytest
import torch
from torch import nn

from crestfall.torch import doctor, watch
from crestfall.torch.diagnosis.interrupts import Interrupts, persistently


def bits(tensors):
    return [(t.shape, t.detach().numpy().tobytes(), t.requires_grad, t._version) for t in tensors]


def steps_of(loss, optimizer):
    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return step


@pytest.mark.parametrize("by_optimizer", [True, False])
def test_thousands_of_tensors(by_optimizer):
    parameters = [torch.tensor([0.5, 0.7], requires_grad=True) for _ in range(2100)]
    optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.5)
    before = bits(parameters)

    def loss():
        return torch.stack(parameters).sub(1).square().sum()

    doctor(loss, optimizer if by_optimizer else parameters, step=steps_of(loss, optimizer))
    assert bits(parameters) == before
    assert not optimizer.state


def test_what_lies_behind_thousands_of_objects():
    class Item:
        def __init__(self, k):
            self.k = [k]

    model = nn.Sequential(*[nn.Linear(2, 2) for _ in range(40)])
    items = [[Item(k) for k in range(1900)] for _ in range(15)]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)

    def loss():
        return model(torch.ones(1, 2)).sum() + 0 * len(items)

    steps_of(loss, optimizer)()
    states = [v for state in optimizer.state.values() for v in state.values()]
    before, kept = bits(model.parameters()), bits(states)
    report = doctor(loss, model, step=steps_of(loss, optimizer))
    assert bits(model.parameters()) == before
    assert bits(states) == kept
    assert any("too large to be searched" in note for note in report.notes)


def test_large_containers_are_named_in_a_note():
    theta, log = torch.ones(2, requires_grad=True), [[k] for k in range(3000)]
    report = doctor(lambda: (theta - len(log)).square().sum(), theta)
    assert any("log (3,000 items)" in note for note in report.notes)


def test_tensors_that_the_step_resizes_or_gives_other_data():
    theta, seen = torch.ones(3, requires_grad=True), torch.arange(3.0)
    optimizer = torch.optim.SGD([theta], lr=0.1)
    other = torch.full((3,), 2.0)

    def loss():
        return (theta - 2).square().sum() + 0 * other.sum()

    def step():
        seen.resize_(0)
        seen.resize_(7).fill_(3)
        other.data = torch.zeros(3)
        steps_of(loss, optimizer)()

    assert doctor(loss, theta, step=step).codes == []
    assert seen.tolist() == [0, 1, 2]
    assert theta.tolist() == [1, 1, 1]
    assert other.tolist() == [2, 2, 2]


def test_what_cannot_be_put_back_does_not_stop_the_rest():
    class Stubborn(dict):
        def clear(self):
            raise RuntimeError("I stay as I am")

    stubborn, theta, log = Stubborn(a=1), torch.ones(3, requires_grad=True), []
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta - 2).square().sum()

    def step():
        stubborn["b"] = 2
        log.append(1)
        steps_of(loss, optimizer)()

    with pytest.raises(RuntimeError, match="could not be put back: RuntimeError: I stay as I am"):
        doctor(loss, theta, step=step)
    assert theta.tolist() == [1, 1, 1]
    assert log == []


class Counter:
    calls = 0


class Loader:
    def __init__(self, items):
        self.it = iter(items)


def test_iterators_in_attributes_lists_and_dictionaries():
    theta = torch.ones(2, requires_grad=True)
    loader, kept, listed = Loader([1.0, 2.0, 3.0]), {"it": iter([4.0, 5.0])}, [iter([6.0, 7.0])]

    def loss():
        return (theta - next(loader.it) - next(kept["it"]) - next(listed[0])).square().sum()

    assert doctor(loss, theta).findings == ()
    assert [next(loader.it), next(kept["it"]), next(listed[0])] == [1, 4, 6]
    assert [next(loader.it), next(kept["it"]), next(listed[0])] == [2, 5, 7]


def test_iterators_that_cannot_be_wound_back_end_the_examination():
    theta, hidden = torch.ones(2, requires_grad=True), (iter([1.0] * 3),)
    report = doctor(lambda: (theta - next(hidden[0])).square().sum(), theta)
    assert report.findings == ()
    assert any("used up" in note for note in report.notes)


def test_counters_of_classes_and_functions():
    theta = torch.ones(2, requires_grad=True)

    def loss():
        Counter.calls += 1
        loss.calls += 1
        return (theta - 3).square().sum()

    loss.calls = 0
    doctor(loss, theta)
    assert (Counter.calls, loss.calls) == (0, 0)


def test_the_sign_of_zero_and_versions():
    theta = torch.tensor([-0.0, 1.0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.1)

    def loss():
        return (theta**2).sum()

    value = loss()
    doctor(loss, theta, step=steps_of(loss, optimizer))
    assert torch.signbit(theta).tolist() == [True, False]
    value.backward()
    assert theta.grad.tolist() == [0, 2]


PATCHED = (
    (torch.Tensor, "backward"),
    (torch.autograd, "grad"),
    (torch.autograd, "backward"),
    (torch.optim.Optimizer, "zero_grad"),
    (nn.Module, "zero_grad"),
    (torch.optim.lr_scheduler.LRScheduler, "step"),
)


@pytest.fixture
def unpatched():
    before = [vars(owner)[name] for owner, name in PATCHED], signal.getsignal(signal.SIGINT)
    yield
    assert ([vars(owner)[name] for owner, name in PATCHED], signal.getsignal(signal.SIGINT)) == before


@pytest.mark.usefixtures("unpatched")
def test_watches_that_overlap():
    theta = torch.ones(2, requires_grad=True)
    first, second = watch(theta), watch(theta)
    first.__enter__()
    second.__enter__()
    theta.sum().backward()
    first.__exit__(None, None, None)
    theta.sum().backward()
    second.__exit__(None, None, None)
    assert first.report.checked[0] == "1 backward pass"
    assert second.report.checked[0] == "2 backward passes"


@pytest.mark.usefixtures("unpatched")
def test_only_the_thread_that_watches_counts():
    def other():
        stranger = torch.ones(2, requires_grad=True)
        for _ in range(5):
            steps_of(lambda: stranger.sum(), torch.optim.SGD([stranger], lr=0.1))()

    theta = torch.ones(2, requires_grad=True)
    with watch(theta) as watched:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        steps_of(lambda: theta.sum(), torch.optim.SGD([theta], lr=0.1))()
    assert watched.report.checked == ("1 backward pass", "1 optimiser step")


@pytest.mark.usefixtures("unpatched")
def test_doctors_in_several_threads():
    reports, errors = [], []

    def examine():
        theta = torch.ones(2, requires_grad=True)

        def loss():
            return (theta - 2).square().sum()

        try:
            reports.append(doctor(loss, theta, step=steps_of(loss, torch.optim.SGD([theta], lr=0.1))))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=examine) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [report.codes for report in reports] == [[]] * 4


@pytest.mark.usefixtures("unpatched")
@pytest.mark.parametrize("when", [1, 2, 7, 20])
def test_ctrl_c_during_an_evaluation(when):
    class Seen:
        __slots__ = ("count",)  # out of reach of what is put back

    seen, theta, log = Seen(), torch.ones(2, requires_grad=True), []
    seen.count = 0

    def loss():
        seen.count += 1
        log.append(1)
        if seen.count == when:
            signal.raise_signal(signal.SIGINT)
        return (theta - 2).square().sum()

    with pytest.raises(KeyboardInterrupt):
        doctor(loss, theta, step=steps_of(loss, torch.optim.SGD([theta], lr=0.1)))
    assert theta.tolist() == [1, 1]
    assert log == []


@pytest.mark.usefixtures("unpatched")
def test_ctrl_c_waits_while_things_are_put_back():
    done = []

    def act():
        with Interrupts() as interrupts:
            interrupts.deferred = True
            signal.raise_signal(signal.SIGINT)
            done.append(1)

    with pytest.raises(KeyboardInterrupt):
        act()
    assert done == [1]


def test_what_is_interrupted_is_done_again():
    done = []

    def act():
        done.append(1)
        if len(done) < 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        persistently(act)
    assert len(done) == 3

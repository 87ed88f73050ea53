"""One thread: small tensors gain nothing from more, and two cores are shared."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def gradients_on():
    yield
    torch.set_grad_enabled(True)

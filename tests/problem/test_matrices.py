"""The matrices: unit entries, orthogonal rows, and few different angles."""

import numpy as np
import pytest
from scipy.linalg import hadamard

from crestfall.problem.channels.matrices import angles_of


@pytest.mark.parametrize("matrix", ["hadamard", "dft", "chirp"])
@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 20, 64])
def test_rows_are_orthogonal(matrix, m):
    if matrix == "hadamard" and m not in (1, 2, 4, 8, 16, 64):
        with pytest.raises(ValueError, match=f"no Hadamard matrix of order {m} here, only powers of two; use 'chirp'"):
            angles_of(matrix, m)
        return
    t = np.exp(1j * angles_of(matrix, m))
    np.testing.assert_allclose(t @ t.conj().T, m * np.eye(m), atol=1e-12)


def test_they_are_what_their_names_say():
    np.testing.assert_allclose(np.exp(1j * angles_of("hadamard", 8)), hadamard(8), atol=1e-15)
    np.testing.assert_allclose(np.exp(1j * angles_of("dft", 6)), np.fft.fft(np.eye(6)).conj(), atol=1e-14)
    np.testing.assert_array_equal(angles_of("chirp", 8), angles_of("hadamard", 8))


@pytest.mark.parametrize("m", [3, 5, 7, 9, 6, 12])
def test_the_chirp_is_the_dft_of_its_odd_part_with_rows_and_columns_turned(m):
    odd = m // (m & -m)
    t = np.exp(1j * angles_of("chirp", m))[:odd, :odd]
    undone = t / t[:, :1] / t[:1, :] * t[0, 0]
    np.testing.assert_allclose(undone, np.exp(1j * angles_of("dft", odd)), atol=1e-12)


@pytest.mark.parametrize(("m", "dft", "chirp"), [(3, 3, 2), (5, 5, 3), (7, 7, 4), (6, 3, 2), (4, 2, 1)])
def test_the_chirp_has_fewer_turns_up_to_a_sign(m, dft, chirp):
    for matrix, count in (("dft", dft), ("chirp", chirp)):
        turns = np.round(np.mod(angles_of(matrix, m), np.pi) / np.pi, 9) % 1.0
        assert len(np.unique(turns)) == count


@pytest.mark.parametrize(("matrix", "m", "words"), [("magic", 3, "matrix is 'magic'"), ("dft", 0, "inputs is 0")])
def test_what_there_is_not_is_refused(matrix, m, words):
    with pytest.raises(ValueError, match=words):
        angles_of(matrix, m)

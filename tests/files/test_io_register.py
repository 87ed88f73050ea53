"""Formats of one's own."""

import pytest

import crestfall as cf
from crestfall import files as io


@pytest.fixture
def forget(monkeypatch):
    monkeypatch.setattr(io, "WRITABLE", dict(io.WRITABLE))
    monkeypatch.setattr(io, "_REGISTERED", {})


@pytest.mark.usefixtures("forget")
def test_a_registered_format_is_written_like_any_other(tmp_path):
    def encode(design, periods=1):
        return repr(design.phases.tolist() * periods).encode()

    io.register(".Tab", encode)
    design, path = cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.5]), tmp_path / "new" / "a.tab"
    design.save(path, periods=2)
    assert path.read_text() == "[0.0, 1.5, 0.0, 1.5]"
    with pytest.raises(FileExistsError):
        design.save(path)
    with pytest.raises(TypeError, match=r"the \.tab format has no option 'peak'; it takes periods"):
        design.save(path, overwrite=True, peak=1.0)
    with pytest.raises(ValueError, match="unknown"):
        cf.load(path)


@pytest.mark.usefixtures("forget")
@pytest.mark.parametrize(
    ("ending", "words"), [("tab", "with its dot"), (".", "with its dot"), (".WAV", "writes itself"), (".arb", "itself")]
)
def test_an_ending_that_cannot_be_registered_is_refused(ending, words):
    with pytest.raises(ValueError, match=words):
        io.register(ending, lambda design: b"")

"""Whole or not at all: what exists stays, what fails leaves nothing behind."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path, PureWindowsPath

import pytest

from crestfall.files import FORMATS, load, save
from crestfall.files.atomic import write_atomically
from crestfall.files.windows_names import require_name

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX file systems only")


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def failing(code):
    def fail(*arguments):
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_existing_file_stays_unless_asked(suffix, design, tmp_path, error_of):
    path = tmp_path / f"design{suffix}"
    path.write_bytes(b"precious")
    message = error_of(FileExistsError, path, save, design, path)
    assert "overwrite" in message
    assert path.read_bytes() == b"precious"
    design.save(path, overwrite=True)
    assert load(path) == design
    assert everything_in(tmp_path) == [path.name]


def test_folders_are_created(design, tmp_path):
    path = tmp_path / "out" / "today" / "design.json"
    save(design, path)
    assert load(path) == design


def test_a_folder_is_not_a_file(design, tmp_path, error_of):
    path = tmp_path / "design.json"
    path.mkdir()
    for overwrite in (False, True):
        assert "folder" in error_of(IsADirectoryError, path, save, design, path, overwrite=overwrite)
    assert everything_in(tmp_path) == ["design.json"]


@pytest.mark.parametrize("below", ["file/design.json", "file/deep/er/design.json"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_is_not_a_folder(below, overwrite, design, tmp_path, error_of):
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / below
    message = error_of(NotADirectoryError, path, save, design, path, overwrite=overwrite)
    assert f"{tmp_path / 'file'} is a file" in message
    assert everything_in(tmp_path) == ["file"]


def test_a_folder_that_may_not_be_written(design, tmp_path, monkeypatch, error_of):
    monkeypatch.setattr("os.open", failing(errno.EACCES))
    path = tmp_path / "design.json"
    assert "permission denied" in error_of(PermissionError, path, save, design, path)


def test_a_name_that_is_too_long(design, tmp_path, error_of):
    path = tmp_path / ("x" * 300 + ".json")
    assert "too long" in error_of(OSError, path, save, design, path)
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize("call", ["os.write", "os.fsync"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_nothing_behind(call, overwrite, design, tmp_path, monkeypatch):
    path = tmp_path / "design.npz"
    if overwrite:
        path.write_bytes(b"precious")
    monkeypatch.setattr(call, failing(errno.ENOSPC))
    with pytest.raises(
        OSError, match=r"design\.npz cannot be written: the disk is full; free some space .*$"
    ) as caught:
        save(design, path, overwrite=overwrite)
    assert caught.value.errno == errno.ENOSPC
    assert everything_in(tmp_path) == (["design.npz"] if overwrite else [])
    assert not overwrite or path.read_bytes() == b"precious"


@needs_posix
def test_a_write_that_the_system_cuts_short_leaves_nothing_behind(tmp_path):
    code = f"""
import resource
from pathlib import Path, PureWindowsPath
from crestfall.files.atomic import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path({str(tmp_path)!r}) / "big.bin", bytes(100_000))
except OSError as error:
    print(error)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert answer.count("\n") == 1
    assert "big.bin cannot be written: file too large" in answer
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize("call", ["os.write", "os.fsync", "os.close", "os.link"])
def test_an_interruption_leaves_nothing_behind(call, design, tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(call, interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(design, tmp_path / "design.json")
    assert everything_in(tmp_path) == []


def test_an_interruption_in_the_middle_of_writing(tmp_path, monkeypatch):
    write, calls = os.write, []

    def half(descriptor, data):
        calls.append(len(data))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr("os.write", half)
    path = tmp_path / "design.bin"
    path.write_bytes(b"precious")
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, bytes(1000), overwrite=True)
    assert calls == [1000, 500]
    assert path.read_bytes() == b"precious"
    assert everything_in(tmp_path) == ["design.bin"]


def test_short_writes_are_completed(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr("os.write", lambda descriptor, data: write(descriptor, data[:7]))
    write_atomically(tmp_path / "a.bin", bytes(range(100)))
    assert (tmp_path / "a.bin").read_bytes() == bytes(range(100))


@pytest.mark.parametrize("links", [True, False])
def test_of_many_writers_exactly_one_wins(links, tmp_path, monkeypatch):
    if not links:
        monkeypatch.setattr("os.link", failing(errno.EPERM))
    path, barrier = tmp_path / "new" / "race.bin", threading.Barrier(8)
    outcomes, refusals = [], []

    def write(number):
        barrier.wait()
        try:
            write_atomically(path, bytes([number]) * 50_000)
            outcomes.append(number)
        except FileExistsError as error:
            refusals.append(str(error))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 1
    assert len(refusals) == 7
    assert all("exists" in refusal for refusal in refusals)
    assert path.read_bytes() == bytes(outcomes) * 50_000
    assert everything_in(tmp_path) == ["new", "new/race.bin"]


def test_a_name_that_is_taken_while_writing_stays_with_its_owner(tmp_path, monkeypatch, error_of):
    path, fsync = tmp_path / "race.bin", os.fsync

    def late(descriptor):
        path.write_bytes(b"the other")
        fsync(descriptor)

    monkeypatch.setattr("os.fsync", late)
    assert "exists" in error_of(FileExistsError, path, write_atomically, path, b"mine")
    assert path.read_bytes() == b"the other"
    assert everything_in(tmp_path) == ["race.bin"]


def test_without_hard_links_an_interruption_frees_the_reserved_name(tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.link", failing(errno.EOPNOTSUPP))
    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.bin", b"content")
    assert everything_in(tmp_path) == []


@needs_posix
@pytest.mark.parametrize(("mask", "bits"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permission_bits_follow_the_umask(mask, bits, design, tmp_path):
    before = os.umask(mask)
    try:
        save(design, tmp_path / "design.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "design.json").stat().st_mode) == bits


@needs_posix
def test_links_are_followed_to_files_only(design, tmp_path, error_of):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    error_of(FileExistsError, link, save, design, link)  # a dangling link is in the way, too
    target.write_text("old")
    save(design, link, overwrite=True)
    assert link.is_symlink()
    assert load(target) == design

    full = tmp_path / "full.json"
    full.symlink_to("/dev/full")
    error_of(FileExistsError, full, save, design, full)
    assert "device" in error_of(OSError, full, save, design, full, overwrite=True)
    assert everything_in(tmp_path) == ["full.json", "link.json", "target.json"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (r"C:\data\a.json", None),
        (r"..\a.b.csv", None),
        (r"con\x.json", "con is a device of Windows"),
        ("NUL.json", "nul is a device of Windows"),
        ("com1", "com1 is a device of Windows"),
        ("console.json", None),
        ("10:30.csv", "a name has no ':' on Windows"),
        ("why?.csv", r"a name has no '\?' on Windows"),
        (r"folder \a.csv", "drops a space or a dot at the end"),
    ],
)
def test_names_that_windows_takes_for_something_else(path, said):
    require_name(PureWindowsPath(path), windows=False)
    if said is None:
        require_name(PureWindowsPath(path), windows=True)
        return
    with pytest.raises(ValueError, match=said) as caught:
        require_name(PureWindowsPath(path), windows=True)
    assert "cannot be written" in str(caught.value)
    assert "give another name" in str(caught.value)

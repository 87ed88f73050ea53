"""Reading under guard: what a reader may do with a file, whatever is in it.

It may return, or raise ``ValueError`` or ``OSError`` with one line that names the file. It may not raise anything else,
warn, compute for more than five seconds, allocate more than its limit, or execute, write, start or connect anything.
"""

from __future__ import annotations

import resource
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from readers import Reader

import crestfall as cf

MAX_SECONDS = 5.0
MAX_GIB = 2.0

_FORBIDDEN = (
    *(
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.mkdir",
        "os.putenv",
    ),
    *(
        "subprocess.Popen",
        "pickle.find_class",
        "marshal.loads",
        "code.__new__",
        "socket.connect",
        "socket.bind",
        "exec",
    ),
    *("urllib.Request", "shutil.copyfile", "shutil.rmtree", "ctypes.dlopen", "import", "webbrowser.open"),
)
_WRITING = set("wax+")


class _Watch:
    """Python's own audit events while a file is being read; the hook cannot be removed, only put to sleep."""

    def __init__(self) -> None:
        self.awake, self.seen = False, list[str]()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.awake:
            return
        writes = event == "open" and isinstance(arguments[1], str) and bool(_WRITING & set(arguments[1]))
        # literal_eval, with which NumPy reads the header of an array, builds a syntax tree and executes nothing.
        compiled = event == "compile" and arguments[1] != "<unknown>"
        if event in _FORBIDDEN or writes or compiled:
            self.seen.append(f"{event} {arguments[0]!r}"[:200])


_watch: _Watch | None = None


class TooSlowError(BaseException):
    """Raised in the reader when its time is up; no ``except Exception`` holds it."""


def _too_slow(number: int, frame: object) -> None:
    raise TooSlowError


def limit_memory() -> None:
    """Let this process have ``MAX_GIB`` more than it has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    most = pages * resource.getpagesize() + int(MAX_GIB * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def fault_of(reader: Reader, data: bytes, path: Path) -> tuple[str | None, bool, float]:
    """What the reader did that it may not, whether it refused the file, and how long it took [s of computing].

    Args:
        reader: The reader.
        data: Content of the file.
        path: Where the file is put; it is overwritten.
    """
    global _watch
    _watch = _watch or _Watch()
    path.write_bytes(data)
    _watch.seen.clear()
    signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
    begin, fault, refused = time.process_time(), None, False
    _watch.awake = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", cf.CrestfallWarning)  # a note is an answer, too
            reader.read(path)
    except TooSlowError:
        fault = "slow"
    except (ValueError, OSError) as error:
        refused, fault = True, _fault_of_message(reader, error, path)
    except BaseException as error:
        fault = f"{type(error).__name__}: {error}"[:300]
    finally:
        _watch.awake = False
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    if fault is None and _watch.seen:
        fault = "executed " + "; ".join(_watch.seen[:3])
    return fault, refused, time.process_time() - begin


def _fault_of_message(reader: Reader, error: Exception, path: Path) -> str | None:
    text = str(error)
    if isinstance(error, UnicodeError):
        return f"{type(error).__name__}: {text}"[:300]
    if "does not fit into memory" in text:
        return "memory"
    if not text or "\n" in text or len(text) > 2000:
        return f"message of {len(text)} characters, {text.count(chr(10)) + 1} lines: {text[:200]!r}"
    if reader.names_the_path and not text.startswith(str(path)):
        return f"message without the path: {text[:200]!r}"
    return None

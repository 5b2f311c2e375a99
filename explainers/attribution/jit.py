"""How the kernels are compiled: once, kept on disk, and never stale.

numba keeps compiled kernels beside the source (``__pycache__``). If that folder cannot be written
(a read-only checkout, another user), it falls back to a folder of the user; the environment
variable ``NUMBA_CACHE_DIR`` names another one and must be set before Python starts. If no folder can
be written, the kernels are compiled anew in each process: slower to start, otherwise the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def _package_stamp() -> bytes:
    """SHA-256 over the sources of this package that hold kernels or the tuples they read."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        content = source.read_bytes()
        if b"attribution.jit import" in content or b"NamedTuple" in content:
            digest.update(content)
    return digest.digest()


_STAMP = _package_stamp()


def kernel(function: Function) -> Function:
    """Compile a function to machine code on first use, without the interpreter lock, cached on disk.

    numba's own cache looks only at the file of the kernel. A kernel that calls another file's kernel
    would keep the old code of it after an edit. So the stamp of the cache covers all of them.

    Parameters
    ----------
    function : callable
        Plain Python over arrays and named tuples of arrays.

    Returns
    -------
    callable
        The compiled function.
    """
    try:
        compiled: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
        compiled._cache._cache_file._source_stamp = _STAMP
    except (RuntimeError, AttributeError):  # no folder for the cache, or a numba with other inner names
        compiled = njit(nogil=True, error_model="numpy")(function)
    result: Function = compiled
    return result


def kept_on_disk() -> bool:
    """Tell whether compiled kernels are kept: else compiling them ahead, in another process, is of no use."""
    try:
        njit(cache=True)(kept_on_disk)
    except RuntimeError:  # numba found no folder that it can write
        return False
    return True


def inlined(function: Function) -> Function:
    """Compile a small function as a part of each kernel that calls it, where a call would cost more than its work.

    Parameters
    ----------
    function : callable
        As for `kernel`.

    Returns
    -------
    callable
        The function, to be called from kernels.
    """
    compiled: Any = njit(nogil=True, error_model="numpy", inline="always")(function)
    result: Function = compiled
    return result

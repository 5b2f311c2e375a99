"""Which snapshots there are. Imports nothing heavy: the server answers before the libraries are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.errors import CandorError
from data.manifest import Manifest, read_manifest
from data.unfinished import unfinished_builds

MIXED_UP = "Its manifest names another snapshot: the folder was renamed or mixed up."


@dataclass(frozen=True)
class Listing:
    """What lies under a folder of snapshots."""

    manifests: tuple[Manifest, ...]
    """Whole snapshots, by model, the latest first."""
    broken: tuple[str, ...]
    """One sentence for every folder that cannot be used."""
    unfinished: tuple[str, ...] = ()
    """One sentence for every build that is in progress or was stopped."""


def list_snapshots(root: Path) -> Listing:
    """List the snapshots under a folder without opening their databases.

    Parameters
    ----------
    root : Path
        ``<root>/<model id>/<snapshot id>/``; hidden folders (builds in progress) are passed over.
    """
    whole, broken = [], []
    folders = [
        p for p in root.glob("*/*") if p.is_dir() and not p.name.startswith(".") and not p.parent.name.startswith(".")
    ]
    for folder in folders:
        try:
            manifest = read_manifest(folder)
        except CandorError as e:
            broken.append(f"{e.title}. {e.message}")
            continue
        wrong = _wrong_at_a_glance(folder, manifest)
        if wrong is None:
            whole.append(manifest)
        else:
            broken.append(f"Snapshot {folder.name} cannot be opened. {wrong}")
    whole.sort(key=lambda m: (m.as_of or "", m.built_at), reverse=True)
    latest = {m.model_id: m.as_of or "" for m in reversed(whole)}
    models = sorted(sorted(latest), key=lambda name: latest[name], reverse=True)
    whole.sort(key=lambda m: models.index(m.model_id))
    return Listing(tuple(whole), tuple(broken), unfinished_builds(root))


def _wrong_at_a_glance(folder: Path, manifest: Manifest) -> str | None:
    """Say what is wrong with a folder as far as can be seen without reading its files."""
    if (manifest.model_id, manifest.snapshot_id) != (folder.parent.name, folder.name):
        return MIXED_UP
    sizes = {name: (folder / name).stat().st_size for name in manifest.files if (folder / name).is_file()}
    half = sum(sizes.get(name) != entry.size for name, entry in manifest.files.items())
    return f"{half} of its {len(manifest.files)} files are missing or copied only in part." if half else None

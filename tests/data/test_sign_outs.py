"""A sign-out is remembered per account, for every process that shares Candor's home."""

from __future__ import annotations

import math
import stat
from pathlib import Path

from data.sign_outs import last_sign_out, record_sign_out


def test_the_latest_sign_out_of_an_account_counts_and_no_other_account_is_touched() -> None:
    record_sign_out("https://a.example", "00u1", 100.25)
    record_sign_out("https://a.example", "00u1", 200.5)
    assert last_sign_out("https://a.example", "00u1") == 200.5
    assert last_sign_out("https://a.example", "00u2") == -math.inf
    assert last_sign_out("https://b.example", "00u1") == -math.inf


def test_the_note_names_nobody_and_only_the_server_can_read_it(own_home: Path) -> None:
    record_sign_out("https://a.example", "../../ada@example.com", 1.0)
    (note,) = (own_home / "sign-outs").iterdir()
    assert "ada" not in note.name
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700


def test_a_note_that_cannot_be_read_counts_as_signed_out(own_home: Path) -> None:
    record_sign_out("https://a.example", "00u1", 1.0)
    (note,) = (own_home / "sign-outs").iterdir()
    note.write_text("not a number")
    assert last_sign_out("https://a.example", "00u1") == math.inf
    note.unlink()
    note.mkdir()
    assert last_sign_out("https://a.example", "00u1") == math.inf

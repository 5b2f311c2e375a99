"""One file per question a person asks; `_router.py` is the frame."""

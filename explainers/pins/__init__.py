"""Pins: answers kept as they were shown, drawn again and compared with a later showing."""

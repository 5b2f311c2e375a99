"""The demonstration book: synthetic applications whose truth is known."""

"""Some of the applications: which they are in words, how many, and what became of them."""

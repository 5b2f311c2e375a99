"""Letters to declined applicants: what must be in them, what is missing, and the files."""

"""Everything that touches files and databases."""

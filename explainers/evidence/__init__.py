"""Evidence: can the reasons be relied on? Tested when a snapshot is built, read by the page."""

"""What drives a gap between two groups: exact parts of the gap of scores, what-ifs, and a check of proxies."""

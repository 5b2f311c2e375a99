"""Tests of pictures for documents."""

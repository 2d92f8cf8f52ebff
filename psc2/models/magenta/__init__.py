"""Magenta itself as an engine, and how close the native one comes to it."""

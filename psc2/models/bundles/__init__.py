"""Bundles: Magenta's files read without TensorFlow, kept and fetched; beside them those that come along."""

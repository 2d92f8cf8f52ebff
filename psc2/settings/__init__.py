"""The configuration: what may stand in psc2's YAML files."""

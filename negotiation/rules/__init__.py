"""The rules of the haggle: pure functions over frozen values. docs/protocol.md, "Rules of the haggle"."""

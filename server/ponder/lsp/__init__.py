"""The language server: everything that knows the Language Server Protocol. Decides nothing about runs, findings or models."""

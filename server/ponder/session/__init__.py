"""The one owner of mutable state: documents' findings, runs, settings. Knows no LSP; speaks to the editor through a port."""

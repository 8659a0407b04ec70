"""What comes back from the model, read and placed: partial JSON, findings, edits. Talks to no endpoint."""

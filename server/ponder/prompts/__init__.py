"""What the model is told: prompt files, and how a request is laid out. Calls no model and reads no workspace file."""

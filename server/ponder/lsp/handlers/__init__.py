"""One function for each method of the protocol: convert in, ask the session, convert out. Holds no state."""

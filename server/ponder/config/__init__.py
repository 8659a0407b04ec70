"""What the user asked for, layer by layer. Opens no connection and holds no state."""

"""Which model an action gets and how much it may think: typed policy in, request parameters out. Does no IO."""

"""A working afternoon with the real server: what caching saves of the input cost. Measures no latency."""

"""The main job in a terminal: a small editor of our own drives the real server. Knows only the public protocol."""

"""Tokens and money: what a request cost, what caching saved, what may still be spent. Asks no endpoint."""

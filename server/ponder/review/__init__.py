"""Review of saved files and of whole paths: what is due, what of it is looked at, what is remembered, how it is
reported. Asks no model by itself.
"""

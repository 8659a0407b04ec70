"""What a text is made of: languages, symbols, imports. Reads no files; offsets are code points."""

"""The offline engine: a strict Messages API inside the product. Imports nothing else of Ponder."""

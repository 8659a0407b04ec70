"""What a parse leaves behind."""

import gc
import tracemalloc

from ponder.syntax.parsing import parse

TEXT = "".join(f"def f{number}(a):\n    return a + {number}\n" for number in range(3_000))


def test_a_tree_that_goes_takes_its_text_with_it() -> None:
    """Parsing again and again keeps none of the texts, whole or in part; the trees are right all the same."""
    parse(TEXT, "python")
    tracemalloc.start()
    try:
        for number in range(30):
            parsed = parse(f"{TEXT}x = {number}\n", "python")
            assert parsed is not None
            assert parsed.root.end_byte == len(parsed.data)
            assert not parsed.root.has_error
            assert parsed.slice(parsed.root).endswith(f"x = {number}\n")
        del parsed
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept < len(TEXT)

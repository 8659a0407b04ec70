"""Wrong options: one line that says what is wrong and where the options are told."""

import pytest

from ponder.cli import run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["review"], "PATH"),
        (["review", "x", "--fail-on", "zzz"], "'zzz' (choose from 'error'"),
        (["review", "x", "--format", "xml"], "'xml'"),
        (["review", "x", "--concurrency", "0"], "from 1 to"),
        (["baseline", "x", "--zzz"], "--zzz"),
        (["routes", "--zzz"], "--zzz"),
        (["context", "--zzz"], "--zzz"),
        (["usage", "--zzz"], "--zzz"),
        (["usage", "--two\nlines"], "--two lines"),
        (["doctor", "--zzz"], "--zzz"),
        (["demo", "--width", "wide"], "'wide'"),
        (["offline", "--port", "x"], "'x'"),
        (["serve", "--tcp"], "--tcp"),
    ],
)
def test_a_wrong_option_is_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, nothing on stdout, one line on stderr with the command that tells more."""
    with pytest.raises(SystemExit) as left:
        run(arguments)
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert said.err.endswith(f"`ponder {arguments[0]} --help` lists the options.\n")
    assert said.err.count("\n") == 1
    assert words in said.err

"""The findings of one run, with the texts that their places refer to. Shows nothing and moves nothing by itself."""

from collections.abc import Iterable, Sequence

from ponder.documents import Document
from ponder.findings import Finding


class Found:
    """What a run found. While it lives, every place is in the text that the model read."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._bases = {document.uri: document}
        self._text_now = document
        self.findings: list[Finding] = []
        """Once the run has ended, those of its own document are where `texts` has them; without what has gone since."""
        self.placed: tuple[Finding, ...] = ()
        """Those of its own document once it has ended, in the text that it read."""

    @property
    def bases(self) -> dict[str, Document]:
        """The texts that the answer, and so its edit, is placed in, by uri."""
        return dict(self._bases)

    @property
    def texts(self) -> dict[str, Document]:
        """The texts that the findings' places refer to, by uri."""
        return {**self._bases, self._document.uri: self._text_now}

    def read(self, documents: Iterable[Document]) -> None:
        """The answer speaks of these texts as well."""
        self._bases |= {one.uri: one for one in documents if one.uri != self._document.uri}

    def moved(self, here: Sequence[Finding], beside: Sequence[Finding], text_now: Document) -> None:
        """The run has ended: these of its own document stand in the text of now, and these in others."""
        self.placed = tuple(one for one in self.findings if one.uri == self._document.uri)
        self.findings = [*here, *beside]
        self._text_now = text_now

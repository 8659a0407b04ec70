"""How code lenses are offered: from the start, or once the settings ask for them. Knows no definition."""

import os
from typing import TYPE_CHECKING, Any

from ponder.files.uris import path_of_uri
from ponder.lsp import wire
from ponder.lsp.capabilities import ClientFeatures

if TYPE_CHECKING:
    from ponder.lsp.server import Server

METHOD = "textDocument/codeLens"
_REGISTRATION = {"id": "ponder-lenses", "method": METHOD}


class LensOffer:
    """What this client was told of code lenses."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.static = False
        """Whether they were offered in the answer to `initialize`; that cannot be taken back."""
        self._wanted = False
        self._shown = False
        self._ready = False

    def at_start(self, params: wire.InitializeParams, features: ClientFeatures) -> bool:
        """Whether to offer them at once: where the settings that are known ask for them."""
        said = _said(params.initialization_options)
        # Who takes a registration is told later; who never asks for lenses need not make the start wait for files.
        if said is None and features.code_lens and not features.register_code_lens:
            said = _settled(params, self._server.folders)
        self.static = self._shown = said is True
        return self.static

    def wanted(self, enable: bool) -> None:
        """The settings in force say this."""
        self._wanted = enable
        self._tell()

    def ready(self) -> None:
        """The client takes requests from now on."""
        self._ready = True
        self._tell()

    def _tell(self) -> None:
        if not self._ready or self._wanted == self._shown:
            return
        self._shown = self._wanted
        features = self._server.features
        if not self.static and features.register_code_lens:
            if self._wanted:
                registered = [{**_REGISTRATION, "registerOptions": {"documentSelector": None}}]
                self._ask("client/registerCapability", {"registrations": registered})
            else:
                # The protocol's own spelling.
                self._ask("client/unregisterCapability", {"unregisterations": [_REGISTRATION]})
        if features.refresh_code_lens:
            self._ask("workspace/codeLens/refresh", None)

    def _ask(self, method: str, params: object) -> None:
        self._server.background.start(self._server.client.request(method, params), method)


def _said(options: object) -> bool | None:
    """What `initializationOptions` say of code lenses; None where they say nothing."""
    place: Any = options
    for name in ("ponder", "codeLens", "enable"):
        place = place.get(name) if isinstance(place, dict) else None
    return place if isinstance(place, bool) else None


def _settled(params: wire.InitializeParams, folders: list[str]) -> bool:
    """What files and environment say of code lenses."""
    from ponder.session.configuring import at_start

    options = params.initialization_options
    sent = options.get("ponder", {}) if isinstance(options, dict) else {}
    paths = tuple(path for uri in folders if (path := path_of_uri(uri)) is not None)
    return at_start(os.environ, paths, sent).code_lens.enable

"""The endpoint's models as the router sees them: fetched in the background, kept for a day, never waited for long."""

import asyncio
import logging
from collections.abc import Callable

from ponder.engine.turn import Engine
from ponder.errors import RunError
from ponder.routing.builtin import builtin_catalogue, endpoint_catalogue
from ponder.routing.catalogue import Catalogue
from ponder.routing.spellings import platform_catalogue
from ponder.store.rows import ModelsRow
from ponder.store.store import Store

FRESH_SECONDS = 86_400.0
_log = logging.getLogger(__name__)


class ModelList:
    """The catalogue in force. `refresh` fetches; `ready` gives the best there is within a moment."""

    def __init__(self, engine: Engine, store: Store, now: Callable[[], float]) -> None:
        self._engine = engine
        self._store = store
        self._now = now
        self._catalogue: Catalogue | None = None
        self._fetching: asyncio.Task[None] | None = None

    def known(self) -> Catalogue:
        """What is known now: the endpoint's list, one kept from before, or the built-in table."""
        if self._catalogue is not None:
            return self._catalogue
        kept = self._store.models(self._engine.endpoint.base_url)
        return endpoint_catalogue(kept.models) if kept is not None else self._built_in()

    async def ready(self, patience_s: float = 10.0) -> Catalogue:
        """The catalogue, after waiting at most `patience_s` for a first list."""
        kept = self._store.models(self._engine.endpoint.base_url)
        if self._catalogue is None and kept is not None and kept.age(self._now()) < FRESH_SECONDS:
            self._catalogue = endpoint_catalogue(kept.models)
        if self._catalogue is None:
            await asyncio.wait([self.refresh()], timeout=patience_s)
        return self.known()

    def refresh(self) -> asyncio.Task[None]:
        """Fetch the list in the background, once at a time."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch(), name="model list")
        return self._fetching

    def _built_in(self, why: str | None = None) -> Catalogue:
        """The table for where there is no list; a cloud platform spells its ids in its own way."""
        endpoint = self._engine.endpoint
        platform = endpoint.platform
        if platform is None or platform.models:
            return builtin_catalogue(why)
        return platform_catalogue(endpoint.provider, platform.title, region=endpoint.places.get("region", ""))

    async def _fetch(self) -> None:
        try:
            rows = await self._engine.models()
        except RunError as error:
            # The run that follows meets the same trouble and tells it; the table serves meanwhile.
            _log.info("no model list: %s", error.info.kind)
            return
        if rows is None:
            self._catalogue = self._built_in("This endpoint has no list of models.")
            return
        self._catalogue = endpoint_catalogue(rows)
        self._store.put_models(
            ModelsRow(endpoint=self._engine.endpoint.base_url, fetched_at=self._now(), models=list(rows))
        )

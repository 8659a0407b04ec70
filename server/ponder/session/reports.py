"""What a session tells about itself: routes, context, usage, transcripts. Changes nothing."""

from ponder.routing.table import routes
from ponder.session import recording
from ponder.session.ports import BadArgument, Json
from ponder.session.prefix import context_of
from ponder.session.state import State


class Reports:
    """The objects that commands and the command line print."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def routes(self) -> Json:
        """The table of routes as `ponder routes --json` prints it."""
        state = self._state
        catalogue = await state.models.ready()
        return routes(
            provider=state.engine.provider, catalogue=catalogue, settings=state.settings, today=state.today
        )

    async def context(self, uri: str | None) -> Json:
        """What the prefix of an action on this document would hold, as `ponder context --json` prints it."""
        state = self._state
        document = state.document(uri) if uri is not None else None
        return await context_of(state.context, state.editor, state.settings, document, state.now())

    def usage(self) -> Json:
        """The sums as `ponder usage --json` prints them."""
        return self._state.ledger.totals()

    async def transcript(self, run_id: str | None) -> Json:
        """The transcript of a run, or of the latest, opened where the editor can, else told by its path."""
        state = self._state
        if run_id is None and not state.runs:
            raise BadArgument(f"runId: there is no run yet{state.recorder.elsewhere}")
        run = state.find(run_id if run_id is not None else next(reversed(state.runs)))
        uri = await recording.uri_of(state, run)
        if uri is None:
            raise BadArgument("runId: its transcript could not be written")
        if not await state.editor.show_document(uri):
            words = f"{state.title}: {run.action.title} `{run.document.path}` can be read in"
            state.editor.notify(f"{words} {recording.path_of(uri)}")
        return {"uri": uri}

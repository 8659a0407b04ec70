"""What to change so that the next try does not run out of tokens: the setting, its value, and the argument. Changes nothing."""

from msgspec import structs

from ponder.engine.events import AnswerEnded
from ponder.errors import ErrorInfo
from ponder.routing.policy import LEAST_BUDGET
from ponder.routing.route import Route

_LEAST_ANSWER = 4_096


def advised(error: ErrorInfo, ended: AnswerEnded, route: Route, *, readable: bool = True) -> ErrorInfo:
    """The error of an answer that ran out of tokens, with the line that gives it more; any other as it is.

    `readable`: something of the answer can be shown.
    """
    if ended.stop_reason != "max_tokens" or error.kind != "budget":
        return error
    section = f"[actions.{route.action}]"
    if ended.resumable:
        if not readable:
            message = "The tokens ran out before anything of the answer could be read."
            error = structs.replace(error, message=message)
        room = max(2 * (route.max_tokens - (route.thinking.budget_tokens or 0)), _LEAST_ANSWER)
        hint = f"Set `answerTokens = {room}` under `{section}` in your settings, or ask about less text."
    elif route.thinking.mode == "off":
        # A model that was asked not to think has thought all the same: only room helps.
        hint = f"Set `answerTokens = {2 * route.max_tokens}` under `{section}` in your settings."
    else:
        budget = 2 * max(route.thinking.budget_tokens or route.max_tokens, LEAST_BUDGET)
        depth = f"`thinking = {budget}`"
        argument = f'"thinking": {budget}'
        if route.thinking.effort is not None:
            # Named too, or a larger budget would be read as more effort, which thinks the room away again.
            depth += f' and `effort = "{route.thinking.effort}"`'
            argument += f', "effort": "{route.thinking.effort}"'
        hint = (
            f"Raise the budget: set {depth} under `{section}` in your settings,"
            f' or give `ponder.run` `"route": {{{argument}}}`; less effort helps as well.'
        )
    return structs.replace(error, hint=hint)

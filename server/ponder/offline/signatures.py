"""Signs thinking blocks and checks them when they come back. Keeps no memory: another process can check.

A signature is `base64(JSON claim + MAC)`. The claim names the model, the thinking that was there, the
conversation before it and the signed block before it, all as digests. The secret is no secret: it tells
honest clients from mistaken ones, which is all an engine on the user's own machine needs.
"""

import base64
import binascii
import hashlib
import hmac

import msgspec
from msgspec import Struct

_KEY = b"ponder offline engine, thinking signatures, version 1"
_MAC_BYTES = 16


class Claim(Struct, frozen=True, array_like=True):
    """What a signature says of its thinking block. Digests are hexadecimal; `tokens` is its raw length.

    `bound`: the block is good behind exactly this conversation only.
    """

    model: str
    content: str
    prefix: str
    previous: str
    tokens: int
    bound: bool


def digest(*parts: bytes) -> str:
    """Return a short digest of these parts; their borders count."""
    state = hashlib.blake2b(digest_size=12)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def text_digest(text: str) -> str:
    """Return the digest a claim holds of its thinking text."""
    return digest(text.encode("utf-8", "surrogatepass"))


def sign(claim: Claim) -> str:
    """Return the signature (or the `data` of a redacted block) that carries this claim."""
    payload = msgspec.json.encode(claim)
    mac = hmac.digest(_KEY, payload, "sha256")[:_MAC_BYTES]
    return base64.b64encode(mac + payload).decode("ascii")


def read(signature: str) -> Claim | None:
    """Return the claim of a signature, or None where it was not made here or was changed."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, hmac.digest(_KEY, payload, "sha256")[:_MAC_BYTES]):
        return None
    try:
        return msgspec.json.decode(payload, type=Claim)
    except msgspec.MsgspecError:
        return None


def thinking_tokens(signature: str) -> int:
    """Return the raw length of the signed thinking, 0 where the signature says nothing."""
    claim = read(signature)
    return claim.tokens if claim else 0

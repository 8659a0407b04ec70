"""The cloud platforms that serve Claude: what each asks of the environment and what it lacks. Opens no connection.

Source: the SDK's own platform clients (anthropic 2.12.0, `lib/`) and the platforms' pages on Claude (2026-10/11).
"""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

Provider = Literal[
    "anthropic", "offline", "bedrock", "bedrockMantle", "vertex", "googleCloud", "foundry", "aws"
]
Signing = Literal["aws", "google"]


class Platform(Struct, frozen=True, kw_only=True):
    """One platform. `places` are facts it needs by name, with the variables that may hold each, the first that is set."""

    title: str
    url: str
    """The usual address, with places in braces."""
    base_url: str
    """The variable that holds another address."""
    places: Mapping[str, tuple[str, ...]]
    derived: frozenset[str] = frozenset()
    """Places that only the usual address needs: with another address they may be missing."""
    keys: tuple[str, ...] = ()
    """Variables that may hold a key; without one the machine's own sign-in serves, where there is `signing`."""
    signing: Signing | None = None
    models: bool = False
    counts: bool = True
    batches: bool = False
    rewrites: bool = False
    """The SDK moves parts of the body to the address."""
    framed: bool = False
    """Answers come as frames of AWS instead of an event stream."""
    diagnostics: bool = False

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the Messages API has and this platform has not, in words."""
        missing = (
            (self.models, "list of models"),
            (self.counts, "token counts"),
            (self.batches, "batches"),
        )
        return tuple(words for there, words in missing if not there)

    @property
    def sign_in(self) -> str:
        """One sentence on how to get a credential that serves here."""
        ways = {
            "aws": "AWS credentials (`aws configure`, AWS_PROFILE or AWS_ACCESS_KEY_ID)",
            "google": "`gcloud auth application-default login`",
            None: "",
        }[self.signing]
        return " or ".join([*(f"`{name}`" for name in self.keys), *([ways] if ways else [])])

    def found(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The places this environment names."""
        read = {place: first(environ, names) for place, names in self.places.items()}
        return {place: value for place, value in read.items() if value}


def first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The first of these variables that is set; empty where none is."""
    return next((value for name in names if (value := environ.get(name, "").strip())), "")


_REGION: Final = {"region": ("AWS_REGION", "AWS_DEFAULT_REGION")}
_BEARER: Final = "AWS_BEARER_TOKEN_BEDROCK"

PLATFORMS: Final[dict[Provider, Platform]] = {
    "bedrock": Platform(
        title="Amazon Bedrock",
        url="https://bedrock-runtime.{region}.amazonaws.com",
        base_url="ANTHROPIC_BEDROCK_BASE_URL",
        places=_REGION,
        keys=(_BEARER,),
        signing="aws",
        counts=False,
        rewrites=True,
        framed=True,
    ),
    "bedrockMantle": Platform(
        title="Amazon Bedrock (Messages API)",
        url="https://bedrock-mantle.{region}.api.aws/anthropic",
        base_url="ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
        places=_REGION,
        keys=(_BEARER, "ANTHROPIC_AWS_API_KEY"),
        signing="aws",
    ),
    "vertex": Platform(
        title="Google Vertex AI",
        url="https://{host}/v1",
        base_url="ANTHROPIC_VERTEX_BASE_URL",
        places={"project": ("ANTHROPIC_VERTEX_PROJECT_ID",), "region": ("CLOUD_ML_REGION",)},
        signing="google",
        rewrites=True,
    ),
    "googleCloud": Platform(
        title="Claude on Google Cloud",
        url="https://claude.googleapis.com/v1/projects/{project}/locations/{location}/workspaces/{workspace}/invoke",
        base_url="ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
        places={
            "project": ("ANTHROPIC_GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"),
            "workspace": ("ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID",),
        },
        derived=frozenset({"project", "workspace"}),
        signing="google",
        models=True,
        batches=True,
    ),
    "foundry": Platform(
        title="Microsoft Foundry",
        url="https://{resource}.services.ai.azure.com/anthropic/",
        base_url="ANTHROPIC_FOUNDRY_BASE_URL",
        places={"resource": ("ANTHROPIC_FOUNDRY_RESOURCE",)},
        derived=frozenset({"resource"}),
        keys=("ANTHROPIC_FOUNDRY_API_KEY",),
    ),
    "aws": Platform(
        title="Claude Platform on AWS",
        url="https://aws-external-anthropic.{region}.api.aws",
        base_url="ANTHROPIC_AWS_BASE_URL",
        places={**_REGION, "workspace": ("ANTHROPIC_AWS_WORKSPACE_ID",)},
        keys=("ANTHROPIC_AWS_API_KEY",),
        signing="aws",
        models=True,
        batches=True,
    ),
}

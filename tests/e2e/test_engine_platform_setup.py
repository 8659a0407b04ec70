"""A platform as it is set up: what is missing is named, nothing comes from the environment unasked."""

from pathlib import Path
from typing import Any

import pytest

from e2e.test_engine_platforms import AWS, COMPLETE, SECRET, answer_of, answered, endpoint
from ponder.config.settings import ApiSettings
from ponder.engine.endpoint import resolve
from ponder.engine.turn import Engine
from ponder.errors import RunError


@pytest.mark.parametrize("provider", COMPLETE)
async def test_what_is_missing_is_named_and_nothing_is_sent(provider: str) -> None:
    """Each variable that a platform needs, when it is absent, is named in the one sentence of the error."""
    whole = COMPLETE[provider]
    for name in whole:
        if name.startswith("AWS_") and name != "AWS_REGION":
            continue
        found = endpoint(provider, {key: value for key, value in whole.items() if key != name})
        assert found.missing == (name,), found
        with pytest.raises(RunError) as refused:
            await Engine(found).prepare()
        assert name in (refused.value.info.hint or "")
        assert refused.value.info.kind == "authentication"
    assert endpoint(provider, whole).missing == ()


def test_usual_addresses() -> None:
    """Each platform's own address; a place cannot lead elsewhere."""
    found = {provider: endpoint(provider, environ).base_url for provider, environ in COMPLETE.items()}
    assert found == {
        "bedrock": "https://bedrock-runtime.eu-west-3.amazonaws.com",
        "bedrockMantle": "https://bedrock-mantle.eu-west-3.api.aws/anthropic",
        "aws": "https://aws-external-anthropic.eu-west-3.api.aws",
        "foundry": "https://res.services.ai.azure.com/anthropic/",
        "vertex": "https://europe-west1-aiplatform.googleapis.com/v1",
        "googleCloud": "https://claude.googleapis.com/v1/projects/proj/locations/global/workspaces/wrkspc_1/invoke",
    }
    assert (
        endpoint("vertex", COMPLETE["vertex"] | {"CLOUD_ML_REGION": "eu"}).base_url
        == "https://aiplatform.eu.rep.googleapis.com/v1"
    )
    evil = endpoint("bedrock", AWS | {"AWS_REGION": "evil.example/#"}).base_url
    assert evil.endswith(".amazonaws.com")
    assert "/#" not in evil


def test_no_platform_is_taken_from_the_environment_alone() -> None:
    """Credentials of a cloud on the machine do not move Ponder there."""
    everything = {name: value for environ in COMPLETE.values() for name, value in environ.items()}
    assert resolve(everything, ApiSettings()).provider == "offline"


def test_secrets_of_platforms_stay_out_of_texts() -> None:
    """Neither the key nor the session is in a repr; both are taken out of what an endpoint says."""
    found = endpoint("bedrock", AWS)
    assert SECRET not in repr(found)
    assert "made-up-session" not in repr(found)
    assert set(found.secrets) == {SECRET, "made-up-session"}


async def test_the_environment_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers from the environment neither go along nor replace the credential, and the signature still holds."""
    pytest.importorskip("boto3")
    evil = "Authorization: Bearer evil\nx-api-key: evil\nX-Evil: 1\nanthropic-workspace-id: evil"
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", evil)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "evil-key")
    for provider in ("bedrock", "bedrockMantle", "aws", "foundry"):
        heard, [sent] = await answered(provider, COMPLETE[provider], answer_of(provider))
        assert heard.end.status == "done"
        assert "evil" not in repr(sent.headers).lower(), provider


async def test_a_missing_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of AWS without the package that signs: one sentence and the command that installs it."""
    import importlib

    def missing(name: str, *rest: Any) -> Any:
        raise ImportError(name)

    for provider, extra in (("bedrock", "bedrock"), ("vertex", "vertex")):
        one = Engine(endpoint(provider, COMPLETE[provider]))
        await Engine(resolve({}, ApiSettings())).prepare()
        with monkeypatch.context() as patched:
            patched.setattr(importlib, "import_module", missing)
            with pytest.raises(RunError) as refused:
                await one.prepare()
        assert f"pip install 'ponder-ls[{extra}]'" in (refused.value.info.hint or "")


async def test_no_sign_in_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any credential of AWS: an authentication error that names the ways to get one."""
    pytest.importorskip("boto3")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    heard, sent = await answered("bedrock", {"AWS_REGION": "eu-west-3"})
    assert (heard.end.error.kind, sent) == ("authentication", [])
    assert "aws configure" in (heard.end.error.hint or "")

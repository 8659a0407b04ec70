"""Passwords where people really write them, names of files that hold them, and the ordinary code beside them."""

import pytest

from ponder.files.secret_names import secret_name
from ponder.files.secrets import redact_secrets


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Password=S3cretPw99;", "S3cretPw99"),
        ('conn = "Server=db;User Id=sa;Pwd=S3cretPw99;Encrypt=true"', "S3cretPw99"),
        ('os.environ["DB_PASS"] = "hunter2-prod"', "hunter2-prod"),
        ("auth: { user: 'me', pass: 'hunter22' }", "hunter22"),
        ("SMTP_PASS=abc12345\n", "abc12345"),
        ('url = "https://api.example.io/v1?api_key=9fK2mQ81zLp0&x=1"', "9fK2mQ81zLp0"),
        ("https://host.io/cb?state=1&access_token=9fK2mQ81zLp0", "9fK2mQ81zLp0"),
        ('passwd: "letmein-please-42"', "letmein-please-42"),
        ("db_password: sup3rS3cretYaml", "sup3rS3cretYaml"),
        ("db:\n  password: sup3rS3cretYaml\n  port: 1\n", "sup3rS3cretYaml"),
        ("db:\r\n  - password: sup3rS3cretYaml # old\r\n", "sup3rS3cretYaml"),
        ("export PGPASSWORD=hunter22", "hunter22"),
        ("curl -u admin:hunter22 https://host.io", "hunter22"),
        ("curl --user=admin:hunter22 https://host.io", "hunter22"),
    ],
)
def test_a_password_is_taken_out(text: str, secret: str) -> None:
    """Its name, its quotes and its lines stay."""
    shown, count = redact_secrets(text)
    assert count == 1
    assert shown == text.replace(secret, "[redacted]")


@pytest.mark.parametrize(
    "text",
    [
        "def login(user: str, password: str, timeout: float = 2.5) -> None:",
        "password = get_password()",
        "password: UTF8String",
        "password = password1",
        'message = "The password: at least 8 letters"',
        "def test_password_of_user_2_is_refused() -> None:",
        "if token == tokens[2]: pass\nx = 'abc12345'",
        "bypass = 'abc12345'",
        "assert passed == 'abc12345'",
        "docker run -u 1000:1000 image",
        "sudo -u node:node run",
        "https://host.io/list?token=abc",
        "https://host.io/list?api_key=your-api-key-1234",
        "https://host.io/list?api_key={api_key}&page=2",
        '"password": "password"',
        "password_hash = hash_of(password)",
    ],
)
def test_ordinary_code_stays_readable(text: str) -> None:
    """Types, calls, names, words about passwords, templates and the `pass` of languages."""
    assert redact_secrets(text) == (text, 0)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        (".aws_credentials", True),
        (".dev.vars", True),
        (".npmrc.bak", True),
        (".env.bak~", True),
        ("id_rsa.old", True),
        ("api_key.txt", True),
        ("openai-api-keys.json", True),
        ("token.txt", True),
        ("github_token.txt", True),
        ("vault_pass.txt", True),
        ("env.prod", True),
        ("local.settings.json", True),
        ("server.key.txt", True),
        ("firebase-adminsdk-x1.json", True),
        ("shop-firebase-adminsdk-9k2.json", True),
        ("token.py", False),
        ("tokens.txt", False),
        ("tokenizer.json", False),
        ("api_keys.py", False),
        ("env.py", False),
        ("env.d.ts", False),
        ("notes.bak", False),
        ("keys.txt", False),
        ("settings.json", False),
    ],
)
def test_names_that_mean_a_secret(name: str, secret: bool) -> None:
    """Also copies that editors and people leave; source files about tokens and keys are no secrets."""
    assert (secret_name(f"conf/{name}") is not None) is secret

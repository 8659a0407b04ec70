"""X-17, X-21: secrets are taken out of text before it goes anywhere, in linear time, and little else is."""

import base64
import itertools
import random
import re
import string

import pytest

from ponder.files import assignments, secret_names, secrets
from ponder.files.reasons import Reason
from ponder.files.secret_names import secret_name
from ponder.files.secrets import find_secrets, redact_secrets

_SOURCE = random.Random(20261122)


def _random(alphabet: str, size: int) -> str:
    # At least one of each kind, as real keys of this length have.
    letters = [_SOURCE.choice(alphabet) for _ in range(size - 3)]
    return "".join(letters) + "".join(
        _SOURCE.choice([a for a in alphabet if a in kind] or alphabet)
        for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    )


_WORD = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_HEX = "0123456789abcdef"
_B64 = base64.b64encode(bytes(_SOURCE.randrange(256) for _ in range(900))).decode()
_PEM_BODY = "\n".join(_B64[start : start + 64] for start in range(0, 900, 64))
_ANT = f"sk-ant-api03-{_random(_WORD, 80)}-AA"
_KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{_PEM_BODY}\n-----END RSA PRIVATE KEY-----"
_SEGMENT = base64.urlsafe_b64encode(b'{"sub":"1234567890","name":"x"}').decode().rstrip("=")

# Each row: a text that holds a secret, and the secret (every piece of it, for split ones).
CANARIES: list[tuple[str, list[str]]] = [
    (f"client = Anthropic(api_key='{_ANT}')", [_ANT]),
    (f"# old key: {_ANT}", [_ANT]),
    (f"{_ANT}", [_ANT]),
    (f"OPENAI=sk-proj-{_random(_WORD, 48)}", None),
    (f"key = 'sk-{_random(_WORD, 48)}'", None),
    (f"AKIA{_random(_UPPER, 16)}", None),
    (f"aws_secret_access_key = {_random(_WORD + '/+', 40)}", None),
    (f'"SecretAccessKey": "{_random(_WORD, 40)}"', None),
    (f"ghp_{_random(_WORD, 36)}", None),
    (f"url = https://github_pat_{_random(_WORD, 22)}_{_random(_WORD, 59)}@github.com/a/b", None),
    (f"gho_{_random(_WORD, 36)}", None),
    (f"glpat-{_random(_WORD, 20)}", None),
    (f"xoxb-{_random(string.digits, 12)}-{_random(_WORD, 24)}", None),
    (f"https://hooks.slack.com/services/T{_random(_UPPER, 8)}/B{_random(_UPPER, 8)}/{_random(_WORD, 24)}", None),
    (f"AIza{_random(_WORD, 35)}", None),
    (f"ya29.{_random(_WORD, 60)}", None),
    (f"GOCSPX-{_random(_WORD, 28)}", None),
    (f"sk_live_{_random(_WORD, 24)}", None),
    (f"rk_test_{_random(_WORD, 24)}", None),
    (f"whsec_{_random(_WORD, 32)}", None),
    (f"SG.{_random(_WORD, 22)}.{_random(_WORD, 43)}", None),
    (f"//registry.example/:_authToken=npm_{_random(_WORD, 36)}", None),
    (f"pypi-AgEIcHlwaS5vcmc{_random(_WORD, 60)}", None),
    (f"hf_{_random(_WORD, 34)}", None),
    (f"Authorization: Bearer {_random(_WORD, 40)}", None),
    (f'headers = {{"x-api-key": "{_random(_WORD, 32)}"}}', None),
    (f"eyJhbGciOiJIUzI1NiJ9.{_SEGMENT}.{_random(_WORD, 43)}", None),
    (_KEY, _PEM_BODY.split("\n")),
    (f'"private_key": "{_KEY}"'.replace("\n", "\\n"), [_PEM_BODY.replace("\n", "\\n")]),
    (f"-----BEGIN OPENSSH PRIVATE KEY-----\n{_PEM_BODY}\n-----END OPENSSH PRIVATE KEY-----", [_PEM_BODY.split("\n")[0]]),
    (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{_PEM_BODY}\n-----END PGP PRIVATE KEY BLOCK-----", [_PEM_BODY.split("\n")[-1]]),
    (f"-----BEGIN EC PRIVATE KEY-----\n{_PEM_BODY}\n", [_PEM_BODY.split("\n")[3]]),
    ("git clone https://bob:hunter2pass@git.example.com/x", ["hunter2pass"]),
    ("DATABASE_URL=postgres://app:s3cr3tPw9@db:5432/x", ["s3cr3tPw9"]),
    ("password = 'Tr0ub4dor&3'", ["Tr0ub4dor&3"]),
    (f"api_key: {_random(_WORD, 32)}", None),
    (f"export SESSION_TOKEN={_random(_HEX, 40)}", None),
    (f"AccountKey={_random(_WORD + '+/', 86)}==;EndpointSuffix=x", None),
    (f"blob = '{base64.b64encode(_ANT.encode()).decode()}'", None),
    (f"blob = '{base64.b64encode(('user:' + _ANT).encode()).decode()}'", None),
    (f"k8s: {base64.b64encode(_KEY.encode()).decode()}", None),
    (f"a = '{_ANT[:9]}' + '{_ANT[9:]}'", [_ANT[:9], _ANT[9:]]),
    (f'a = ("{_ANT[:12]}"\n     "{_ANT[12:40]}" + \n "{_ANT[40:]}")', [_ANT[12:40], _ANT[40:]]),
    (f"$a = '{_ANT[:20]}' . '{_ANT[20:]}';", [_ANT[20:]]),
]  # fmt: skip


def _secrets(text: str, given: list[str] | None) -> list[str]:
    """The given pieces; else the longest run of key letters in the text."""
    return given or [max(re.findall(r"[A-Za-z0-9_+/=-]+", text), key=len)]


@pytest.mark.parametrize("number", range(len(CANARIES)))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_canary_is_gone(number: int, line_end: str) -> None:
    """X-17: no piece of a canary is left, the number of lines stays, and the text around it too."""
    assert len(CANARIES) >= 40
    text, given = CANARIES[number]
    around = f"def f():{line_end}    {text.replace(chr(10), line_end)}{line_end}    return 1{line_end}"
    redacted, count = redact_secrets(around)
    assert count >= 1
    for secret in _secrets(text, given):
        assert secret not in around.replace(secret, "") or given
        assert secret not in redacted, redacted
    assert re.findall(r"\r\n|\n|\r", redacted) == re.findall(r"\r\n|\n|\r", around)
    assert redacted.startswith(f"def f():{line_end}    ")
    assert redacted.endswith(f"{line_end}    return 1{line_end}")
    assert redact_secrets(redacted)[0] == redacted


ORDINARY = [
    "token = get_token(request)",
    "password: str = Field(min_length=8)",
    "def check(password: str, secret: bytes) -> bool:",
    "if token == other.token: return",
    "token_count = 123456789",
    "max_tokens = 16000",
    'api_key = os.environ["ANTHROPIC_API_KEY"]',
    "api_key=settings.api_key,",
    'password = "${DB_PASSWORD}"',
    'url = f"postgres://{user}:{password}@{host}/{name}"',
    "https://example.com/user:name/path",
    "secret_name = 'my-service/production/database'",
    "API_KEY=your-api-key-here",
    "token: <your token>",
    "sk-learn is a package; task-force; ask-anything-you-want-to-know-about",
    "class='sk-fading-circle sk-circle-bounce-delay-animation-long'",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 4b0788012345678901234567890123456789abcd",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "integrity='sha512-" + _B64[:86] + "=='",
    "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased')",
    "cancellation_token = CancellationToken(source)",
    "PASSWORD_HASHERS = ['django.contrib.auth.hashers.PBKDF2PasswordHasher']",
    "from secrets import token_urlsafe",
    "self.access_token_expires_at = now + timedelta(minutes=30)",
    "AKIAlowercase",
    "data:image/png;base64," + _B64[:200],
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_code_is_left_alone(text: str) -> None:
    """What only talks about secrets stays readable, or a review would be blind."""
    assert redact_secrets(text) == (text, 0)


_SIZE = 250_000


def _hostile() -> list[str]:
    source = random.Random(7)
    units = [
        "a", "eyJ", "eyJa.", "eyJaaaaaaaaa.eyJ", "://", "://a:", "://a:b", "token", "token=", "token: ", 'token="', "token = a ",
        "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN RSA ", "-----END ", '"', "' + '", "'\n'", '"' + " " * 20, "sk-", "sk-ant-",
        "sk-a1", "bearer ", "authorization: bearer", "Authorization", "A", "AKIA", "password = 'a", "\n", " ", "secret: a b c ",
        "password\u0130", "0", "12345678:AA", "SG.", "AccountKey=", "//hooks.slack.com/services/", "[", "é", "\u202e", "=",
        "api_key['a", "AGE-SECRET-KEY-1", "...", "(" , "\\", "_", "-", "token:a.a", "pwd=" + "x" * 380,
    ]  # fmt: skip
    texts = [(unit * (_SIZE // len(unit) + 1))[:_SIZE] for unit in units]
    return [*texts, "".join(source.choices("abcdeftokn=:'\" \n.sk-", k=_SIZE))]


@pytest.mark.timeout(60)
def test_hostile_text_takes_linear_time() -> None:
    """X-21: a quarter megabyte of the worst text for each pattern; quadratic work would run into the time-out."""
    for text in _hostile():
        redacted, _ = redact_secrets(text)
        assert redacted.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.local",
        ".ENV",
        ".env.production.local",
        "prod.env",
        ".envrc",
        "id_rsa",
        "id_ed25519",
        "ID_RSA",
        "server.pem",
        "tls.key",
        "a.p12",
        "a.pfx",
        ".npmrc",
        ".netrc",
        "_netrc",
        ".pypirc",
        ".pgpass",
        ".git-credentials",
        ".htpasswd",
        "kubeconfig",
        ".kube/config",
        "k8s/kubeconfig.yaml",
        "credentials",
        "credentials.json",
        "aws_credentials",
        "client_secret_1.json",
        "service-account.json",
        "vault.kdbx",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "prod.tfvars",
        "secrets.yml",
        "secrets.production.yaml",
        "secret.toml",
        ".ssh/config",
        ".aws/config",
        ".docker/config.json",
        ".gnupg/x",
        "keystore.jks",
        ".bash_history",
        ".my.cnf",
        "master.key",
        ".vault-token",
        "app.publishsettings",
        "krb5cc_0",
        ".env.",
        ".env ",
        ".env::$DATA",
        "x/.env",
        ".secrets",
        "x/y/.SSH/known",
        "auth.json",
        "wallet.dat",
        ".authinfo",
        ".ｅnv",
    ],
)
def test_secret_names(name: str) -> None:
    """X-17: names of secrets, in any case, directory and spelling a lax file system would accept."""
    assert secret_name(name) == Reason("secret")


@pytest.mark.parametrize(
    "name",
    [
        "env.py",
        "environment.ts",
        "keys.py",
        "key.ts",
        "tokenizer.json",
        "id_rsa.pub",
        "public_key.pem",
        "package.json",
        "secrets.py",
        "credentials.py",
        "src/password.tsx",
        "config.json",
        "settings.toml",
        "README.md",
        ".gitignore",
        "identity.py",
        "history.py",
        "passwd.c",
        "shadow.css",
        "main.tf",
        ".github/workflows/ci.yml",
        "dotenv.js",
        "auth.py",
        "keyboard.c",
        "pem.go",
        "envoy.yaml",
    ],
)
def test_names_of_ordinary_files(name: str) -> None:
    """Source files about secrets are no secrets."""
    assert secret_name(name) is None


def test_names_are_matched_in_linear_time() -> None:
    """X-21: long and odd names are decided at once."""
    for name in (
        "a" * 10**6,
        ".env" * 10**5,
        "_rsa" * 60,
        "-" * 250 + ".json",
        "service-account" * 16,
        "x/" * 10**5,
    ):
        assert secret_name(name) in (None, Reason("secret"))


def test_spans_are_ascending_and_apart() -> None:
    """Spans of many secrets in one text never overlap, and each is inside the text."""
    text = "\n".join(text for text, _ in CANARIES)
    spans = find_secrets(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(first.end <= second.start for first, second in itertools.pairwise(spans))
    assert assignments.entropy("") == 0
    assert secrets.REDACTED in redact_secrets(text)[0]
    assert secret_names.plain_component("..") == ".."

"""File names that mean a secret. Looks at the name alone; `secrets` looks at the text."""

import re
import unicodedata

from ponder.files.reasons import Reason

# Templates of these (`.env.example`) are left out too: people put real values into them by mistake.
_NAMES = re.compile(
    r"""
      \.env(?:rc)?(?:[.\-_].*)? | .*\.env | env\.(?:local|prod|production|dev|development|staging|test|secrets?) | \.dev\.vars(?:\..*)?
    | id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?:[_\-.](?!pub$).*)? | identity | .*_rsa | .*_ed25519
    | .*\.(?:pem|key|p8|p12|pfx|pkcs12|jks|keystore|bks|ppk|kdbx?|gpg|pgp|asc|age|agekey|ovpn|tfstate|tfvars|
             jceks|keychain(?:-db)?|kwallet|psafe3|agilekeychain|rdp|cscfg|publishsettings|mobileprovision)
    | .*\.(?:pem|key|p8|p12|pfx|ppk)\.txt | .*\.(?:tfstate|tfvars)\..* | .*\.auto\.tfvars
    | \.?_?netrc | \.npmrc | \.yarnrc(?:\.yml)? | \.pypirc | \.pgpass | \.my\.cnf | \.mylogin\.cnf | \.htpasswd | \.htdigest
    | \.dockercfg | \.dockerconfigjson | \.git-credentials | \.s3cfg | \.boto | \.vault[-_]?(?:token|pass.*)
    | \.?(?:ansible[-_])?vault[-_]?pass(?:word)?(?:\.txt)? | \.terraformrc | terraform\.rc | credentials\.tfrc\.json
    | kubeconfig.* | .*\.kubeconfig | .*kube-?config\.ya?ml
    | \.?(?:aws_|gcloud_|google_|application_default_|db_|client_)?credentials?(?:\.(?:json|ya?ml|toml|xml|ini|txt|csv|db|enc|cfg|conf|properties))?
    | service[-_]?account.*\.json | client_secrets?.*\.json | (?:.*-)?firebase-adminsdk.*\.json | local\.settings\.json | gha-creds-.*\.json
    | secrets?(?:[.\-_](?:local|dev|prod|production|staging|test))?\.(?:json|ya?ml|toml|ini|txt|env|properties|xml|enc|cfg|conf)
    | passwords?(?:\.(?:txt|csv|json|ya?ml|xlsx?))? | passwd | shadow | master\.key | .*\.keytab | krb5cc_.*
    | \.?(?:bash|zsh|sh|python|psql|mysql|sqlite|node_repl|irb)_history | \.history | \.lesshst
    | hosts\.ya?ml\.secret | auth\.json | \.authinfo(?:\.gpg)? | \.secrets?(?:\..*)? | \.api[-_]?keys?(?:\..*)?
    | (?:[\w-]{1,40}[-_])?api[-_]?keys?(?:\.(?:txt|json|ya?ml|toml|ini|cfg|conf|env|csv))? | (?:[\w-]{1,40}[-_])?token(?:\.txt)?
    | wallet\.dat | known_hosts | authorized_keys | login\.keychain.*
    """,
    re.VERBOSE,
)
_COPY = re.compile(r"(?:\.(?:bak|backup|old|orig|save|saved|copy|swp|tmp)|~)$")
"""How people and editors name a copy of a file."""
_DIRECTORIES = frozenset(
    {".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".gcloud", ".password-store", ".vault", ".git"}
)
_SECRET = Reason("secret")
_PUBLIC = re.compile(r".*\.pub|.*(?:public|pub)[-_.]?key.*\.(?:pem|asc)")


def secret_name(path: str) -> Reason | None:
    """A reason to keep a file where the name of the file or of a directory above it means a secret, else None.

    Compared after NFC and case folding, without trailing dots and spaces: some systems drop them.
    """
    parts = [plain_component(part) for part in re.split(r"[/\\]", path)]
    name = parts[-1]
    if any(part in _DIRECTORIES for part in parts[:-1]):
        return _SECRET
    if len(name) > 255:  # no file system has longer names; keeps the pattern's work bounded
        return _SECRET
    while _COPY.search(name):
        name = _COPY.sub("", name)
    return _SECRET if _NAMES.fullmatch(name) and not _PUBLIC.fullmatch(name) else None


def plain_component(name: str) -> str:
    """A path component as the laxest file system compares it: NFC, case folded, no trailing dots or spaces."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    return folded if folded in (".", "..") else folded.split(":", 1)[0].rstrip(". ")

"""What the known kinds of credentials look like, one row each. Every pattern runs in linear time.

Forms are those the issuers document; each row begins with a literal so that the search skips ahead, and ends
without anything that could make the engine go back (possessive quantifiers, no nesting).
"""

import re

# Each may only begin where no word goes on; that also keeps one long word from being tried at every letter.
_FORMS = (
    r"sk-ant-[\w-]{16,}+",  # Anthropic
    r"sk-(?:proj|svcacct|admin|or-v1|None)-[\w-]{20,}+",  # OpenAI, OpenRouter
    r"sk-(?=\w{0,40}[0-9])[A-Za-z0-9]{32,}+",  # OpenAI, older
    r"(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS key ids
    r"gh[pousr]_[A-Za-z0-9]{30,}+",  # GitHub
    r"github_pat_\w{22,}+",
    r"gl(?:pat|ptt|dt|rt|soat|cbt|ft|imt|agent)-[\w-]{20,}+",  # GitLab
    r"xox[abeoprs]-[\w-]{10,}+",  # Slack
    r"xapp-[\w-]{10,}+",
    r"AIza[\w-]{35}",  # Google
    r"ya29\.[\w-]{20,}+",
    r"GOCSPX-[\w-]{20,}+",
    r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}+",  # Stripe
    r"whsec_[A-Za-z0-9+/=]{24,}+",
    r"SG\.[\w-]{16,64}+\.[\w-]{16,}+",  # SendGrid
    r"npm_[A-Za-z0-9]{36,}+",
    r"pypi-AgE[\w-]{40,}+",
    r"hf_[A-Za-z0-9]{30,}+",  # Hugging Face
    r"do[opr]_v1_[a-f0-9]{64}",  # DigitalOcean
    r"dapi[a-f0-9]{32}",  # Databricks
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",  # Shopify
    r"SK[0-9a-f]{32}(?!\w)",  # Twilio
    r"key-[0-9a-f]{32}(?!\w)",  # Mailgun
    r"[0-9]{8,10}:AA[\w-]{33}",  # Telegram
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,}+",
    r"hv[sbr]\.[\w-]{24,}+",  # HashiCorp Vault
    r"(?:lin_api|glsa|pul|rubygems|sntrys|sbp|figd|dckr_pat|tskey|doppler|gsk|xai|pplx|r8)[_-][\w-]{30,}+",
    r"eyJ[\w-]{8,4000}+\.eyJ[\w-]{8,8000}+\.[\w-]{8,2000}+",  # JSON web token
)
STRONG = re.compile(r"(?<![A-Za-z0-9_])(?:" + "|".join(_FORMS) + ")")
"""A credential by its form alone, wherever it stands."""

WEBHOOK = re.compile(
    r"//(?:hooks\.slack\.com/services/|(?:canary\.|ptb\.)?discord(?:app)?\.com/api/webhooks/)([\w/-]{20,200}+)"
)
"""Webhook addresses are credentials in themselves; group 1 is the secret part."""

URL_PASSWORD = re.compile(r"""://[^\s/:@'"`<>{}$%]{0,100}+:([^\s/@'"`<>{}$%]{3,300}+)@""")
"""`scheme://user:password@host`; group 1 is the password. Templates (`{password}`, `$PASS`) do not match."""

QUERY = re.compile(
    r"[?&](?i:api[_-]?key|access[_-]?token|auth[_-]?token|token|client[_-]?secret|secret|password|passwd|pwd)"
    r"=([^\s&\"'`<>{}$%#\\]{8,400}+)"
)
"""A credential in the query of an address; group 1 is the value."""

USER_OPTION = re.compile(
    r"""(?<![\w-])(?:-u|--user|--proxy-user)[ \t=]{0,4}+["']?[\w.@-]{1,64}+:([^\s:"'`<>{}$%\\]{4,200}+)"""
)
"""The user of a command line, as in `curl -u name:password`; group 1 is the password."""

HEADER = re.compile(
    r"(?i:authorization|x-api-key|bearer)(?:[\"']?[ \t]{0,8}+[:=]?[ \t]{0,8}+[\"']?(?i:bearer|basic|token)?[ \t]{1,8}+|[\"']?[ \t]{0,8}+[:=][ \t]{0,8}+[\"']?)"
    r"(?=[^\s\"'`]{0,80}[0-9])([A-Za-z0-9+/_.~-]{20,2000}+={0,2})"
)
"""An HTTP credential header; group 1 is the value."""

AZURE = re.compile(r"(?:AccountKey|SharedAccessKey|sig)=([A-Za-z0-9+/%]{40,200}+={0,2})")
"""Azure connection strings and signed addresses; group 1 is the key."""

KEY_BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d"
)
"""Where a private key begins. Its end is found without a pattern, so that hostile text stays linear."""

BASE64_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{28,}+={0,2}")
"""A stretch that may be base64; what it decodes to is searched for the strong forms."""

LITERAL_JOIN = re.compile(
    r"""["'`][ \t]{0,20}+(?:[+.&\\]|\.\.)?\s{0,40}+(?:[+.&]\s{0,20}+)?[bfrRBFu]{0,2}["'`]"""
)
"""The seam between two string literals that the language joins: `"sk-ant-" + "api03"`, adjacent literals."""

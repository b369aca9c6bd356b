"""Whether a name tells that its value is secret, judged by the words in it.

``stripe_api_key``, ``PGPASSWORD`` and ``sentry_dsn`` hold secrets; ``token_ttl``, ``public_key``
and ``bypass`` do not. What this rule gets wrong, an application corrects with :func:`declare`.
"""

from __future__ import annotations

import re
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRONG = _words("""
    password passwords passwd pwd pw pass passphrase passcode secret secrets token tokens
    credential credentials creds apikey apikeys privatekey secretkey accesskey auth authorization
    bearer jwt jwk signature sig salt pepper otp totp mfa cookie cookies session sessionid phpsessid
    csrf xsrf csrftoken dsn webhook webhooks keyfile passkey pin cvv cvc ssn seed mnemonic pem pfx
    p12 jks cert certs certificate certificates pat
""")
#: Endings of words that are written together: ``dbpass``, ``rootpw``, ``authtoken``.
_STRONG_ENDS = re.compile(
    r"(?:password|passwords|passwd|passphrase|passcode|pwd|pw|secret|secrets|token|credential"
    r"|credentials|creds|apikey|privatekey|secretkey|accesskey|connectionstring|connstr|webhook"
    r"|(?:api|auth|aes|access|account|admin|app|client|cipher|consumer|crypt|crypto|deploy|dev"
    r"|encrypt|encryption|hmac|host|jwt|license|master|private|project|rsa|secret|server|service"
    r"|session|shared|sign|signing|ssh|ssl|storage|stream|tls|user|vault|write)keys?)\Z"
)
_PASS_ENDS = re.compile(r".{2,}pass\Z")
_NO_PASS = _words("bypass compass encompass trespass surpass overpass underpass impasse eyepass")
_PAIRS = {
    *(("connection", "string"), ("conn", "str"), ("conn", "string"), ("service", "account")),
    *(("two", "factor"), ("recovery", "code"), ("recovery", "codes"), ("backup", "codes")),
    *(("security", "code"), ("card", "number"), ("account", "number"), ("secret", "id")),
}
_KEYS = _words("key keys")
_BEHIND_KEY = _words("""
    pem value values data json base b raw current previous old new default v a list set string str
    text txt bytes hex encoded plain main backup secondary fallback live prod production staging
    test testing dev sandbox
""")
#: Words for how many there are.
_NUMBER = _words("max min num number n nr no total count")
_PUBLIC_KEY = _words("public pub verify verification")
_HARMLESS_KEY = _words("""
    primary foreign partition sort cache natural hot idx index bucket schema sequence
    group routing idempotency shard row object map dict lookup unique composite candidate
    surrogate range hash binding translation i18n message config setting settings feature flag
    arrow enter escape tab function short shortcut limit throttle quota metric label tag context
    register registry window
""")
#: Words before ``key`` that make it a secret, whatever stands between them: the primary key of
#: an encryption is no column of a table.
_CRYPTIC = _words("""
    encryption encrypt encrypted crypto cryptographic cipher signing sign hmac master secret
    private api access auth account deterministic storage cosmos jwt session
""")
_CERTIFICATES = _words("cert certs certificate certificates")
#: Whose certificates are handed out with their keys, as credentials.
_CREDENTIAL_CERTIFICATES = _words("""
    saml idp sp client user auth jwt signing sign apns apple push x azure
""")
#: A later part that makes the name speak about the secret, not hold it: ``token_ttl``.
_ABOUT = _words("""
    length len min max size name names id ids type types expiry expires expire expiration ttl
    timeout age seconds minutes hours days count limit budget enabled disabled required optional
    allowed policy algorithm alg algo prefix suffix header headers domain path paths rotation url
    urls uri uris endpoint endpoints version issuer audience scope scopes provider providers per
    reset log logging file filename dir directory folder location region arn manager backend
    backends engine store class module method mode realm strategy scheme host hostname port server
    lifetime maxage samesite secure httponly interval period window attempts retries rounds
    iterations through rate threshold hint field label placeholder regex pattern charset column
    format template memory users user username width height color colour icon title text style css
    visible
""")
_ALWAYS = _words("webhook webhooks dsn")
#: In front of ``tokens`` these make it a number of them, as language models count.
_COUNTED = _NUMBER | _words("prompt completion input output context used cached")
#: In front of a name these make it a switch: ``accept_cookies``, ``require_password``.
_SWITCHES = _words("""
    accept accepts allow allows require requires use uses enable enables disable disables has have
    is show hide skip ignore force with without
""")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = re.compile(r"[^A-Za-z]+")

_declared: dict[tuple[str, ...], bool] = {}


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in _PARTS.split(_CAMEL.sub("_", name)) if part)


def declare(*names: str, sensitive: bool) -> None:
    """Decide for names that end in one of ``names``, for the whole process.

    The spelling does not matter: ``employee_no`` is ``EMPLOYEE_NO`` and ``employeeNo``.

    ::

        declare("employee_no", "iban", sensitive=True)
        declare("cache_token", sensitive=False)

    :raises ValueError: for a name without letters.
    """
    for name in names:
        if not isinstance(name, str) or not _parts(name):
            raise ValueError(f"not a name: {name!r}")
        _declared[_parts(name)] = sensitive
    sensitive_name.cache_clear()


@lru_cache(maxsize=4096)
def sensitive_name(name: str) -> bool:
    """Whether a key or variable of this name holds a secret, judged by the words in it."""
    parts = _parts(name)
    for start in range(len(parts) if _declared else 0):
        if (decided := _declared.get(parts[start:])) is not None:
            return decided
    return any(_holds(parts, i) for i in range(len(parts)))


def _holds(parts: tuple[str, ...], i: int) -> bool:
    """Whether the word at ``i`` makes the name one of a secret."""
    part, later = parts[i], set(parts[i + 1 :])
    if i and parts[i - 1] in _SWITCHES:
        return False
    if part in _KEYS:
        return _secret_key(parts[:i], parts[i + 1 :])
    if (part, *parts[i + 1 : i + 2]) in _PAIRS:
        return not set(parts[i + 2 :]) & _ABOUT
    if not (part in _STRONG or _STRONG_ENDS.search(part) or _pass(part)):
        return False
    if part in _ALWAYS:
        return True
    if part == "pat":  # a token of its own at the end, a syllable elsewhere
        return not later
    if part in _CERTIFICATES and not set(parts[:i]) & _CREDENTIAL_CERTIFICATES:
        return False  # of a server or an authority: public, and mostly a path
    if part == "tokens" and i and parts[i - 1] in _COUNTED:
        return False
    return not later & _ABOUT


def _pass(part: str) -> bool:
    return bool(_PASS_ENDS.match(part)) and part not in _NO_PASS


def _secret_key(before: tuple[str, ...], behind: tuple[str, ...]) -> bool:
    if before and before[-1] == "access" and behind == ("id",):
        return True  # of AWS: the first half of a pair
    if not all(word in _BEHIND_KEY for word in behind) or (before and before[-1] in _NUMBER):
        return False
    if before and before[-1] in _PUBLIC_KEY:
        return False
    return not (before and before[-1] in _HARMLESS_KEY) or bool(_CRYPTIC & set(before))

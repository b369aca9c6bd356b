"""Templates as public projects write them: healthy ones pass, and what fails is worth fixing.

Each text has the look of one kind of project: its names, its comments, its ways of leaving blank.
"""

from __future__ import annotations

import pytest

from confkit.envcheck.checking import Checks
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.options import Options

CHECKS = Checks(Options(), environ={})

HEALTHY = {
    "laravel": "APP_NAME=Laravel\nAPP_KEY=\nAPP_URL=http://localhost\n\nDB_PASSWORD=\n"
    'MAIL_FROM_ADDRESS="hello@example.com"\nMAIL_FROM_NAME="${APP_NAME}"\n',
    "rails": "SECRET_KEY_BASE=\nRAILS_MAX_THREADS=5\n# export DATABASE_URL=postgres://...\n",
    "django": "DEBUG=True\nSECRET_KEY=change-me\nALLOWED_HOSTS=localhost,127.0.0.1\n"
    "CSRF_TRUSTED_ORIGINS=https://example.com\nSESSION_ENGINE=django.contrib.sessions\n",
    "nextjs": 'NEXTAUTH_SECRET=\nNEXT_PUBLIC_API_KEY="pk-abc"\nNEXTAUTH_URL="http://localhost:3000"\n',
    "prisma": 'DATABASE_URL="postgresql://user:password@localhost:5432/db?schema=public"\n',
    "prisma bare": "DATABASE_URL=postgresql://user:password@localhost:5432/db?schema=public\n",
    "compose": "COMPOSE_PROJECT_NAME=shop\nPOSTGRES_PASSWORD=postgres\nTAG=latest\nUID=1000\n",
    "vite": "VITE_API_URL=http://localhost:8000\nVITE_SENTRY_DSN=\n",
    "create-react-app": "REACT_APP_TITLE=My App\nREACT_APP_TOKEN_URL=/oauth/token\n",
    "crlf": "A=1\r\n\r\nB=2\r\n",
    "no newline at the end": "A=1\nB=2",
    "blank lines": "A=1\n\n\n\nB=2\n\n\n",
    "spaces": "A = 1\nB = two words\n",
    "inline comments": "PORT=8080 # where it listens\nHOST=0.0.0.0   # all\n",
    "double quotes everywhere": 'A="1"\nB="text"\nC="two words"\nD=""\n',
    "single quotes": "A='1'\nB='two words'\n",
    "placeholders in brackets": "API_KEY=<your api key>\nTOKEN=[token]\nKEY={{ key }}\n",
    "placeholders in words": "API_KEY=your_api_key_here\nJWT_SECRET=replace-with-a-long-secret\n",
    "placeholders of x": "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxx\nSLACK_TOKEN=xoxb-...\n",
    "documented aws keys": "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_REGION=us-east-1\n",
    "lower case": "db_host=localhost\ndb_port=5432\n",
    "names alone": "A=1\nFEATURE_X\n",
    "dotted names": "spring.datasource.url=jdbc:postgresql://localhost/db\n",
    "commented out": "# A=1\n#B=2\n# C = three\n",
    "banners": "#####################\n# ---- Database ----\n#####################\nA=1\n",
    "json": 'FLAGS={"a": true, "b": [1, 2]}\n',
    "json in quotes": "FLAGS='{\"a\": true}'\n",
    "references": "HOST=db\nURL=postgres://${USER:-app}:${DB_PASSWORD:?set it}@${HOST}/app\n",
    "export": "export A=1\nexport B=2\n",
    "cron": "SCHEDULE=0 5 * * *\nRETENTION=7d\n",
    "regex": "PATTERN=^[a-z]+(-[a-z]+)*$\n",
    "windows paths": "DATA=C:\\data\\files\n",
    "node options": "NODE_ENV=development\nNODE_OPTIONS=--max-old-space-size=4096\n",
    "python path": "PYTHONPATH=.\nPYTHONUNBUFFERED=1\n",
    "mail": "SMTP_USER=user@example.com\nSMTP_PASS=\nEMAIL_FROM=Shop <shop@example.com>\n",
    "oauth": "AUTH_GITHUB_ID=\nAUTH_GITHUB_SECRET=\nAUTH_URL=http://localhost:3000/api/auth\n",
    "how to make it": "# openssl rand -base64 32\nSECRET=`openssl rand -base64 32`\n",
    "a command": "SECRET_KEY=$(openssl rand -hex 32)\n",
    "dollar in a hash": "ADMIN_HASH=$2y$10$abcdefghijklmnopqrstuv\n",
    "same twice": "PORT=80\nPORT=80\n",
    "trailing blanks": "A=1   \nB=2\t\n",
    "unicode": "GREETING=Grüße, 世界\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", HEALTHY)
@pytest.mark.parametrize(
    "name", [".env.example", ".env.sample", ".env.local.example", "env.template"]
)
def test_a_healthy_template_passes(kind, name):
    errors = [str(f) for f in CHECKS.of(EnvFile(name, HEALTHY[kind])) if f.level == "error"]
    assert not errors


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("STRIPE_KEY=sk_live_4eC39HqLyjWDarjtT1zdp7dc\n", "RealLookingSecret"),
        ("GITHUB_TOKEN=ghp_" + "a1B2" * 9 + "\n", "RealLookingSecret"),
        ("PORT=80\nPORT=8080\n", "DuplicatedKey"),
        ("GREETING='hello\nA=1\n", "UnreadableLine"),
        ("MAX SIZE=5\n", "UnreadableLine"),
        ("PORT: 80\n", "UnreadableLine"),
        ("URL=${HOST\n", "SubstitutionKey"),
        ("A=${B}\nB=${A}\n", "SubstitutionKey"),
    ],
)
def test_what_breaks_or_leaks_in_a_template_is_an_error(text, code):
    assert code in {f.code for f in CHECKS.of(EnvFile(".env.example", text)) if f.level == "error"}

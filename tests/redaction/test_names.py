"""Names that hold a secret, names that do not, and names that an application declares."""

from __future__ import annotations

import pytest

from confkit.redaction.names import declare, sensitive_name


def words(text: str) -> list[str]:
    return text.split()


SENSITIVE = words("""
    password db_password DB_PASSWORD PGPASSWORD mysqlPwd passwd passphrase secret SECRET_KEY
    jwt_secret client_secret clientSecret api_key APIKEY apiKey stripe_api_key access_token
    refreshToken auth_token authorization bearer credentials aws_secret_access_key private_key
    ENCRYPTION_KEYS signing_key sentry_dsn dsn_url webhook_url slack_webhook connection_string
    session_cookie csrf_token salt pepper otp mfa_code keyfile tls_key_pem service_account_json
    oauth2_token two_factor_code database.password github-token key_data ssn cvv
    api_key_v2 api_keys_list API_KEY_1 api_key_prod apiKeyBackup api_key_b AWS_ACCESS_KEY_ID
    accessKeyId jwk signing_jwk secret_id VAULT_SECRET_ID cookies database.cookies reset_token
    verify_token remember_token key_a
""")
HARMLESS = words("""
    host port debug username user_id email public_key primary_key foreign_key cache_key sort_key
    partition_key idempotency_key key_id key_name token_ttl token_type max_tokens
    password_min_length password_policy session_timeout token_url secret_name secret_version
    auth_enabled jwt_algorithm cookie_domain csrf_header keyboard monkey bypass compass author
    authority tokenizer passenger timeout pool_size database_url redis_url monkey_business
    rate_limit_key shortcut_key num_keys max_keys numKeys total_tokens pw_width password_height
    accept_cookies allow_cookies require_password use_auth has_token show_password hidePassword
    access_id client_id key_count keys_per_page metric_key
""")


@pytest.mark.parametrize("name", SENSITIVE)
def test_names_that_hold_a_secret(name):
    assert sensitive_name(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_hold_none(name):
    assert not sensitive_name(name)


#: Written down after the rule, from the documented variables of well-known programs.
OF_OTHERS = words("""
    AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AZURE_CLIENT_SECRET AZURE_STORAGE_CONNECTION_STRING
    GITHUB_TOKEN GITLAB_API_TOKEN NPM_TOKEN PYPI_PASSWORD TWINE_PASSWORD DOCKER_PASSWORD
    POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_PWD REDISCLI_AUTH RABBITMQ_DEFAULT_PASS
    RABBITMQ_ERLANG_COOKIE ELASTIC_PASSWORD MINIO_SECRET_KEY OTP_SECRET SECRET_KEY_BASE
    VAPID_PRIVATE_KEY ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY
    ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY
    SMTP_PASSWORD SLACK_BOT_TOKEN SLACK_SIGNING_SECRET STRIPE_WEBHOOK_SECRET TWILIO_AUTH_TOKEN
    SENDGRID_API_KEY MAILGUN_API_KEY OPENAI_API_KEY ANTHROPIC_API_KEY AIRFLOW__CORE__FERNET_KEY
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_PASSWORD GF_SECURITY_ADMIN_PASSWORD
    KEYCLOAK_ADMIN_PASSWORD LDAP_BIND_PASSWORD SAML_IDP_CERT DJANGO_SECRET_KEY NEXTAUTH_SECRET
    SESSION_COOKIE APP_KEY LARAVEL_KEY HCAPTCHA_SECRET RECAPTCHA_PRIVATE_KEY VAULT_TOKEN
    CONSUL_HTTP_TOKEN SNYK_TOKEN CODECOV_TOKEN TF_TOKEN_app SPRING_DATASOURCE_PASSWORD
    dbpass userpass pw db_pw MYSQL_PW github_pat saml_cert ENCRYPTION_PRIMARY_KEY rootpw adminpwd
    authtoken clientsecret masterkey signingKeys smtppass kafkaSaslJaasPassword recovery_codes
    ssh_private_key_data privateKeyPem x-api-key X_AUTH_TOKEN accountKey SharedAccessKey
""")
HARMLESS_OF_OTHERS = words("""
    AWS_REGION AWS_PROFILE DJANGO_SETTINGS_MODULE ALLOWED_HOSTS SECURE_SSL_REDIRECT
    SESSION_COOKIE_SECURE SESSION_ENGINE CSRF_COOKIE_SAMESITE AUTH_USER_MODEL_FORMAT
    AUTHENTICATION_BACKENDS PASSWORD_HASH_ITERATIONS PASSWORD_RESET_TIMEOUT
    GF_AUTH_ANONYMOUS_ENABLED TOKEN_EXPIRY_SECONDS JWT_ISSUER JWT_AUDIENCE JWT_ALGORITHM
    OAUTH_REDIRECT_URI OAUTH_SCOPES SECRETS_DIR SECRET_ARN SECRET_MANAGER_REGION KEY_PREFIX
    REDIS_KEY_PREFIX CACHE_KEY_FORMAT SORT_KEYS PUBLIC_KEY VAPID_PUBLIC_KEY SSH_PUBLIC_KEY
    ssl_ca_cert CA_CERTS SSL_CERT_FILE SSL_KEY_PATH TLS_CERT_DIR pass_through proxy_pass_timeout
    MAX_TOKENS total_tokens prompt_tokens token_limit BYPASS_LIST compass_url keyspace keymap
    MONKEY_PATCH TURKEY hotkey KEYBOARD_LAYOUT primary_key_column feature_key translation_keys
    WEB_CONCURRENCY LOG_LEVEL PORT HOST SMTP_SERVER SMTP_AUTH_METHOD patience pattern path patch
    compat SALTED_PEANUTS signal design assign resign pinned opinion
""")


@pytest.mark.parametrize("name", OF_OTHERS)
def test_names_of_well_known_programs_that_hold_a_secret(name):
    assert sensitive_name(name)


@pytest.mark.parametrize("name", HARMLESS_OF_OTHERS)
def test_names_of_well_known_programs_that_hold_none(name):
    assert not sensitive_name(name)


@pytest.fixture
def declared(monkeypatch):
    monkeypatch.setattr("confkit.redaction.names._declared", {})
    yield
    sensitive_name.cache_clear()


@pytest.mark.usefixtures("declared")
def test_an_application_decides_for_names_of_its_own():
    assert not sensitive_name("employee_no")
    assert sensitive_name("cache_token")
    declare("employee_no", "IBAN", sensitive=True)
    declare("cache_token", sensitive=False)
    for name in ("employee_no", "EMPLOYEE_NO", "employeeNo", "people.employee-no", "iban"):
        assert sensitive_name(name)
    assert not sensitive_name("CACHE_TOKEN")
    assert not sensitive_name("employee_no_hint")
    assert sensitive_name("other_token")
    with pytest.raises(ValueError, match="not a name"):
        declare("42", sensitive=True)

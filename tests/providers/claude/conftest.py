"""What holds for every test of Claude: no key and no address of whoever runs them, and no waiting."""

import ssl

import pytest

_CERTIFICATES = ssl.create_default_context()


@pytest.fixture(autouse=True)
def _as_if_new(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("anthropic._base_client.INITIAL_RETRY_DELAY", 0.01)
    # The loopback has no TLS; to read all certificates for each client takes 20 ms.
    monkeypatch.setattr("httpcore2.default_ssl_context", lambda **_: _CERTIFICATES)

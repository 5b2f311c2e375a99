"""An app in sign-in mode beside its provider, and the steps a person takes in the browser."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect
from ruamel.yaml import YAML
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.app_process import ROOT, AppProcess, running_app
from tests.browser.conftest import wait_idle
from tests.browser.oidc import CLIENT, CLIENT_SECRET, TestProvider

HARBOR, PRAIRIE = "First Harbor Bank", "Prairie State Credit"
ACCOUNTS = {
    "sofia": {"name": "Sofia Specialist", "groups": ["staff", "risk-specialist"]},
    "paul": {"name": "Paul Partner", "groups": ["partner-first-harbor"]},
    "rita": {"name": "Rita Regulator", "groups": ["examiner"]},
    "nora": {"name": "Nora Nobody", "groups": ["staff"]},
    "dora": {"name": "Dora Double", "groups": ["partner-first-harbor", "risk-specialist"]},
    "otto": {"name": "Otto Outgoing", "groups": ["risk-specialist"]},
    "dave": {"name": "Dave Downgraded", "groups": ["team-dave"]},
    "tess": {"name": "Tess Timed", "groups": ["risk-specialist"]},
}
RULES = [
    {"value": "risk-specialist", "audience": "specialist"},
    {"value": "team-dave", "audience": "specialist"},
    {"value": "examiner", "audience": "regulator"},
    {"value": "partner-first-harbor", "audience": "partner", "partner": HARBOR},
]
SECRET = "a cookie secret for tests on this machine only"
COOKIE = "_streamlit_user"


@dataclass(frozen=True)
class World:
    """An app in sign-in mode and what it depends on."""

    app: AppProcess
    """The app."""
    provider: TestProvider
    """Its provider."""
    roles: Path
    """Its file of roles."""

    def write_roles(self, **changes: Any) -> None:
        """Write the roles of the tests with changes; the app reads them at the next run."""
        write_roles(self.roles, **{"issuer": self.provider.issuer, **changes})

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return what Streamlit keeps of a fresh sign-in of a specialist, with changes."""
        now = int(time.time())
        made = {"iss": self.provider.issuer, "aud": CLIENT, "sub": "minted", "iat": now, "exp": now + 3600}
        mine = {"name": "Minted", "groups": ["risk-specialist"], "origin": self.app.url, "provider": "local"}
        return {**made, **mine, "is_logged_in": True, **changes}


@contextmanager
def running_world(home: Path, folder: Path, provider: TestProvider, port: int | None = None) -> Iterator[World]:
    """Start an app in sign-in mode on a home with snapshots; on a port where people come back to it."""
    roles, secrets = folder / "roles.yaml", folder / "secrets.toml"
    write_roles(roles, provider.issuer)
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"\ncookie_secret = "{SECRET}"\n'
        f'[auth.local]\nclient_id = "{CLIENT}"\nclient_secret = "{CLIENT_SECRET}"\n'
        f'server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"\n'
        'client_kwargs = { scope = "openid profile groups", prompt = "login" }\n'
    )
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", "{port}"]
    command += ["--server.headless", "true", "--secrets.files", str(secrets)]
    with running_app(home, command=command, env={"CANDOR_ROLES": str(roles)}, port=port) as app:
        yield World(app, provider, roles)


def write_roles(path: Path, issuer: str, **changes: Any) -> None:
    """Replace a file of roles."""
    fields = {"issuer": issuer, "client": CLIENT, "claim": "groups", "maximum_age_hours": 8, "rules": RULES, **changes}
    part = path.with_suffix(".part")
    with part.open("w") as stream:
        YAML(typ="safe").dump(fields, stream)
    part.replace(path)


def expect_wall(page: Page, title: str = "Sign in to see Candor") -> None:
    """Expect the wall and nothing behind it."""
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=30_000)
    wait_idle(page)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_test_id("candor-asof")).to_have_count(0)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    assert "Small loans" not in page.content()


def expect_view(page: Page, view: str) -> str:
    """Expect the as-of bar to name a view; return what it says."""
    bar = page.get_by_test_id("candor-asof")
    expect(bar).to_contain_text(view, timeout=60_000)
    wait_idle(page)
    return bar.inner_text()


def start_sign_in(page: Page) -> None:
    """Go from the wall to the provider's form."""
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("textbox", name="Account")).to_be_visible(timeout=30_000)


def sign_in(page: Page, address: str, login: str) -> None:
    """Open an address, sign in, and be back."""
    page.goto(address)
    expect_wall(page)
    start_sign_in(page)
    page.get_by_role("textbox", name="Account").fill(login)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(re.escape(address.split("?")[0].rstrip("/"))), timeout=30_000)


def sign_out(page: Page) -> None:
    """Leave: Candor's button, then the provider's own question."""
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click(timeout=30_000)


def give_cookie(context: BrowserContext, app: AppProcess, claims: Mapping[str, Any], secret: str = SECRET) -> None:
    """Put a sign-in cookie with these claims into a browser, signed with a secret."""
    value = create_signed_value(secret, COOKIE, json.dumps(claims)).decode()
    context.add_cookies([{"name": COOKIE, "value": value, "url": app.url}])

"""The server in sign-in mode, in a real process: what it refuses to start with, its cookies, its doors."""

from __future__ import annotations

import http.client
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.app_process import ROOT, AppProcess, environment, free_port, running_app, streamlit_command

SECRET = "a cookie secret for tests on this machine only"
ROLES = "issuer: https://login.example.com\nclient: candor\nclaim: groups\nrules: [{value: a, audience: specialist}]\n"
AUTH = f"""
[auth]
redirect_uri = "https://candor.example/oauth2callback"
cookie_secret = "{SECRET}"
[auth.local]
client_id = "candor"
client_secret = "x"
server_metadata_url = "https://127.0.0.1:9/.well-known/openid-configuration"
"""
SELF = {"Host": "candor.example"}
PAGE = "https://candor.example/decision?app=A-1"


def command_with(secrets: Path) -> list[str]:
    return [*streamlit_command(0), "--server.port", "{port}", "--secrets.files", str(secrets)]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """An app behind TLS at candor.example, whose provider cannot be reached."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "home").mkdir()
    (folder / "home" / "snapshots").write_text("a file stands where the folder should be")
    (folder / "secrets.toml").write_text(AUTH)
    (folder / "roles.yaml").write_text(ROLES)
    command = [*command_with(folder / "secrets.toml"), "--server.address", "0.0.0.0"]
    with running_app(folder / "home", command=command, env={"CANDOR_ROLES": str(folder / "roles.yaml")}) as app:
        yield app


def ask(app: AppProcess, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Return the status, where it leads, and every cookie set, by name."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=20)
    connection.request("GET", path, headers={**SELF, **headers})
    answer = connection.getresponse()
    answer.read()
    pairs = answer.getheaders()
    connection.close()
    cookies = dict(value.split("=", 1) for name, value in pairs if name.lower() == "set-cookie")
    return answer.status, answer.getheader("location") or "", cookies


def login_path() -> str:
    """Return the address Streamlit sends a browser to when somebody presses Sign in."""
    claims = {"provider": "local", "exp": 4_000_000_000}
    return f"/auth/login?provider={jwt.encode({'alg': 'HS256'}, claims, OctKey.import_key(SECRET))}"


def returning(path: str, secret: str = SECRET) -> str:
    return f"candor_return_to={create_signed_value(secret, 'candor_return_to', path).decode()}"


def test_with_sign_in_any_address_may_be_set_and_the_name_of_the_callback_is_answered(guarded: AppProcess) -> None:
    answer = guarded.ask("/", headers=SELF)
    assert answer.status == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert guarded.ask("/", headers={"Host": "attacker.example"}).status == 421
    assert guarded.health()["snapshots"] == 0


def test_what_a_person_may_not_have_before_sign_in_is_refused(guarded: AppProcess) -> None:
    assert guarded.ask("/media/report.csv", headers=SELF).status == 403
    assert guarded.ask("/media/../media/report.csv", headers=SELF).status != 200
    for path in ("/_stcore/upload_file/session/file", "/_stcore/metrics"):
        for method in ("GET", "PUT", "POST", "OPTIONS"):
            assert guarded.ask(path, headers=SELF, method=method).status == 404


def test_the_page_asked_for_is_kept_in_a_signed_cookie_that_scripts_cannot_read(guarded: AppProcess) -> None:
    status, location, cookies = ask(guarded, login_path(), Referer=PAGE)
    assert (status, location) == (302, "/decision?app=A-1")
    assert cookies["candor_sign_in"].startswith("unreachable;")
    kept = cookies["candor_return_to"]
    for attribute in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=600"):
        assert f"; {attribute}" in kept
    assert "A-1" not in kept.split(";")[0]


@pytest.mark.parametrize(
    "referer",
    [
        "https://attacker.example/decision",
        "https://candor.example//attacker.example",
        "https://candor.example/\\attacker.example",
        "https://candor.example@attacker.example/",
        "https://candor.example:1/decision",
        "https://candor.example/auth/logout",
        "nonsense",
    ],
)
def test_a_page_of_another_host_is_not_kept(guarded: AppProcess, referer: str) -> None:
    _, location, cookies = ask(guarded, login_path(), Referer=referer)
    assert location == "/"
    assert cookies["candor_return_to"].startswith(";")


@pytest.mark.parametrize(
    ("query", "kept", "location", "outcome"),
    [
        ("?error=access_denied&state=x", ("/decision?app=A-1",), "/decision?app=A-1", "cancelled"),
        ("?error=server_error&state=x", ("/decision",), "/decision", "failed"),
        ("?code=stale&state=x", ("/decision",), "/decision", "failed"),
        ("?error=<script>", (), "/", "failed"),
        ("", ("/decision",), "/decision", ""),
        ("", ("/decision", "another secret of the right length"), "/", ""),
        ("", ("//attacker.example",), "/", ""),
        ("", ("/\\attacker.example",), "/", ""),
    ],
)
def test_the_way_back_leads_to_the_kept_page_and_says_how_it_ended(
    guarded: AppProcess, query: str, kept: tuple[str, ...], location: str, outcome: str
) -> None:
    # Signed here, not while tests are collected: the cookie holds for ten minutes and the whole run takes longer.
    cookie = returning(*kept) if kept else ""
    status, found, cookies = ask(guarded, f"/oauth2callback{query}", Cookie=cookie)
    assert (status, found) == (302, location)
    assert cookies["candor_sign_in"].startswith(f"{outcome};")


def test_an_unsigned_way_back_leads_to_the_first_page(guarded: AppProcess) -> None:
    status, found, _ = ask(guarded, "/oauth2callback", Cookie="candor_return_to=/decision")
    assert (status, found) == (302, "/")


def test_every_cookie_is_secure_behind_tls(guarded: AppProcess) -> None:
    for path in (login_path(), "/oauth2callback?error=x", "/_stcore/health", "/auth/logout"):
        _, _, cookies = ask(guarded, path, Referer=PAGE, Cookie="_streamlit_user=tampered")
        assert cookies
        assert [name for name, value in cookies.items() if "; secure" not in value.lower()] == []


def ended(tmp_path: Path, auth: str, roles: str | None = ROLES) -> str:
    """Return what the server says when it refuses these settings."""
    (tmp_path / "secrets.toml").write_text(auth)
    if roles is not None:
        (tmp_path / "roles.yaml").write_text(roles)
    command = [*streamlit_command(free_port()), "--secrets.files", str(tmp_path / "secrets.toml")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(tmp_path / "home", {"CANDOR_ROLES": str(tmp_path / "roles.yaml")}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_every_problem_of_the_settings_is_said_before_the_server_starts(tmp_path: Path) -> None:
    bad = AUTH.replace("https://candor.example/oauth2callback", "http://candor.example/oauth2callback")
    bad = bad.replace(SECRET, "short").replace('client_secret = "x"\n', "").replace("https://127", "http://login.127")
    said = ended(tmp_path, bad, ROLES.replace("a, audience: specialist", "a, audience: queen"))
    for words in ("5 problems", "redirect_uri", "cookie_secret", "client_secret", "server_metadata_url", "queen"):
        assert words in said, said


@pytest.mark.parametrize(
    ("auth", "roles", "words"),
    [
        ("[auth\n", ROLES, "cannot be read as TOML"),
        (AUTH, None, "CANDOR_ROLES"),
        (AUTH, ROLES.replace("client: candor", "client: payroll"), "another client"),
        (AUTH + AUTH[AUTH.index("[auth.local]") :].replace("local", "second"), ROLES, "more than one"),
        ("[auth]\n", ROLES, "no provider"),
    ],
    ids=["broken TOML", "no roles", "another client", "two providers", "empty"],
)
def test_settings_that_cannot_work_end_the_server(tmp_path: Path, auth: str, roles: str | None, words: str) -> None:
    assert words in ended(tmp_path, auth, roles)

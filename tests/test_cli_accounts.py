"""`clausewise accounts`, and `serve` that nobody could sign in to."""

from __future__ import annotations

import getpass
import io
import sys
from pathlib import Path

import pytest
from conftest import LARCH_DOGS
from made import write_index

from clausewise.accounts import Accounts
from clausewise.cli import main
from clausewise.conversations import Conversations, Turn
from clausewise.errors import ClausewiseError
from clausewise.settings import SignIn

pytestmark = pytest.mark.usefixtures("cheap")
GOOD, OTHER = "heron lantern gravel tuesday", "pewter orchard window eleven"


@pytest.fixture(autouse=True)
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    monkeypatch.setenv("CLAUSEWISE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("clausewise.cli_accounts.DEFAULT_INDEX", tmp_path / "none")
    return Accounts(tmp_path / "data")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    answers = iter(passwords)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    code, shown = main(["accounts", *argv]), capsys.readouterr()
    return code, (shown.out + shown.err).strip()


def test_an_account_is_made_with_a_password_that_is_typed_twice(
    accounts: Accounts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, GOOD, GOOD)
    assert told(capsys, "add", "Root", "--role", "administrator") == (0, "added root: administrator, every school")
    assert accounts.signing_in("root", GOOD)
    typed(monkeypatch, GOOD, OTHER)
    code, line = told(capsys, "add", "jane", "--role", "staff", "--trust", "Amber Trust")
    assert (code, line) == (2, "clausewise: found two different passwords; expected the same twice: try again")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{OTHER}\n"))
    assert told(capsys, "add", "jane", "--role", "staff", "--trust", "Amber Trust", "--password-stdin") == (0, "added jane: staff, Amber Trust")
    assert accounts.signing_in("jane", OTHER)
    assert told(capsys, "add", "sam", "--role", "lead", "--no-password")[0] == 0
    assert [(entry.who, entry.action, entry.detail) for entry in accounts.audit.entries()][-1] == ("the command line", "account_made", "root: administrator, every school")
    assert told(capsys, "list") == (0, "jane: staff, Amber Trust; signs in with: password\nroot: administrator, every school; signs in with: password\nsam: lead, every school; signs in with: nothing yet")  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["add", "jane", "--role", "staff"], "found no terminal to ask the password at; expected one, or the password in a line with --password-stdin"),
        (["add", "jane", "--role", "king"], "argument --role: invalid choice: 'king'"),
        (["add", "two words", "--role", "staff", "--no-password"], "name: found 'two words'; expected a sign-in name"),
        (["set", "nobody", "--role", "staff"], "found no account 'nobody'; see: clausewise accounts list"),
        (["token", "nobody", "--label", "x"], "found no account 'nobody'"),
        (["remove", "root"], "root is the last administrator of every school"),
        (["set", "root", "--disable"], "root is the last administrator of every school"),
        (["set", "root", "--disable", "--enable"], "argument --enable: not allowed with argument --disable"),
        ([], "the following arguments are required: ACTION"),
    ],
)
def test_a_mistake_is_one_line(
    accounts: Accounts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, argv: list[str], line: str
) -> None:
    accounts.add("root", "administrator", None, GOOD)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    code, shown = told(capsys, *argv)
    assert (code, shown.count("\n"), shown.startswith(f"clausewise: {line}")) == (2, 0, True), shown


def test_a_weak_password_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("jane12345678\n"))
    code, shown = told(capsys, "add", "jane", "--role", "staff", "--password-stdin")
    assert (code, "easily guessed" in shown) == (2, True)


def test_an_account_is_changed_and_removed(accounts: Accounts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.add("jane", "staff", "Amber Trust", GOOD)
    assert told(capsys, "set", "jane", "--role", "lead", "--every-school") == (0, "jane: lead, every school")
    assert told(capsys, "set", "jane", "--trust", "Amber Trust", "--disable") == (0, "jane: lead, Amber Trust, disabled")
    assert told(capsys, "set", "jane", "--role", "staff") == (0, "jane: staff, Amber Trust, disabled")
    typed(monkeypatch, OTHER, OTHER)
    assert told(capsys, "set", "jane", "--enable", "--password") == (0, "jane: staff, Amber Trust")
    assert accounts.signing_in("jane", OTHER)
    code, token = told(capsys, "token", "jane", "--label", "timetable")
    found = accounts.known_by("token", token)
    assert found
    assert (code, found[0].name, found[1].label) == (0, "jane", "timetable")
    assert told(capsys, "remove", "jane") == (0, "removed jane")
    assert (accounts.all(), accounts.known_by("token", token)) == ([], None)
    assert [entry.action for entry in accounts.audit.entries()] == [
        "account_removed", "token_made", "account_changed", "password_set", "account_changed", "account_changed", "account_changed",
    ]  # fmt: skip


@pytest.mark.parametrize("ways", ["password", "password,oidc", "oidc"])
def test_serve_asks_for_an_administrator_first(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, accounts: Accounts, ways: str) -> None:
    for name, value in {"SIGN_IN": ways, "ADDRESS": "https://policies.example.org", "OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "c", "OIDC_CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(f"CLAUSEWISE_{name}", value)
    accounts.add("ours", "administrator", "Amber Trust", GOOD)
    assert main(["serve"]) == 2
    line = "found no administrator of every school who could sign in; type: clausewise accounts add NAME --role administrator\n"
    assert capsys.readouterr().err == f"clausewise: {accounts.path}: {line}"


# the settings


def sign_in(monkeypatch: pytest.MonkeyPatch, host: str, **names: str) -> SignIn:
    for name, value in names.items():
        monkeypatch.setenv(f"CLAUSEWISE_{name}", value)
    return SignIn.from_environment(host)


@pytest.mark.parametrize(
    ("host", "said", "ways"),
    [
        ("127.0.0.1", "", ()), ("localhost", "", ()), ("::1", "", ()), ("127.0.0.2", "", ()), ("0.0.0.0", "", ("password",)), ("::", "", ("password",)),
        ("192.168.1.20", "", ("password",)), ("policies.example.org", "", ("password",)), ("0.0.0.0", "off", ()), ("127.0.0.1", "password", ("password",)),
    ],
)  # fmt: skip
def test_sign_in_is_off_on_ones_own_machine_alone(monkeypatch: pytest.MonkeyPatch, host: str, said: str, ways: tuple[str, ...]) -> None:
    assert sign_in(monkeypatch, host, SIGN_IN=said).ways == ways


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ({"SIGN_IN": "yes"}, "CLAUSEWISE_SIGN_IN: found 'yes'; expected one of: off, password, oidc, or password,oidc"),
        ({"SIGN_IN": "password,off"}, "CLAUSEWISE_SIGN_IN: found 'password,off'"),
        ({"ADDRESS": "policies.example.org"}, "CLAUSEWISE_ADDRESS: found 'policies.example.org'; expected one without a path"),
        ({"ADDRESS": "https://a.example/clausewise"}, "CLAUSEWISE_ADDRESS: found"),
        ({"SIGN_IN": "oidc"}, "CLAUSEWISE_ADDRESS: found none"),
        ({"SIGN_IN": "oidc", "ADDRESS": "https://a.example"}, "CLAUSEWISE_OIDC_ISSUER: found none"),
        ({"SIGN_IN": "oidc", "ADDRESS": "https://a.example", "OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "c", "OIDC_CLIENT_SECRET": "s"}, "CLAUSEWISE_OIDC_ISSUER: found 'http://id.example'"),
        ({"SIGN_IN": "oidc", "ADDRESS": "https://a.example", "OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "c", "OIDC_CLIENT_SECRET": "s", "OIDC_ANY_EMAIL": "1"}, "CLAUSEWISE_OIDC_ANY_EMAIL: found '1'; expected yes or no"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_settings_is_one_line(monkeypatch: pytest.MonkeyPatch, names: dict[str, str], line: str) -> None:
    with pytest.raises(ClausewiseError) as error:
        sign_in(monkeypatch, "127.0.0.1", **names)
    assert str(error.value).startswith(line)


def test_the_secret_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sign_in(monkeypatch, "0.0.0.0", SIGN_IN="password,oidc", ADDRESS="HTTPS://Policies.Example.org/", OIDC_ISSUER="https://id.example", OIDC_CLIENT_ID="c", OIDC_CLIENT_SECRET="hush")
    assert (found.address, found.secure, found.secret, "hush" in repr(found)) == ("https://policies.example.org", True, "hush", False)


def test_a_trust_that_no_school_is_of_is_told(
    accounts: Accounts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    facts = '[schools.larch]\nname = "Larch School"\ntrust = "Tree Trust"\n'
    monkeypatch.setattr("clausewise.cli_accounts.DEFAULT_INDEX", write_index(tmp_path / "index", {"schools.toml": facts, "larch/dogs.md": LARCH_DOGS}))
    shown = [told(capsys, "add", name, "--role", "staff", "--trust", trust, "--no-password")[1] for name, trust in (("a", "Tree Trust"), ("b", "Tre Trust"))]
    note = f"note: no school in {tmp_path / 'index'} is of the trust 'Tre Trust'; the trusts there are: Tree Trust"
    assert shown == ["added a: staff, Tree Trust", f"added b: staff, Tre Trust\n{note}"]


def test_whoever_is_removed_leaves_no_question_behind(accounts: Accounts, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    accounts.add("root", "administrator", None, GOOD)
    kept = Conversations(tmp_path / "data")
    users = [accounts.add(name, "staff").user.id for name in ("jane", "sam")]
    for user in users:
        kept.begin(user, Turn("May I?", (), {"answers": [], "concerns": []}, "c0ffee"))
    assert told(capsys, "remove", "jane") == (0, "removed jane")
    assert [len(kept.all(user)) for user in users] == [0, 1]

"""`clausewise accounts`: who may sign in to a served page. No account, and no password, comes with the product."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from clausewise.errors import BadAccount, ClausewiseError
from clausewise.settings import DEFAULT_INDEX, Settings, SignIn

if TYPE_CHECKING:
    from clausewise.accounts import Account, Accounts

ROLES = ("staff", "lead", "administrator")  # as in accounts, which opens the package of the hashes
HERE = "the command line"
FIRST = "type: clausewise accounts add NAME --role administrator"


def add_accounts(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(title="actions", required=True, metavar="ACTION", parser_class=type(verb))
    action = actions.add_parser("add", help="make an account; its password is asked for")
    _name(action)
    action.add_argument("--role", required=True, choices=ROLES, help="what they may do; each role may do what those before it may")
    action.add_argument("--trust", metavar="NAME", help="they see the schools of this trust alone (default: every school)")
    _password(action, "--no-password", "they sign in with the school's own account, or by a link from an administrator")
    action.set_defaults(run=_add)
    actions.add_parser("list", help="every account: name, role, whose schools it sees, how it signs in").set_defaults(run=_list)
    action = actions.add_parser("set", help="change an account")
    _name(action)
    action.add_argument("--role", choices=ROLES)
    seen = action.add_mutually_exclusive_group()
    seen.add_argument("--trust", metavar="NAME")
    seen.add_argument("--every-school", action="store_true")
    state = action.add_mutually_exclusive_group()
    state.add_argument("--disable", action="store_true", help="sign them out, and in no more")
    state.add_argument("--enable", action="store_true")
    _password(action, "--password", "ask for a new password; sessions and tokens end")
    action.set_defaults(run=_set)
    action = actions.add_parser("token", help="print a new API token of an account, once")
    _name(action)
    action.add_argument("--label", required=True, metavar="TEXT", help="what it is for")
    action.set_defaults(run=_token)
    action = actions.add_parser("remove", help="remove an account with its sessions, tokens and conversations; the log keeps its name")
    _name(action)
    action.set_defaults(run=_remove)


def _name(action: argparse.ArgumentParser) -> None:
    action.add_argument("name", help="a sign-in name, or an e-mail address as the school's own sign-in has it")


def _password(action: argparse.ArgumentParser, flag: str, told: str) -> None:
    ways = action.add_mutually_exclusive_group()
    ways.add_argument(flag, action="store_true", help=told)
    ways.add_argument("--password-stdin", action="store_true", help="read the password from standard input, one line")


def opened(settings: Settings) -> Accounts:
    from clausewise.accounts import Accounts

    return Accounts(settings.data)


def check_administrator(accounts: Accounts, sign_in: SignIn) -> None:
    """Raises BadAccount where people sign in, and nobody could who administers."""
    administrators = accounts.administrators() if sign_in.ways else []
    if sign_in.ways == ("password",):
        administrators = [account for account in administrators if account.password]
    if sign_in.ways and not administrators:
        raise BadAccount(f"{accounts.path}: found no administrator of every school who could sign in; {FIRST}")


def _add(args: argparse.Namespace) -> int:
    accounts = opened(Settings.from_environment())
    account = accounts.add(args.name, args.role, args.trust, "" if args.no_password else _given(args))
    accounts.audit.add("account_made", HERE, str(account), trust=account.trust)
    print(f"added {account}")
    _check_trust(account)
    return 0


def _list(args: argparse.Namespace) -> int:
    for account in opened(Settings.from_environment()).all():
        how = " and ".join(filter(None, ["password" if account.password else "", "school account" if account.subject else ""]))
        print(f"{account}; signs in with: {how or 'nothing yet'}")
    return 0


def _set(args: argparse.Namespace) -> int:
    accounts = opened(Settings.from_environment())
    account = accounts.named(args.name)
    if args.password or args.password_stdin:
        accounts.set_password(account, _given(args))
        accounts.audit.add("password_set", HERE, account.name, trust=account.trust)
    trust = None if args.every_school else args.trust or account.trust
    disabled = args.disable or (account.disabled and not args.enable)
    changed = accounts.change(account, args.role or account.role, trust, disabled)
    if str(changed) != str(account):
        accounts.audit.add("account_changed", HERE, str(changed), trust=changed.trust)
    print(str(changed))
    _check_trust(changed)
    return 0


def _token(args: argparse.Namespace) -> int:
    accounts = opened(Settings.from_environment())
    account = accounts.named(args.name)
    token = accounts.keys.make(account.id, "token", args.label)
    accounts.audit.add("token_made", HERE, f"{account.name}: {args.label}", trust=account.trust)
    print(token)
    return 0


def _remove(args: argparse.Namespace) -> int:
    from clausewise.conversations import Conversations

    settings = Settings.from_environment()
    accounts = opened(settings)
    account = accounts.named(args.name)
    accounts.remove(account)
    Conversations(settings.data).delete_all(account.user.id)
    accounts.audit.add("account_removed", HERE, account.name, trust=account.trust)
    print(f"removed {account.name}")
    return 0


def _check_trust(account: Account) -> None:
    """Say so where no school is of the account's trust: it may be misspelt, or its policies are not indexed yet."""
    from clausewise.index import load_schools

    if account.trust is None:
        return
    try:
        trusts = {school.trust for school in load_schools(DEFAULT_INDEX) if school.trust}
    except ClausewiseError:  # nothing is indexed there
        return
    if account.trust not in trusts:
        known = ", ".join(sorted(trusts)) or "none"
        print(f"note: no school in {DEFAULT_INDEX} is of the trust {account.trust!r}; the trusts there are: {known}", file=sys.stderr)


def _given(args: argparse.Namespace) -> str:
    """The password, typed twice, or a line of standard input."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise ClausewiseError("found no terminal to ask the password at; expected one, or the password in a line with --password-stdin")
    typed = getpass.getpass("Password (at least 12 characters): ")
    if typed != getpass.getpass("The same again: "):
        raise ClausewiseError("found two different passwords; expected the same twice: try again")
    return typed

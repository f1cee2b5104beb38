"""Starts the chat page, by the same path as `clausewise serve`."""

import sys

from clausewise.cli import main

raise SystemExit(main(["serve", *sys.argv[1:]]))

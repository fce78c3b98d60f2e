"""``python -m pyrite`` is the command ``pyrite``."""

from pyrite.deploy.cli import main

main(prog_name="pyrite")

"""``python -m crestfall`` is the ``crestfall`` command."""

from crestfall.cli import main

if __name__ == "__main__":
    main()

"""Stand-in until the search over an alphabet is written."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Discrete:
    name: str = field(default="discrete", init=False)
    options: frozenset = field(default=frozenset(), init=False)
    abilities: frozenset = field(default=frozenset(), init=False)

    def refusal(self, problem):
        return "not yet"

    def run(self, run):
        raise NotImplementedError

"""Hidden Markov chains over the tokens of many items, all items at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.aggregation.groups import ratio

__all__ = ["Chains", "Posterior", "chains_of", "likeliest_states", "posterior_of"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """One chain an item; the tokens stand item by item.

    Parameters
    ----------
    item
        Of each token. Shape (n_tokens,).
    steps
        The first tokens of all items, then the second ones, and so on; each a prefix of the one before, as
        items are ordered from the longest to the shortest.
    n_items
        How many items there are, also without tokens.
    """

    item: _Places
    steps: tuple[_Places, ...]
    n_items: int

    @property
    def n_tokens(self) -> int:
        """Count the tokens."""
        return len(self.item)

    @property
    def before(self) -> _Places:
        """Return the tokens that another of their item follows."""
        return np.flatnonzero(self.item[1:] == self.item[:-1])

    @property
    def after(self) -> _Places:
        """Return the tokens that follow those of `before`."""
        return self.before + 1

    @property
    def firsts(self) -> _Places:
        """Return the first token of each item that has any."""
        return np.flatnonzero(np.diff(self.item, prepend=-1))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """States given what all said: again a Markov chain.

    Parameters
    ----------
    marginal
        Probability of each state of each token. Shape (n_tokens, n_states).
    log_likelihood
        Of what all said.
    """

    marginal: _Numbers
    log_likelihood: float
    _forward: _Numbers
    _weight: _Numbers
    _back: _Numbers
    _transitions: _Numbers

    def follows(self, chains: Chains) -> _Numbers:
        """Return how often each state is expected to follow each. Shape (n_states, n_states)."""
        pairs = self._forward[chains.before].T @ self._weight[chains.after]
        return np.asarray(self._transitions[1:] * pairs)

    def step(self, token: _Places, source: _Places, target: _Places) -> _Numbers:
        """Return the probability of a state of a token given that of the one before; -1 for none before."""
        back = self._back[token, np.maximum(source, 0)]
        joint = self._transitions[source + 1, target] * self._weight[token, target]
        return np.clip(ratio(joint, back, 0.0), 0, 1)


def chains_of(item: _Places, n_items: int) -> Chains:
    """Return the chains of tokens that stand item by item, in their order."""
    starts = np.searchsorted(item, np.arange(n_items + 1))
    sizes = np.diff(starts)
    order = np.argsort(-sizes, kind="stable")
    longest = int(sizes.max(initial=0))
    active = len(sizes) - np.searchsorted(np.sort(sizes), np.arange(longest), side="right")
    return Chains(item, tuple(starts[order[:n]] + step for step, n in enumerate(active.tolist())), n_items)


def posterior_of(chains: Chains, emissions: _Numbers, transitions: _Numbers) -> Posterior:
    """Return the states given the emissions, by sums forward and backward (Rabiner 1989, section III).

    Parameters
    ----------
    chains
        The tokens.
    emissions
        Log-probability of what was said of each token in each state. Shape (n_tokens, n_states).
    transitions
        Probabilities; the first row at the start of an item, then after each state.
        Shape (n_states + 1, n_states).
    """
    top = emissions.max(axis=1, keepdims=True, initial=-np.inf)
    said = np.exp(emissions - top)
    forward, backward = np.empty_like(said), np.ones_like(said)
    scale = np.ones(len(said))
    first, after = transitions[0], transitions[1:]
    for place, tokens in enumerate(chains.steps):
        reached = forward[chains.steps[place - 1][: len(tokens)]] @ after if place else first
        joint = reached * said[tokens]
        scale[tokens] = joint.sum(axis=1)
        forward[tokens] = joint / scale[tokens, None]
    for place in range(len(chains.steps) - 1, 0, -1):
        tokens = chains.steps[place]
        weight = said[tokens] * backward[tokens] / scale[tokens, None]
        backward[chains.steps[place - 1][: len(tokens)]] = weight @ after.T
    back = np.ones_like(said)
    back[chains.after] = backward[chains.before]
    marginal = forward * backward
    marginal /= np.maximum(marginal.sum(axis=1, keepdims=True), 1e-300)
    likelihood = float((np.log(scale) + top[:, 0]).sum())
    return Posterior(marginal, likelihood, forward, said * backward / scale[:, None], back, transitions)


def likeliest_states(chains: Chains, emissions: _Numbers, transitions: _Numbers) -> _Places:
    """Return the likeliest sequence of states of each item (Viterbi 1967). Shape (n_tokens,)."""
    with np.errstate(divide="ignore"):
        logs = np.log(transitions)
    best = np.empty_like(emissions)
    origin = np.zeros(emissions.shape, dtype=np.int64)
    for place, tokens in enumerate(chains.steps):
        if not place:
            best[tokens] = logs[0] + emissions[tokens]
            continue
        ways = best[chains.steps[place - 1][: len(tokens)]][:, :, None] + logs[1:]
        origin[tokens] = ways.argmax(axis=1)
        best[tokens] = ways.max(axis=1) + emissions[tokens]
    path = best.argmax(axis=1) if len(best) else np.zeros(0, dtype=np.int64)
    for place in range(len(chains.steps) - 1, 0, -1):
        tokens = chains.steps[place]
        path[chains.steps[place - 1][: len(tokens)]] = origin[tokens, path[tokens]]
    return path

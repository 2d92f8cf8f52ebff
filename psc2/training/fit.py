"""Training, epoch after epoch.

What is kept is not the weights as they are after a step, but their moving average, as it was
after the epoch that foresaw the held-out passages best.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from psc2.errors import ModelError
from psc2.files import replacing, write_text
from psc2.resources import COMMAND
from psc2.training.datasets import MIN_STEPS, Piece
from psc2.training.epoch import Epoch, best_of
from psc2.training.network import Dropout, Weights
from psc2.training.recipe import Recipe
from psc2.training.trainee import Encoded, Memory, Trainee

CHECKPOINT = "checkpoint.npz"
BEST = "best.npz"
HISTORY = "history.json"
WARM_UP = 50  # steps of learning
NO_CHECKPOINT = (
    f"expected a checkpoint of {COMMAND} models train, got something else: remove it to begin anew"
)


class TrainState(NamedTuple):
    """What a step of learning changes, in the order of the arrays in a checkpoint."""

    averaged: Weights
    optimizer: Any
    weights: Weights


@dataclass(slots=True)
class Training:
    """Where a training stands; all of it is in a checkpoint."""

    state: TrainState
    steps: int = 0  # of learning, so far
    history: list[Epoch] = field(default_factory=list)


def train_epochs(
    trainee: Trainee,
    train: Sequence[Piece],
    validation: Sequence[Piece],
    folder: Path,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Generator[Epoch, None, None]:
    """Train, from the checkpoint in ``folder`` on if there is one; yields each epoch as it is done.

    ``progress``: called with how many windows of how many the epoch under way has learnt from.

    Raises: ModelError for too little music, a checkpoint of another training, and one that fails; OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    recipe = trainee.recipe
    held_out, steps = trainee.held_out(validation), trainee.steps_per_epoch(train)
    if not steps or not held_out.num_events:
        raise ModelError(f"expected pieces of {MIN_STEPS} steps or more to train on, got none")
    learner, music = Learner(trainee, steps), music_of(train, validation)
    training = load(learner.start(), recipe, music, folder)
    with closing(_encoded_epochs(train, trainee, len(training.history))) as encoded_epochs:
        for encoded in encoded_epochs:
            loss = learner.learn(training, encoded, progress)
            epoch = Epoch(len(training.history) + 1, loss, learner.score(training.state.averaged, held_out))
            if not isfinite(epoch.train + epoch.validation):
                raise ModelError(
                    f"epoch {epoch.number}: expected finite losses, got others: a lower learning rate"
                )
            training.history.append(epoch)
            if best_of(training.history) is epoch:
                _save(folder / BEST, training.state.averaged)
            save(training, recipe, music, folder)
            yield epoch


def _encoded_epochs(train: Sequence[Piece], trainee: Trainee, first: int) -> Generator[Encoded, None, None]:
    """The music of the epochs from ``first`` on, 0-based, each encoded while the one before is learnt."""
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN)
    ) as other_process:  # Ctrl-C is for this process
        encode = partial(trainee.epoch, train)
        numbers = range(first, trainee.recipe.epochs)
        coming = [other_process.submit(encode, number) for number in numbers[:1]]
        for number in numbers:
            encoded = coming.pop().result()
            if number + 1 in numbers:
                coming.append(other_process.submit(encode, number + 1))
            yield encoded


def music_of(train: Sequence[Piece], validation: Sequence[Piece]) -> str:
    """A checksum of the music, which is the same for no other."""
    events = json.dumps([[piece.events for piece in pieces] for pieces in (train, validation)])
    return hashlib.sha256(events.encode()).hexdigest()


class Learner:
    """The steps of learning, compiled."""

    def __init__(self, trainee: Trainee, steps: int) -> None:
        """Set up the optimizer. ``steps``: how many steps of learning an epoch has."""
        self.trainee, self.recipe = trainee, trainee.recipe
        decay = WARM_UP + steps * self.recipe.epochs
        rate = optax.warmup_cosine_decay_schedule(0.0, self.recipe.learning_rate, WARM_UP, decay)
        adam = optax.adamw(rate, weight_decay=self.recipe.weight_decay)
        self._optimizer = optax.chain(optax.clip_by_global_norm(self.recipe.clip), adam)
        self._dropout = Dropout(self.recipe.dropout, self.recipe.recurrent_dropout)

    def start(self) -> Training:
        """A training at its beginning."""
        weights = self.trainee.initial()
        return Training(TrainState(jax.tree.map(jnp.copy, weights), self._optimizer.init(weights), weights))

    def learn(self, training: Training, encoded: Encoded, progress: Callable[[int, int], None]) -> float:
        """Learn for an epoch: a step for each part of the music, going on where the part before has ended.

        Returns: nats per event.
        """
        total = 0.0
        for batch, parts in enumerate(self.trainee.batches(encoded)):
            memory = self.trainee.start()
            for part in parts:
                training.state, memory, nats = self._step(training.state, memory, part, training.steps)
                training.steps += 1
                total += float(nats)
            progress(min((batch + 1) * self.recipe.batch, len(encoded)), len(encoded))
        return total / encoded.num_events

    def score(self, weights: Weights, held_out: Encoded) -> float:
        """The loss of some weights on held-out music, in nats per event."""
        total = 0.0
        for parts in self.trainee.batches(held_out):
            memory = self.trainee.start()
            for part in parts:
                nats, _, memory = self._nats(weights, memory, part, Dropout(), None)
                total += float(nats)
        return total / held_out.num_events

    @partial(jax.jit, static_argnums=(0, 4))
    def _nats(
        self, weights: Weights, memory: Memory, part: Any, dropout: Dropout, key: Any
    ) -> tuple[Any, Any, Memory]:
        """The loss of all the events of a part together, in nats, how many there are, and the memory then."""
        return self.trainee.nats(weights, memory, part, dropout, key)

    @partial(jax.jit, static_argnums=0, donate_argnums=1)
    def _step(
        self, state: TrainState, memory: Memory, part: Any, step: Any
    ) -> tuple[TrainState, Memory, Any]:
        key = jax.random.fold_in(jax.random.PRNGKey(self.recipe.seed), step)

        def loss(weights: Weights) -> tuple[Any, tuple[Any, Memory]]:
            nats, events, after = self._nats(weights, memory, part, self._dropout, key)
            return nats / events, (nats, after)

        (_, (nats, memory)), gradient = jax.value_and_grad(loss, has_aux=True)(state.weights)
        change, optimizer = self._optimizer.update(gradient, state.optimizer, state.weights)
        weights = optax.apply_updates(state.weights, change)
        kept = jnp.minimum(self.recipe.averaging, step / (step + 10))  # at first the newest count most
        averaged = jax.tree.map(lambda old, new: kept * old + (1 - kept) * new, state.averaged, weights)
        return TrainState(averaged, optimizer, weights), memory, nats


# --- checkpoints ----------------------------------------------------------------------


def save(training: Training, recipe: Recipe, music: str, folder: Path) -> None:
    """Write the training's checkpoint. Raises: OSError."""
    about = {
        "recipe": asdict(recipe),
        "music": music,
        "steps": training.steps,
        "history": [asdict(epoch) for epoch in training.history],
    }
    leaves = {str(number): leaf for number, leaf in enumerate(jax.tree.leaves(training.state))}
    _save(folder / CHECKPOINT, {**leaves, "about": np.array(json.dumps(about))})
    write_text(folder / HISTORY, json.dumps(about, indent=1) + "\n")  # for people


def load(training: Training, recipe: Recipe, music: str, folder: Path) -> Training:
    """``training`` as it stands in the folder's checkpoint, if there is one. Raises: ModelError."""
    about, leaves = _checkpoint(folder)
    if not about:
        return training
    if (about["recipe"], about["music"]) != (json.loads(json.dumps(asdict(recipe))), music):
        raise ModelError(f"{folder}: expected a training of the same recipe and music, or an empty folder")
    tree = jax.tree.structure(training.state)
    state = jax.tree.unflatten(tree, [jnp.asarray(leaves[str(n)]) for n in range(len(leaves))])
    return Training(state, about["steps"], [Epoch(**epoch) for epoch in about["history"]])


def history_in(folder: Path) -> list[Epoch]:
    """The epochs that are done, from the folder's checkpoint. Raises: ModelError."""
    about, _ = _checkpoint(folder)
    return [Epoch(**epoch) for epoch in about.get("history", [])]


def best_in(folder: Path) -> dict[str, Any]:
    """The weights that foresaw the held-out music best. Raises: ModelError."""
    return _read(folder / BEST)


def _checkpoint(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The metadata and the arrays of the folder's checkpoint; empty if there is none. Raises: ModelError."""
    path = folder / CHECKPOINT
    if not path.exists():
        return {}, {}
    arrays = _read(path)
    try:
        return json.loads(str(arrays.pop("about"))), arrays
    except (KeyError, ValueError) as error:
        raise ModelError(f"{path}: {NO_CHECKPOINT}") from error


def _read(path: Path) -> dict[str, Any]:
    """Read the arrays of a file. Raises: ModelError."""
    try:
        with np.load(path) as file:
            return {name: file[name] for name in file.files}
    except Exception as error:  # a damaged file may raise anything
        raise ModelError(f"{path}: {NO_CHECKPOINT}") from error


def _save(path: Path, arrays: dict[str, Any]) -> None:
    """Write arrays into a file, which is then whole, or as it was."""
    with replacing(path) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})

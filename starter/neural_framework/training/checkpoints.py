"""Checkpoints: a training run in one file, from which it continues as if it had never stopped.

The file is a NumPy .npz archive: the arrays, and under "header" a JSON text (as bytes) with everything else.
Nothing in it is pickled, so loading a file from an unknown source cannot run code.
"""

import json
import os
from pathlib import Path
from threading import get_ident

import numpy as np

from ..errors import CheckpointError
from ..modules import python_numbers
from ..tensor import random_generator

FORMAT = "neural_framework checkpoint"
VERSION = 1


def save_checkpoint(path, model, optimizer=None, scheduler=None, **metadata):
    """Write model, optimizer, scheduler, random state and metadata to exactly `path`.

    The file is written atomically, to a temporary file that is then renamed, so a crash never harms an old one.
    metadata: anything that JSON can hold (numbers, also NumPy's, strings, lists, dicts with string keys); TypeError
    otherwise, before anything is written.
    """
    require_states("save_checkpoint", {"model": model, "optimizer": optimizer, "scheduler": scheduler}, needed="model")
    path = Path(os.path.realpath(path))  # of a link, the file that it leads to is replaced
    model_state = model.state_dict()
    arrays = {f"model/{name}": array for name, array in model_state.items()}
    header = {
        "format": FORMAT,
        "version": VERSION,
        "model": list(model_state),
        "optimizer": None if optimizer is None else split_optimizer_state(optimizer.state_dict(), arrays),
        "scheduler": None if scheduler is None else scheduler.state_dict(),
        "random_state": random_generator().bit_generator.state,
        "metadata": metadata,
    }
    header_bytes = np.frombuffer(json_text(header).encode("utf-8"), np.uint8)
    for name, array in arrays.items():
        if array.dtype.hasobject:  # NumPy would pickle it
            raise TypeError(f"save_checkpoint: {name} must be an array of numbers, got dtype {array.dtype}")

    # 50 letters of the name, as most file systems allow 255 bytes, and a letter has up to 4.
    temporary = path.with_name(f"{path.name[:50]}.{os.getpid()}.{get_ident()}.tmp")
    try:
        with open(temporary, "wb") as file:
            np.savez(file, header=header_bytes, **arrays)
            file.flush()
            os.fsync(file.fileno())  # the contents reach the disk before the new name does
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path, model=None, optimizer=None, scheduler=None):
    """Load what was saved into the given objects, and return the metadata.

    If any object is given, the random state is restored as well, so that the run continues bit for bit.
    FileNotFoundError if there is no file. CheckpointError, and nothing is loaded, if the file is damaged, not a
    checkpoint, of a newer version, or does not fit the given objects.
    """
    require_states("load_checkpoint", {"model": model, "optimizer": optimizer, "scheduler": scheduler})
    path = Path(path)
    states, random_state, metadata = read_checkpoint(path)
    # The optimizer after the scheduler: both hold a learning rate, and the optimizer's is the current one.
    parts = {"scheduler": scheduler, "model": model, "optimizer": optimizer}
    parts = {name: part for name, part in parts.items() if part is not None}
    for name in parts:
        if states[name] is None:
            raise CheckpointError(
                f"{path} was saved without {name}: save it with one, or load it without", path=str(path)
            )
    if parts:
        load_all_or_nothing(path, parts, states, random_state)
    return metadata


def require_states(caller, parts, needed=None):
    """Raise TypeError unless each of {name: object} has a state, or is None and not needed."""
    for name, part in parts.items():
        if isinstance(part, type) or not hasattr(part, "state_dict"):
            if part is None and name != needed:
                continue
            raise TypeError(
                f"{caller}: {name} must have a state_dict(), got {part!r}. Metadata is given by name, as in epoch=3"
            )


def load_all_or_nothing(path, parts, states, random_state):
    """Load each of {name: object} from states[name], and the random state; if one fails, restore them all."""
    before = {name: part.state_dict() for name, part in parts.items()}
    # A scheduler writes into the groups of its optimizer, which may not be among the parts.
    scheduled = getattr(parts.get("scheduler"), "optimizer", None)
    settings = [(group, dict(group)) for group in ([] if scheduled is None else scheduled.param_groups)]
    loading = ""
    try:
        for loading, part in parts.items():
            part.load_state_dict(states[loading])
        loading = "random state"
        random_generator().bit_generator.state = random_state
    except Exception as error:  # anything that does not fit becomes an error about the checkpoint
        for name, part in parts.items():
            part.load_state_dict(before[name])
        for group, values in settings:
            group.update(values)
        raise CheckpointError(
            f"{path}: the {loading} in this checkpoint does not fit; nothing was loaded. {error}",
            path=str(path),
        ) from error


def read_checkpoint(path):
    """({part: its state or None}, random state, metadata) of a file; CheckpointError unless it is valid."""
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}  # reading verifies the checksums
            header = json.loads(arrays.pop("header").tobytes().decode("utf-8"))
            if header["format"] != FORMAT:
                raise ValueError(f"its format is {header['format']!r}")
            if header["version"] != VERSION:
                raise CheckpointError(
                    f"{path} is a checkpoint of version {header['version']}, but this code reads version "
                    f"{VERSION}. Load it with the neural_framework that saved it",
                    path=str(path),
                    version=header["version"],
                )
            states = {
                "model": {name: arrays[f"model/{name}"] for name in header["model"]},
                "optimizer": join_optimizer_state(header["optimizer"], arrays),
                "scheduler": header["scheduler"],
            }
            return states, header["random_state"], header["metadata"]
        except CheckpointError:
            raise
        except Exception as error:  # a foreign or damaged file makes zipfile and NumPy raise almost anything
            raise CheckpointError(
                f"{path} is not a complete checkpoint: it is truncated, damaged, or was not written by "
                f"save_checkpoint ({type(error).__name__}: {error})",
                path=str(path),
            ) from error


def split_optimizer_state(state, arrays):
    """The optimizer's state without its arrays, which are added to `arrays` as "optimizer/position/name"."""
    plain = {}
    for position, entries in state["state"].items():
        plain[str(position)] = {}
        for name, value in entries.items():
            if isinstance(value, np.ndarray | np.generic):  # for a 0-d parameter, v * m + g is a NumPy scalar
                arrays[f"optimizer/{position}/{name}"] = value
            else:
                plain[str(position)][name] = value
    return {**state, "state": plain}


def join_optimizer_state(plain, arrays):
    """The inverse of `split_optimizer_state`; None if there is no optimizer."""
    if plain is None:
        return None
    state = {int(position): dict(entries) for position, entries in plain["state"].items()}
    for key, array in arrays.items():
        part, _, rest = key.partition("/")
        if part == "optimizer":
            position, _, name = rest.partition("/")
            state[int(position)][name] = array
    return {**plain, "state": state}


def json_text(header):
    """The header as JSON, with NumPy's numbers as Python's; TypeError that names the part that JSON cannot hold."""
    plain = {}
    for part, value in header.items():
        try:
            plain[part] = python_numbers(value)
            json.dumps(plain[part])
            require_string_keys(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise TypeError(
                f"save_checkpoint: {part} must be something that JSON can hold (numbers, strings, lists, dicts "
                f"with string keys): {error}. Convert it, for example with float(...) or .tolist()"
            ) from error
    return json.dumps(plain)


def require_string_keys(value):
    """Raise TypeError for a dict with other keys, which JSON would silently convert to strings."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    for key in value if isinstance(value, dict) else ():
        if not isinstance(key, str):
            raise TypeError(f"the key {key!r} is not a string")
    for child in children:
        require_string_keys(child)

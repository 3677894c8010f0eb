"""Keys to and from files: JSON, or the text that a record says it is."""

from typing import Any

from returns.result import Success

from stages.core.context import Context
from stages.core.key import Key
from stages.core.outcome import Outcome, Status
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.providers.protocols import FileProvider
from stages.records.keys import VOCABULARY


def _path_keys(path: str) -> list[Key[Any]]:
    return [path] if isinstance(path, Key) else []


@stage(
    needs=_path_keys,
    gives=lambda key: [key],
    name=lambda key: "load_file" if key == VOCABULARY else f"load_{key}",
)
def load_file(
    context: Context,
    *,
    file_provider: FileProvider,
    key: Key[Any] = VOCABULARY,
    path: str = "",
    required: bool = True,
) -> Outcome:
    """
    Load a key from a JSON file.

    Bound to another key it takes that key's name: `load_file(key=CARDS)` is `load_cards`.

    Args:
        context: Has the path, where `path` is a key.
        file_provider: Reads the file.
        key: What to load; its type says what the file must hold.
        path: The file, or the key of the context that holds its path; by default `<key>.json`.
        required: Whether a missing file is a failure; if not, what the context has stays, and an
            empty value stands in for none, where the key's type has one.

    Problems:
        not-found: There is no such file, nor anything that could stand in for it.
        bad-file: It is no JSON, or not what the key holds; every fault with its path.
    """
    file = _file(context, key, path)
    if not required and not file_provider.exists(file):
        return _done_without(context, key, file)
    return _loaded(context, key, file, file_provider.read(file))


@stage(
    needs=lambda key, path: [key, *_path_keys(path)],
    name=lambda key: "save_file" if key == VOCABULARY else f"save_{key}",
)
def save_file(
    context: Context,
    *,
    file_provider: FileProvider,
    key: Key[Any] = VOCABULARY,
    path: str = "",
    backup: bool = False,
) -> Outcome:
    """
    Save a key to a JSON file, whole or not at all; a file that says the same is left alone.

    Bound to another key it takes that key's name: `save_file(key=CARDS)` is `save_cards`.

    Args:
        context: Has the value, and the path where `path` is a key.
        file_provider: Writes the file.
        key: What to save.
        path: The file, or the key of the context that holds its path; by default `<key>.json`.
        backup: Whether a file that is replaced stays beside the new one, as `<path>.bak`.

    Problems:
        bad-value: JSON has nothing for what is in it, such as a date.
    """
    from stages.core.json import to_json

    file = _file(context, key, path)
    write = getattr(context[key], "to_text", None)
    try:
        text = write() if write else to_json(context[key])
    except ValueError as error:
        problem = Problem("bad-value", str(key), str(error), f"{file} is as it was")
        return context.fail(f"{key} cannot be saved: {error}", problems=[problem])
    if backup and file_provider.exists(file):
        old = file_provider.read(file)
        if old != text:
            file_provider.write(f"{file}.bak", old)
    file_provider.write(file, text)
    return Success(context.report(f"saved {file}"))


def _file(context: Context, key: str, path: str) -> str:
    return str(context[path]) if isinstance(path, Key) else path or f"{key}.json"


def _done_without(context: Context, key: Key[Any], file: str) -> Outcome:
    if key not in context:
        from stages.core.json import from_json, to_json

        try:
            # There and back, for `tuple[str, str]()` is no pair of texts.
            context = context.put(key, from_json(to_json(key.holds()), key.holds))
        except Exception:
            why = f"{file} is not there, and {str(key)!r} has no empty value"
            problem = Problem("not-found", file, why, f"put {str(key)!r} into the context before")
            return context.fail(why, problems=[problem])
    return Success(context.report(f"{file} is not there", status=Status.SKIPPED))


def _loaded(context: Context, key: Key[Any], file: str, text: str) -> Outcome:
    from stages.core.json import from_json

    read = getattr(key.holds, "from_text", None)
    try:
        value = read(text) if read else from_json(text, key.holds)
    except ValueError as error:
        why = str(error).removeprefix("$: ")  # the whole file: its path says nothing
        problem = Problem("bad-file", file, why, f"it should hold {key.doc or key}")
        return context.fail(f"{file} cannot be read: {why}", problems=[problem])
    return Success(context.put(key, value).report(f"loaded {file}"))

"""Datasets of the Hugging Face Hub: one commit is resolved, listed, and its data files fetched into the home."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from huggingface_hub import HfApi, hf_hub_download, snapshot_download

# The base of the errors of whichever HTTP library the client uses is not named among its exports.
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from schemas.errors import Terminal, Transient, WinnowError
from schemas.plan.sources import Hub
from warehouse.intake.formats import is_archive, kind_of, matches

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SYNONYMS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}


class Absent(Terminal):
    """Raised when the Hub has no such dataset, revision or file."""


class Listing(NamedTuple):
    """The files of a dataset at one commit, and the configurations that its card declares."""

    commit: str
    files: list[str]
    configs: list[dict[str, Any]]


def fetch(hub: Hub, home: Path) -> list[tuple[str, Path]]:
    """Fetch the data files of a dataset and name them `repo@commit/file`, with the places where they lie.

    A commit that was fetched before needs no network. Raises `Absent` or `Terminal` if asking again cannot help,
    `Transient` if the Hub cannot be reached.
    """
    with _explained(hub):
        listing = _listing(hub, home / "hub")
        files = choose(listing, hub)
        with ThreadPoolExecutor(4) as pool:
            places = list(pool.map(lambda file: _download(hub.repo, file, listing.commit, home / "hub"), files))
    return [(f"{hub.repo}@{listing.commit}/{file}", place) for file, place in zip(files, places, strict=True)]


def fetch_of_model(repo: str, file: str, revision: str | None, home: Path) -> Path:
    """Fetch one file of a model and return where it lies. Raises what `fetch` raises."""
    with _explained(Hub(repo=repo, revision=revision)):
        return Path(hf_hub_download(repo, file, revision=revision, cache_dir=home / "hub", endpoint=_endpoint()))


def fetch_model(repo: str, revision: str | None, home: Path, weights: Sequence[str] = ("*.safetensors",)) -> Path:
    """Fetch a model without code or pickled weights; return its folder, named by its commit. Raises what `fetch` does.

    Of its weights those that fit `weights` are fetched. A commit that was fetched before needs no network.
    """
    with _explained(Hub(repo=repo, revision=revision)):
        return Path(
            snapshot_download(
                repo,
                revision=revision,
                cache_dir=home / "hub",
                endpoint=_endpoint(),
                allow_patterns=[*weights, "*.json", "*.txt", "*.model", "*.jinja"],
            )
        )


def choose(listing: Listing, hub: Hub) -> list[str]:
    """Choose the data files that `hub` means, sorted. Raises `Absent` if there are none."""
    if hub.files is not None:
        chosen = [file for file in listing.files if matches(file, hub.files)]
    elif listing.configs:
        chosen = _declared(listing, hub)
    else:
        chosen = [file for file in _readable(listing) if _is_below(file, hub.config) and _is_of(file, hub.split)]
    if not chosen:
        known = ", ".join(_readable(listing)[:10]) or "no data files"
        raise Absent(f"{hub.repo}@{listing.commit[:8]}: no file fits {_wish(hub)}; it has {known}: correct `hub:`")
    return sorted(chosen)


def _wish(hub: Hub) -> str:
    wishes = {"files": hub.files, "config": hub.config, "split": hub.split}
    return " and ".join(f"{name} {wish}" for name, wish in wishes.items() if wish) or "a known kind"


def _readable(listing: Listing) -> list[str]:
    seen = [file for file in listing.files if not any(part.startswith(".") for part in file.split("/"))]
    return [file for file in seen if is_archive(file) or kind_of(file)]


def _is_below(file: str, config: str | None) -> bool:
    """Whether a folder, or the start of the file's name, is the configuration's name."""
    return config is None or re.search(rf"(^|/){re.escape(config)}([/._-]|$)", file) is not None


def _is_of(file: str, split: str | None) -> bool:
    """Whether the split's name stands by itself somewhere in the path."""
    if split is None:
        return True
    names = "|".join(re.escape(name) for name in _SYNONYMS.get(split, (split,)))
    return re.search(rf"(^|[/._ -])({names})([/._ 0-9-]|$)", file) is not None


def _declared(listing: Listing, hub: Hub) -> list[str]:
    """Follow the card's own `configs:`."""
    config = _config(listing, hub)
    folder = config.get("data_dir")
    patterns = [pattern for split, pattern in _patterns(config.get("data_files")) if hub.split in (None, split)]
    if config.get("data_files") is None:
        return [f for f in _readable(listing) if f.startswith(f"{folder or ''}/".lstrip("/")) and _is_of(f, hub.split)]
    full = [f"{folder}/{pattern}" if folder else pattern for pattern in patterns]
    return [file for file in listing.files if any(matches(file, pattern.removeprefix("./")) for pattern in full)]


def _config(listing: Listing, hub: Hub) -> dict[str, Any]:
    names = [str(config.get("config_name", "default")) for config in listing.configs]
    wanted = hub.config or next(
        (name for name, config in zip(names, listing.configs, strict=True) if config.get("default")),
        names[0] if len(names) == 1 else "default",
    )
    if wanted not in names:
        raise Absent(f"{hub.repo}: choose one of its configurations with `config:`: {', '.join(names)}")
    return listing.configs[names.index(wanted)]


def _patterns(files: Any) -> Iterator[tuple[str, str]]:
    """Split and pattern of each `data_files` entry: a string, a list of strings, or a list of {split, path}."""
    for entry in files if isinstance(files, list) else [files]:
        split, paths = (entry["split"], entry["path"]) if isinstance(entry, dict) else ("train", entry)
        for path in paths if isinstance(paths, list) else [paths]:
            yield str(split), str(path)


def _listing(hub: Hub, folder: Path) -> Listing:
    """List a commit; what was listed once is kept, as a commit never changes."""
    kept = folder / "listings" / f"{hub.repo.replace('/', '--')}@{hub.revision}.json"
    if _COMMIT.fullmatch(hub.revision or "") and kept.exists():
        return Listing(**orjson.loads(kept.read_bytes()))
    api = HfApi(endpoint=_endpoint(), library_name="winnow")
    info = api.dataset_info(hub.repo, revision=hub.revision)
    commit = info.sha or ""
    tree = api.list_repo_tree(hub.repo, revision=commit, repo_type="dataset", recursive=True)
    files = sorted(entry.path for entry in tree if hasattr(entry, "size"))
    configs = info.card_data.get("configs") if info.card_data else None
    listing = Listing(commit, files, list(configs or []))
    kept = kept.with_name(f"{hub.repo.replace('/', '--')}@{commit}.json")
    kept.parent.mkdir(parents=True, exist_ok=True)
    aside = kept.with_suffix(f".{os.getpid()}")
    aside.write_bytes(orjson.dumps(listing._asdict()))
    aside.replace(kept)
    return listing


def _download(repo: str, file: str, commit: str, folder: Path) -> Path:
    endpoint = _endpoint()
    return Path(hf_hub_download(repo, file, repo_type="dataset", revision=commit, cache_dir=folder, endpoint=endpoint))


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT")


@contextmanager
def _explained(hub: Hub) -> Iterator[None]:
    """Turn the client's errors into ours."""
    try:
        yield
    except (HTTPError, EntryNotFoundError, OSError, ValueError) as error:
        raised, words = next((raised, words) for kind, raised, words in _MEANINGS if isinstance(error, kind))
        if isinstance(error, HfHubHTTPError) and raised is Transient and error.response.status_code in _REFUSALS:
            raised, words = Terminal, "is refused by the Hub ({error}): check `hub:` and HF_TOKEN"
        raise raised(f"{hub.repo} " + words.format(revision=hub.revision, error=_first_line(error))) from error


_REFUSALS = (400, 401, 403, 404, 410)
# The first kind that fits counts.
_MEANINGS: list[tuple[type[BaseException], type[WinnowError], str]] = [
    (GatedRepoError, Terminal, "asks for consent: accept its terms on the Hub and set HF_TOKEN"),
    (RepositoryNotFoundError, Absent, "is not on the Hub or is private: correct `repo:` or set HF_TOKEN"),
    (RevisionNotFoundError, Absent, "has no revision {revision}: correct `revision:`"),
    (HfHubHTTPError, Transient, "cannot be had, the Hub failed ({error}): try again"),
    (HTTPError, Transient, "cannot be had, the Hub cannot be reached ({error}): try again"),
    (ConnectionError, Transient, "cannot be had, the Hub cannot be reached ({error}): try again"),
    (EntryNotFoundError, Transient, "cannot be had, the Hub cannot be reached ({error}): try again"),
    (HFValidationError, Terminal, "cannot be the name of a dataset ({error}): correct `repo:`"),
    (ValueError, Terminal, "holds what cannot be fetched safely ({error}): take another"),
    (OSError, Terminal, "cannot be stored ({error}): make room in the home"),
]


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]

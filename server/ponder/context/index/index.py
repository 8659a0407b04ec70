"""The files of all workspace folders, kept up to date. Owned by the event loop; slow work runs in threads.

Never reads a file's text and never decides what is sent.
"""

# Names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH112, PTH113
import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from msgspec import Struct

from ponder.context.index import dependencies, git, walk
from ponder.context.index.scope import Labels, below, too_wide
from ponder.files.ignore import IGNORE_FILES, IgnoreRules
from ponder.files.ignore_patterns import as_git_sees, parse_ignore, pattern_names
from ponder.files.jail import Jail, Place
from ponder.files.reasons import Reason

log = logging.getLogger(__name__)

ChangeKind = Literal["written", "removed", "directory"]
MOST_FILES = 500_000
_MANY = 1_000


class PathChange(Struct, frozen=True):
    """Something happened to an absolute path. `directory`: look at the whole folder again."""

    kind: ChangeKind
    path: str


class Applied(Struct, frozen=True):
    """Files that changed or went; `everything`: any other file may have changed too."""

    places: tuple[Place, ...]
    everything: bool


class _Sight(Struct, frozen=True):
    place: Place
    listed: bool


class Environment(Struct, frozen=True):
    """What the index needs of the outside: environment variables, the home directory, the user's git excludes."""

    variables: Mapping[str, str]
    home: str | None = None
    global_excludes: str | None = None


class WorkspaceIndex:
    """Which files there are, by folder. `files` maps each (real) folder to relative paths with forward slashes.

    `include` and `exclude` are patterns of the settings, as in `.gitignore`. `on_notice` gets sentences for the
    user, on the event loop. Folders added at run time make another index.
    """

    def __init__(
        self,
        folders: Iterable[str],
        environment: Environment,
        on_notice: Callable[[str], None],
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
    ) -> None:
        self.jail = Jail(folders)
        self.labels = Labels(self.jail)
        self.files: dict[str, set[str]] = {folder: set() for folder in self.jail.folders}
        self.generation = 0
        """Grows with every change of `files`."""
        self.ready = False
        """Whether the first scan is done."""
        self._environment = environment
        self._on_notice = on_notice
        self._include = parse_ignore("\n".join(include))
        self._exclude = parse_ignore("\n".join(exclude))
        self._rules = {
            folder: IgnoreRules(folder, global_excludes=environment.global_excludes)
            for folder in self.jail.folders
        }
        self._refused: dict[str, str] = {}
        self._environments: dict[str, frozenset[str]] = {}
        self._scanning: asyncio.Task[None] | None = None
        self._again = False
        for folder in self.jail.folders:
            reason = too_wide(folder, environment.home)
            if reason is not None:
                self._refused[folder] = reason
                on_notice(
                    f"The workspace folder is {reason}: Ponder does not look through it. Open a project folder instead."
                )

    @property
    def watched(self) -> tuple[str, ...]:
        """The folders worth watching."""
        return tuple(folder for folder in self.jail.folders if folder not in self._refused)

    def ignored(self, place: Place) -> Reason | None:
        """Why a file must not be sent, or None: ignore files first, then the settings' patterns."""
        if place.folder in self._refused:
            return Reason("wide", self._refused[place.folder])
        reason = self._rules[place.folder].ignored(place.relative)
        reason = reason or self._fetched(place.folder, place.relative)
        if reason is not None:
            return reason
        parts = tuple(as_git_sees(part) for part in place.relative.split("/"))
        if pattern_names(self._exclude, parts):
            return Reason("excluded")
        if self._include and not pattern_names(self._include, parts):
            return Reason("notIncluded")
        return None

    async def scan(self) -> None:
        """Look through all folders anew, off the loop. A scan asked for during a scan runs once after it."""
        if self._scanning is not None and not self._scanning.done():
            self._again = True
        else:
            self._scanning = asyncio.create_task(self._scan())
        await asyncio.shield(self._scanning)

    async def _scan(self) -> None:
        while True:
            self._again = False
            for folder in self.watched:
                self._rules[folder].forget()
                self.files[folder] = await asyncio.to_thread(self._list, folder)
                self.generation += 1
            self.ready = True
            if not self._again:
                return

    async def left_out(self) -> dict[str, str]:
        """What ignore files keep out, by name (directories as a whole), with the reason. For people, not for speed."""
        found: dict[str, str] = {}
        for folder in self.watched:
            refused: dict[str, Reason] = {}
            await asyncio.to_thread(walk.files, folder, self._rules[folder], refused=refused)
            found |= {self.labels.of(folder, path): reason.words for path, reason in sorted(refused.items())}
        return found

    async def apply(self, changes: Iterable[PathChange]) -> Applied:
        """Take over what a watcher or the editor saw.

        What is there now counts, not what was said to have happened. Changes of ignore files, of directories,
        and very many at once make a new scan.
        """
        listed = list(changes)
        sights, directories = await asyncio.to_thread(self._look, listed[:_MANY])
        for sight in sights:
            if sight.listed:
                self.files[sight.place.folder].add(sight.place.relative)
            else:
                self.files[sight.place.folder].discard(sight.place.relative)
        self.generation += bool(sights)
        # A scan under way may have passed this place before the change.
        if self._scanning is not None and not self._scanning.done():
            self._again = True
        everything = directories or len(listed) > _MANY
        if everything or any(_is_rule_file(sight.place.relative) for sight in sights):
            await self.scan()
        return Applied(tuple(sight.place for sight in sights), everything)

    def _look(self, changes: list[PathChange]) -> tuple[list[_Sight], bool]:
        """What is at these paths now, and whether a directory is among them, whose files nobody named.

        A directory that went stands for the files it had.
        """
        found: list[_Sight] = []
        directories = any(change.kind == "directory" for change in changes)
        gone: dict[str, list[str]] = {}
        for change in changes:
            place = self.jail.place(change.path)
            if place is None or not place.relative or place.folder in self._refused:
                continue
            rules = self._rules[place.folder]
            if _is_rule_file(place.relative):
                rules.forget(place.relative)
            elif ".git" in place.relative.split("/"):
                continue
            known = place.relative in self.files[place.folder]
            fetched = self._fetched(place.folder, place.relative)
            listed = os.path.isfile(place.path) and not (fetched or rules.ignored(place.relative))
            if listed or known:
                found.append(_Sight(place, listed))
            elif os.path.isdir(place.path):
                directories = directories or rules.ignored(place.relative, is_dir=True) is None
            elif not os.path.lexists(place.path):
                gone.setdefault(place.folder, []).append(f"{place.relative}/")
        for folder, starts in gone.items():
            lost = [name for name in tuple(self.files[folder]) if name.startswith(tuple(starts))]
            found.extend(_Sight(Place(folder, name), os.path.isfile(below(folder, name))) for name in lost)
        return found, directories

    def _list(self, folder: str) -> set[str]:
        inner = [
            other[len(folder) :].strip("/\\").replace("\\", "/")
            for other in self.jail.folders
            if other != folder and other.startswith(folder)
        ]
        program = git.program(self._environment.variables)
        found = git.files(folder, program, self._environment.variables) if program else None
        if found is None:
            excludes = self._environment.global_excludes
            walked = walk.files(folder, self._rules[folder], skip=inner, most=MOST_FILES, excludes=excludes)
            if walked.unreadable:
                log.info("%d directories could not be read", walked.unreadable)
            return set(walked.files)
        self._environments[folder] = dependencies.environments(found)
        found = {path for path in found if self._fetched(folder, path) is None}
        kept = self._under_own_rules(folder, found)
        if inner:
            starts = tuple(f"{name}/" for name in inner)
            kept = {path for path in kept if not path.startswith(starts)}
        return kept

    def _under_own_rules(self, folder: str, found: set[str]) -> set[str]:
        """Git knows nothing of `.ponderignore`; where there is one, our rules decide below it."""
        own = [path[: -len(".ponderignore")] for path in found if path.endswith(".ponderignore")]
        own = [prefix for prefix in own if not prefix or prefix.endswith("/")]
        if git.holds_above(folder, ".ponderignore"):
            own.append("")  # Git may ignore the file itself, and does not name those above the folder.
        if not own:
            return found
        rules, starts = self._rules[folder], tuple(own)
        return {path for path in found if not path.startswith(starts) or rules.ignored(path) is None}

    def _fetched(self, folder: str, relative: str) -> Reason | None:
        return dependencies.kept_out(relative, self._environments.get(folder, ()))

    def path_of(self, folder: str, relative: str) -> str:
        """The absolute path of a file of the index."""
        return below(folder, relative)


def _is_rule_file(relative: str) -> bool:
    return relative.rsplit("/", 1)[-1] in IGNORE_FILES or relative == ".git/info/exclude"

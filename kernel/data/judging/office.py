"""Office files: packages of XML that may run nothing, read nothing from elsewhere and hide nothing."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import BinaryIO
from urllib.parse import unquote
from xml.parsers import expat

from kernel.data.judging.archive import Archive, Budget, check_beginning
from kernel.data.judging.rules import (
    ACTIVE,
    EMBEDDED,
    EXTERNAL,
    UNREADABLE,
    Against,
    media_types,
    rules,
)

Element = Callable[[str, dict[str, str]], None]
SEPARATOR = "|"
TYPES = "[Content_Types].xml"
BETWEEN = "\0"
XML_ENDINGS = ("xml", "rels", "vml", "rdf", "svg")


def judge(file: BinaryIO, media_type: str, budget: Budget, depth: int = 0) -> None:
    """Open the package of this type and every member of it."""
    archive = Archive(file, budget)
    if media_types()[media_type].family == "odf":
        _OpenDocument(archive, budget, depth).judge(media_types()[media_type].main)
    else:
        _OfficeOpen(archive, budget, depth).judge(media_types()[media_type].main)


class _Package:
    def __init__(self, archive: Archive, budget: Budget, depth: int) -> None:
        self.archive, self.budget, self.depth = archive, budget, depth

    def _judge_members(self) -> None:
        for name in self.archive.members:
            self._judge_member(name, name.lower())

    def _judge_member(self, name: str, lowered: str) -> None:
        limits = rules()["archive"]
        ending = lowered.rpartition(".")[2] if "." in lowered.rpartition("/")[2] else ""
        if package := limits["packages"].get(ending):
            self._judge_package(name, package)
            return
        is_bare = any(lowered.startswith(each) for each in limits["bare"])
        if ending not in limits["endings"] and not is_bare:
            raise Against(UNREADABLE, name)
        if ending in XML_ENDINGS:
            self._judge_xml(name, lowered)
            return
        head = b""
        for chunk in self.archive.chunks(name):
            head = head or chunk[:16]
        check_beginning(name, head)
        if ending == "bin" and not any(lowered.startswith(each) for each in limits["opaque"]):
            raise Against(EMBEDDED, name)

    def _judge_package(self, name: str, media_type: str) -> None:
        if self.depth >= rules()["archive"]["depth"]:
            raise Against(EMBEDDED, name)
        judge(BytesIO(self.archive.read(name)), media_type, self.budget, self.depth + 1)

    def _judge_xml(self, name: str, lowered: str) -> None:
        raise NotImplementedError

    def _parse(self, name: str, element: Element | None, text: Callable[[str], None] | None = None) -> None:
        """Read a member as XML. A document type is refused: entities are what bombs of XML are made of."""
        parser = expat.ParserCreate(namespace_separator=SEPARATOR)

        def doctype(*_: object) -> None:
            raise Against(UNREADABLE, f"{name}: DOCTYPE")

        parser.StartDoctypeDeclHandler = doctype
        if element:
            parser.StartElementHandler = element
        if text:
            parser.buffer_text = True
            parser.CharacterDataHandler = text
        if not self.archive.members[name].file_size:
            return  # LibreOffice leaves such
        try:
            for chunk in self.archive.chunks(name):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Against(UNREADABLE, f"{name}: {error}") from error


class _OfficeOpen(_Package):
    """Office Open XML: what a package holds is said by its list of types and by relations."""

    def judge(self, main: str) -> None:
        if TYPES not in self.archive.members:
            raise Against(UNREADABLE, TYPES)
        types: list[str] = []

        def element(_: str, said: dict[str, str]) -> None:
            types.append(said.get("ContentType", ""))

        self._parse(TYPES, element)
        for each in types:
            _check_words(each)
        if main not in types:
            raise Against(UNREADABLE, TYPES)
        for name in self.archive.members:
            _check_words(f"/{name}")
        self._judge_members()

    def _judge_xml(self, name: str, lowered: str) -> None:
        if lowered.endswith(".rels"):
            self._parse(name, lambda _, said: self._relation(name, said))
            return
        if not lowered.startswith("word/"):
            self._parse(name, None)
            return
        fields = _Fields()
        self._parse(name, fields.element, fields.text)
        fields.check(name)

    def _relation(self, where: str, said: dict[str, str]) -> None:
        kind, target = said.get("Type", ""), said.get("Target", "")
        if not kind:
            return
        _check_words(kind, where)
        if said.get("TargetMode", "").lower() != "external":
            if _scheme(target):
                raise Against(EXTERNAL, f"{where}: {target}")
            return
        is_link = kind.lower().endswith("/hyperlink")
        _check_target(where, target, rules()["ooxml"]["schemes"] if is_link else ())


class _Fields:
    """What Word's fields are to do; an instruction may be cut into many pieces."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.is_in_one = False

    def element(self, name: str, said: dict[str, str]) -> None:
        local = name.rpartition(SEPARATOR)[2]
        self.is_in_one = local == "instrText"
        if local == "fldSimple":
            simple = [value for key, value in said.items() if key.rpartition(SEPARATOR)[2] == "instr"]
            self.said += [f"{BETWEEN}{value}{BETWEEN}" for value in simple]
        elif local == "fldChar":
            self.said.append(BETWEEN)

    def text(self, piece: str) -> None:
        if self.is_in_one:
            self.said.append(piece)

    def check(self, where: str) -> None:
        for instruction in "".join(self.said).split(BETWEEN):
            word = (instruction.upper().split() or [""])[0]
            for code, key in ((ACTIVE, "active_fields"), (EXTERNAL, "external_fields")):
                if word in rules()["ooxml"][key]:
                    raise Against(code, f"{where}: {word}")


def _check_words(said: str, where: str = TYPES) -> None:
    """By the words that types, relations and parts are named with."""
    lowered, words = said.lower(), rules()["ooxml"]
    for code, key in ((ACTIVE, "active"), (EMBEDDED, "embedded"), (EXTERNAL, "external")):
        last = lowered.rpartition("/")[2] if key == "external" else lowered
        if any(word in last for word in words[key]):
            raise Against(code, f"{where}: {said.rpartition('/')[2]}")


class _OpenDocument(_Package):
    """OpenDocument: what acts or reads from elsewhere are elements and their links."""

    def judge(self, main: str) -> None:
        for name in ("mimetype", "content.xml", "META-INF/manifest.xml"):
            if name not in self.archive.members:
                raise Against(UNREADABLE, name)
        if self.archive.read("mimetype") != main.encode():
            raise Against(UNREADABLE, "mimetype")
        for name in self.archive.members:
            if any(name.lower().startswith(each) for each in rules()["odf"]["active_folders"]):
                raise Against(ACTIVE, name)
        self._judge_members()

    def _judge_xml(self, name: str, lowered: str) -> None:
        words = rules()["odf"]

        def element(full: str, said: dict[str, str]) -> None:
            local = full.rpartition(SEPARATOR)[2]
            for code, key in ((ACTIVE, "active"), (EXTERNAL, "external"), (EMBEDDED, "embedded")):
                if local in words[key]:
                    raise Against(code, f"{name}: {local}")
            if local == "encryption-data":
                raise Against(UNREADABLE, f"{name}: {local}")
            for key, value in said.items():
                if key.rpartition(SEPARATOR)[2] == "href" and _scheme(value):
                    _check_target(name, value, words["schemes"] if local == "a" else ())

        self._parse(name, element)


def _scheme(target: str) -> str:
    """The scheme of an address, "//" for another machine's share, "" for a place in the same package."""
    plain = unquote(target).strip().replace("\\", "/")
    if plain.startswith("//"):
        return "//"
    before, colon, _ = plain.partition(":")
    return before.lower() if colon and before and "/" not in before and "#" not in before else ""


def _check_target(where: str, target: str, schemes: Iterable[str]) -> None:
    if _scheme(target) not in schemes:
        raise Against(EXTERNAL, f"{where}: {target}")

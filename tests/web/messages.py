"""Every Chinese message that the product can say, found in its source; run as a module it renews the catalogue.

Source strings are Chinese, so a Chinese literal in `app/` is a message unless its file is named below: sentences of
refusals, words of states, kinds, figures and permissions need no mark of their own, and none can be forgotten.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "app/web/translations/en/LC_MESSAGES/messages.po"
HAN = re.compile(r"[\u3400-\u9fff]")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")

HEADER = """\
# English words for the Chinese that the product says; `make catalogue` renews the list of messages.
msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

NOT_SAID = {
    "app/demo/*": "data of the demo county",
    "app/cli.py": "the operator's commands speak both languages at once",
    "app/serving.py": "the operator's commands speak both languages at once",
    "app/*/cli.py": "the operator's commands speak both languages at once",
    "app/*/*/cli.py": "the operator's commands speak both languages at once",
    "app/*/*/hearers.py": "messages to growers and buyers, written into rows as they are sent",
    "app/trade/settlements/wording.py": "texts to growers, written into rows as they are sent",
    "app/people/messages/mandates.py": "messages to growers and agents, written into rows as they are sent",
    "app/office/imports/papers.py": "what stands in the files that people fill in",
    "app/people/messages/short.py": "texts to growers and buyers, written into rows as they are sent",
    "app/people/messages/letters.py": "mails to growers and buyers, in the language of the message that they carry",
    "app/people/accounts/second_factor.py": "the name in the authenticator app",
    "app/trade/catalog/claims.py": "patterns of what food may not claim",
    "app/trade/catalog/service.py": "names of data",
    "app/trade/catalog/sounds.py": "how characters sound",
    "app/trade/catalog/words.py": "what a search understands",
}
NOT_SAID_STRINGS: dict[str, set[str]] = {
    "app/insight/boards/forms.py": {r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))"},
    # What stands in the files that people fill in: other titles of columns, hints and examples.
    "app/office/imports/growers.py": {
        "{head}家",
        "示例：王满仓",
        "手机",
        "联系电话",
        "户主本人的手机，11 位。它就是以后登录用的号。",
        "人口",
        "人数",
        "1 到 30 的整数。",
        "村名",
        "行政村",
        "照本乡镇的村名单写，可以留空。",
        "店里显示的名称，留空就叫“某某家”。",
        "身份证",
        "身份证号码",
        "公民身份号码",
        "可以留空。填的话，整列先设为“文本”格式，并填同意书编号。",
        "同意书",
        "本人签过字的同意书的编号或签字日期。",
        "导出的表里才有，新农户留空。",
    },
    "app/office/imports/cells.py": {
        r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})(?:日|号)?",
    },
    "app/office/imports/working.py": {"导入 {number}"},
    "app/office/imports/rows.py": {
        "示例：",
    },
    "app/trade/catalog/imports.py": {
        "{name}（{standard}）",
        "货号",
        "您自己给商品编的号，再导入时靠它认出是同一件。",
        "示例：A-01",
        "导出的表里才有，新商品留空。",
        "柳林木枣 5斤装",
        "单价",
        "价格",
        "如实描述，不能写治病、最好。",
        "给您看的，不改。",
        "新价",
        "导出的表里有；留着它，别人先改了就不会被盖掉。",
    },
    "app/trade/stock/imports.py": {
        "批号",
        "您自己给这批枣编的号，再导入时靠它认出是同一批。",
        "示例：2026-01",
        "年份",
        "李家垣",
        "斤数",
        "保质期",
        "仓库",
        "导出的表里才有，新批次留空。",
    },
    "app/people/growers/forms.py": {"。"},
    "app/people/growers/service.py": {"卖家已核实"},
    # What a list of approvals says of them, written into rows as they are asked.
    "app/trade/corrections/service.py": {"货款更正：{seller} {amount} 元"},
    "app/trade/fees/service.py": {"平台服务费率：{rate}，从 {day} 起"},
    "app/trade/settlements/service.py": {"货款结算：到 {day}，应打 {pays} 元"},
    "app/trade/stock/listing.py": {"柳林", "斤装"},
    "app/trade/catalog/queries.py": {"镇乡"},
    "app/trade/recalls/sheet.py": {"是", "否"},
    "app/gateways/sheet_reader.py": {"是", "否", "[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]"},
    "app/web/filters.py": {"年", "月", "日"},
    "templates/layout/_footer.html": {"中文"},
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a Chinese string stands."""

    path: str
    line: int
    text: str


def is_said(path: str) -> bool:
    """Whether the product says what stands in this file."""
    return not any(Path(path).match(pattern) for pattern in NOT_SAID)


def _is_message(text: str) -> bool:
    return bool(HAN.search(text) or ("%(" in text and CHINESE.search(text)))


def _python_files() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if is_said(name):
            yield name, ast.parse(path.read_text())


def _templates() -> Iterator[tuple[str, nodes.Template]]:
    parser = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.relative_to(ROOT).as_posix(), parser.parse(path.read_text())


def _docstrings(tree: ast.Module) -> set[int]:
    """The nodes that are docstrings, or stand alone as remarks."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def literals() -> Iterator[Place]:
    """The Chinese literals of the Python source."""
    for path, tree in _python_files():
        remarks = _docstrings(tree)
        pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_message(node.value):
                is_exempt = node.value in NOT_SAID_STRINGS.get(path, ())
                if id(node) not in remarks and id(node) not in pieces and not is_exempt:
                    yield Place(path, node.lineno, node.value)


def formatted() -> Iterator[Place]:
    """Chinese inside f-strings of the Python source: it cannot be looked up in a catalogue."""
    for path, tree in _python_files():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                for part in node.values:
                    words = str(part.value) if isinstance(part, ast.Constant) else ""
                    if CHINESE.search(words) and words not in NOT_SAID_STRINGS.get(path, ()):
                        yield Place(path, node.lineno, words)


def _spoken(call: nodes.Call) -> nodes.Const | None:
    """The literal that `_("…")` looks up."""
    is_gettext = isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext")
    first = call.args[0] if call.args else None
    return first if is_gettext and isinstance(first, nodes.Const) else None


def template_messages() -> Iterator[Place]:
    """What the templates look up."""
    for path, tree in _templates():
        for call in tree.find_all(nodes.Call):
            said = _spoken(call)
            if said is not None:
                yield Place(path, said.lineno, str(said.value))


def bare_in_templates() -> Iterator[Place]:
    """Chinese that templates write without looking it up."""
    for path, tree in _templates():
        spoken = {id(_spoken(call)) for call in tree.find_all(nodes.Call)}
        for data in tree.find_all(nodes.TemplateData):
            if CHINESE.search(data.data):
                yield Place(path, data.lineno, data.data.strip())
        for const in tree.find_all(nodes.Const):
            is_bare = isinstance(const.value, str) and CHINESE.search(const.value) and id(const) not in spoken
            if is_bare and const.value not in NOT_SAID_STRINGS.get(path, ()):
                yield Place(path, const.lineno, const.value)


def messages() -> dict[str, list[Place]]:
    """Every message with the places that say it, in the order of the files."""
    found: dict[str, list[Place]] = {}
    for place in (*literals(), *template_messages()):
        found.setdefault(place.text, []).append(place)
    return found


def read() -> Catalog:
    """The English catalogue as it is committed."""
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def write(old: Catalog) -> list[str]:
    """Write the catalogue with exactly the messages of the source; what has no English yet.

    Translations are kept, new messages come empty, others go; nothing is guessed.
    """
    new = Catalog(locale="en", project="liulin-jujubes", charset="utf-8", fuzzy=False)
    for text, places in messages().items():
        before = old.get(text)
        files = dict.fromkeys(place.path for place in places)
        new.add(text, before.string if before else "", locations=[(name, 0) for name in files])
    buffer = io.BytesIO()
    write_po(buffer, new, width=120, include_lineno=False, omit_header=True)
    PO.write_bytes(HEADER.encode() + buffer.getvalue())
    return [str(message.id) for message in new if message.id and not message.string]


def main() -> int:
    """Renew the catalogue; 1 while a message lacks its English."""
    missing = write(read())
    for text in missing:
        print(f"no English yet: {text}")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())

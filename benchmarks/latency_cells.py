"""The cells of the latency benchmark: our widget, and two bare ones: what is possible, and what is usual.

The bare widgets do what each design cannot do without: react to a key, show another text. They save nothing,
count nothing and have no buttons.
"""

from __future__ import annotations

__all__ = ["CELLS"]

_TEXTS = """
import json, pathlib
texts = json.loads(pathlib.Path("texts.json").read_text())
"""

_OURS = f"""{_TEXTS}import jupyter_annotate as ja
items = {{"item_id": [f"i{{n}}" for n in range(len(texts))], "text": texts}}
schema = ja.Schema(ja.Text("text"), ja.Choice("kind", ["ham", "spam", "unclear"]))
ja.annotate(ja.Project.open("latency", schema=schema, items=items), annotator="ada")
"""

_DRAWING = """
const open = (el) => {
  const root = document.createElement("div");
  root.className = "bare-root";
  root.tabIndex = 0;
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const text = document.createElement("p");
  text.className = "bare-text";
  root.append(text);
  el.append(root);
  return { root, text };
};
"""

_LOCAL = f'''{_TEXTS}import anywidget, traitlets
class Local(anywidget.AnyWidget):
    _esm = """{_DRAWING}
function render({{ model, el }}) {{
  const texts = model.get("texts");
  const {{ root, text }} = open(el);
  let at = 0;
  text.textContent = texts[at];
  root.addEventListener("keydown", ev => {{
    at += 1;
    text.textContent = texts[at];
    ev.stopPropagation();
  }});
}}
export default {{ render }};
"""
    texts = traitlets.List().tag(sync=True)
Local(texts=texts)
'''

_KERNEL = f'''{_TEXTS}import anywidget
class Kernel(anywidget.AnyWidget):
    _esm = """{_DRAWING}
function render({{ model, el }}) {{
  const {{ root, text }} = open(el);
  model.on("msg:custom", message => {{ text.textContent = message.text; }});
  root.addEventListener("keydown", ev => {{
    model.send({{ key: ev.key }});
    ev.stopPropagation();
  }});
  model.send({{ key: null }});
}}
export default {{ render }};
"""
    def __init__(self):
        super().__init__()
        self.labels = []
        self.on_msg(self.hear)
    def hear(self, widget, content, buffers):
        if content["key"] is not None:
            self.labels.append(content["key"])
        self.send({{"text": texts[len(self.labels)]}})
Kernel()
'''

#: By name of the design: the selector of its root, and its cell.
CELLS = {
    "jupyter_annotate": (".ja-root", _OURS.strip()),
    "bare widget, next item in the browser": (".bare-root", _LOCAL.strip()),
    "bare widget, next item from the kernel": (".bare-root", _KERNEL.strip()),
}

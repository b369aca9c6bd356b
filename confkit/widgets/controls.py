"""Controls that ipywidgets lacks, and the style of those that it has.

The handle of an ipywidgets slider has no name for a screen reader, and a text that it replaces is
not announced. Both are native elements here, in a few lines of JavaScript that are sent with the
widget: nothing is fetched.
"""

from __future__ import annotations

from typing import Any

from confkit.errors import MissingExtra
from confkit.figures.marks import Marks
from confkit.figures.style import sheet

try:
    import anywidget
    import ipywidgets
    import traitlets
except ImportError as error:
    raise MissingExtra(error.name or "ipywidgets", "widgets") from None

#: The only import of ipywidgets, which has no types.
widgets: Any = ipywidgets

_PERCENTAGE = """
function render({ model, el }) {
  const id = "p" + Math.random().toString(36).slice(2);
  const make = (tag, settings) => Object.assign(document.createElement(tag), settings);
  const label = make("label", { htmlFor: id });
  const range = make("input", { id, type: "range", min: 0, max: 100, step: 0.001 });
  const number = make("input", { type: "number", min: 0, max: 100, step: 0.001 });
  const row = make("div", { className: "ck-percentage" });
  row.append(range, number, make("span", { textContent: "%" }));
  el.append(label, row);
  const show = () => {
    const value = model.get("value");
    range.value = value;
    if (document.activeElement !== number || +number.value !== value) number.value = value;
    range.setAttribute("aria-valuetext", value + " %");
    label.textContent = model.get("description");
    number.setAttribute("aria-label", model.get("description") + ", exactly");
  };
  const set = (value) => {
    if (!Number.isFinite(value)) return show();
    model.set("value", Math.round(Math.min(100, Math.max(0, value)) * 1000) / 1000);
    model.save_changes();
    show();
  };
  // A step of the keyboard is one per cent; with Shift a tenth, with Alt the smallest there is.
  range.addEventListener("keydown", (event) => {
    const up = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10,
      PageDown: -10 };
    const step = up[event.key];
    if (!step) return;
    event.preventDefault();
    set(model.get("value") + step * (event.altKey ? 0.001 : event.shiftKey ? 0.1 : 1));
  });
  range.addEventListener("input", () => set(Math.round(+range.value * 10) / 10));
  number.addEventListener("change", () => set(parseFloat(number.value)));
  model.on("change:value", show);
  model.on("change:description", show);
  show();
}
export default { render };
"""

_ANNOUNCEMENT = """
function render({ model, el }) {
  const live = document.createElement("div");
  live.className = "vh";
  live.setAttribute("role", "status");
  live.setAttribute("aria-live", "polite");
  el.append(live);
  let waiting;
  model.on("change:text", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { live.textContent = model.get("text"); }, 400);
  });
}
export default { render };
"""


class Percentage(anywidget.AnyWidget):
    """A percentage by slider and by number, in steps of 0.001."""

    _esm = _PERCENTAGE
    value = traitlets.Float(0.0).tag(sync=True)
    description = traitlets.Unicode("Percentage").tag(sync=True)

    @traitlets.validate("value")
    def _in_range(self, proposal: Any) -> float:
        value: float = proposal["value"]
        return round(min(100.0, max(0.0, value)), 3)


class Announcement(anywidget.AnyWidget):
    """A text that screen readers speak when it changes; it is not seen."""

    _esm = _ANNOUNCEMENT
    text = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.add_class("ck-live")


#: How ipywidgets look inside our pages: labels above, 36 pixels high, as wide as their place.
CONTROLS = """
.ck.ck-app{padding:8px;overflow:visible;max-width:1200px;width:100%;margin:0 auto;gap:16px}
.ck-app .widget-box,.ck-app .widget-html,.ck-app .jupyter-widgets{margin:0;min-width:0;
 overflow:visible}
.ck-app .widget-html,.ck-app .widget-html-content{width:100%;height:auto;line-height:1.5}
.ck-app .widget-html-content{font-size:14px;color:var(--fg)}
.ck-app .ck-bar{display:grid;gap:10px 16px;align-items:end;background:var(--sunk);
 border:1px solid var(--line);border-radius:8px;padding:12px 16px;
 grid-template-columns:repeat(auto-fit,minmax(min(100%,190px),1fr))}
.ck-app .ck-four{grid-template-columns:minmax(130px,1fr) minmax(260px,2.2fr) minmax(200px,1.4fr)
 minmax(150px,1fr)}
.ck-app .widget-html:has(>.widget-html-content:empty){display:none}
.ck-app .ck-live{display:block;position:absolute;width:1px;height:1px;overflow:hidden}
.ck-app .ck-wide{grid-column:1/-1}
.ck-app .ck-two{display:grid;grid-template-columns:1fr 1fr;gap:16px;align-items:start}
.ck-app .ck-stack{display:grid;gap:16px;min-width:0;align-content:start}
.ck-app .ck-bar .widget-inline-hbox{flex-direction:column;align-items:stretch;height:auto;
 width:100%;gap:3px}
.ck-app .widget-label,.ck-app .ck-bar label{font-size:12px;line-height:1.5;height:auto;
 color:var(--dim);text-align:left;width:auto;max-width:none;padding:0;margin:0;overflow:visible;
 display:block;white-space:normal}
.ck-app input[type=text],.ck-app input[type=number],.ck-app select,.ck-app textarea{
 font:inherit;font-size:14px;color:var(--fg);background-color:var(--panel);
 border:1px solid var(--edge);border-radius:5px;padding:5px 8px;height:36px;min-width:0;width:100%;
 flex:none;box-sizing:border-box}
.ck-app select{appearance:auto;background-image:none}
.ck-app textarea{height:auto;min-height:84px;width:100%;
 font-family:var(--jp-code-font-family,ui-monospace,"DejaVu Sans Mono",monospace);font-size:12.5px}
.ck-app .jupyter-button{font:inherit;font-size:14px;color:var(--fg);background:var(--panel);
 border:1px solid var(--edge);border-radius:5px;padding:5px 12px;height:36px;line-height:1.2;
 width:auto;min-width:0;flex:none;box-shadow:none;white-space:nowrap;overflow:visible}
.ck-app .jupyter-button.mod-active{background:var(--win);box-shadow:inset 0 0 0 1px var(--on)}
.ck-app .jupyter-button:disabled{color:var(--dim);opacity:1;border-style:dashed}
.ck-app .ck-buttons{display:flex;flex-flow:row wrap;gap:8px;align-items:center}
.ck-app .ck-bar .widget-checkbox{width:auto;height:auto;padding:0;flex-direction:row}
.ck-app .widget-checkbox label{display:flex;gap:6px;align-items:center;color:var(--fg);
 font-size:13px;min-height:24px}
.ck-app .widget-checkbox input{width:16px;height:16px;margin:0;accent-color:var(--on)}
.ck-app .ck-percentage{display:flex;gap:8px;align-items:center;min-height:36px}
.ck-app .ck-percentage input[type=range]{flex:1;min-width:60px;accent-color:var(--on);margin:0}
.ck-app .ck-percentage input[type=number]{width:92px}
.ck-app .ck-pair{display:flex;flex-flow:row nowrap;gap:8px;align-items:flex-end}
.ck-app .ck-pair>*:first-child{flex:1}
.ck-app .ck-start{justify-self:start}
@container (max-width:820px){.ck-app .ck-two{grid-template-columns:1fr}
 .ck-app .ck-four{grid-template-columns:1fr 1fr}.ck-app .ck-four>:nth-child(2){grid-column:1/-1}}
@container (max-width:560px){.ck-app .ck-four{grid-template-columns:1fr}}
"""


class Page(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """A page of widgets; saved in a notebook, it leaves its result as plain HTML."""

    def __init__(self, children: Any) -> None:
        super().__init__(children)
        for name in ("ck", "ck-app"):
            self.add_class(name)

    def summary_html(self) -> str:
        """What a saved notebook keeps: HTML that survives without trust."""
        return ""

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        found: dict[str, str] = super()._repr_mimebundle_(**options)
        return {**found, "text/plain": repr(self), "text/html": self.summary_html()}


def style(marks: Marks, *more: str) -> Any:
    """The widget with the style sheet and the patterns of one page."""
    return widgets.HTML(f"<style>{sheet(CONTROLS, *more)}</style>{marks.definitions()}")


def html(value: str = "") -> Any:
    """A panel; what is in it is escaped already."""
    return widgets.HTML(value)


def group(kind: str, *children: Any) -> Any:
    """Widgets beside or below each other, as the class ``kind`` of the style says."""
    box = widgets.Box(children)
    for name in kind.split():
        box.add_class(name)
    return box


def wide(widget: Any) -> Any:
    """A control that takes a line of its own."""
    widget.add_class("ck-wide")
    return widget

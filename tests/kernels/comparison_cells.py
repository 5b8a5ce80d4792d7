"""The cells of the comparison, in the order in which both kernels run them: state goes from one to the next.

`# interrupt` as the first line: the cell is interrupted half a second after it began. `# forms only`: the text
names addresses or a version's words, so only MIME types are compared. `# plotly`: Jupyter's form is among ours.
"""

CELLS = r'''
x = 41
===
x + 1
===
x = x + 1; x
===
_ + 1
===
"text with 'quotes' and \n a new line and é漢字🎈"
===
b"bytes\x00\xff"
===
1.0, 1e100, float("nan"), float("inf"), 0.1 + 0.2, 3 + 4j, True, None, ...
===
None
===
5;
===
list(range(100))
===
list(range(1100))
===
{"key %d" % i: list(range(i)) for i in range(25)}
===
{i: {j: "x" * j for j in range(i)} for i in range(12)}
===
{3, 1, 2}, frozenset({"b", "a"}), set(), frozenset(), {1, "a"}
===
(), (1,), [], {}, [[]], [()], ((1,),)
===
[("a" * 30, "b" * 30, "c" * 30), ("d", "e")]
===
{("a" * 20, "b" * 20): "v" * 50, ("c",): ["w" * 60, "x" * 20]}
===
["line one\nline two", "x" * 100, {"deep": {"deeper": {"deepest": ["y" * 20] * 5}}}]
===
a = [1]; a.append(a); d = {}; d["self"] = d; a, d
===
import collections
collections.OrderedDict(a=1, b=[2] * 40), collections.Counter("abracadabra"), collections.deque(range(5), maxlen=7)
===
collections.defaultdict(list, {i: [i] * 10 for i in range(6)})
===
collections.namedtuple("Point", "x y")(1, 2), collections.ChainMap({1: 2}), collections.UserDict(a=1), collections.UserList([1])
===
import types, dataclasses, enum, datetime, decimal, fractions, pathlib, uuid, re
types.SimpleNamespace(a=1, b="x" * 80), types.MappingProxyType({1: 2})
===
@dataclasses.dataclass
class Item:
    name: str
    tags: list
[Item("n" * 20, ["t"] * 5) for _ in range(4)]
===
class Colour(enum.Enum):
    RED = 1
Colour.RED, Colour, [Colour.RED] * 3
===
datetime.date(2024, 2, 29), datetime.timedelta(1), decimal.Decimal("1.10"), fractions.Fraction(1, 3), pathlib.PurePosixPath("/a")
===
re.compile("a+", re.I), range(5), slice(1, 2), int, dict, Item, len, type(None), re.Pattern
===
def f(a, *b, c=1, **d): pass
f, [f], lambda: 0, print, [].append.__name__, str.join
===
ValueError("a", 1), KeyError("k"), [OSError(2, "no")], Exception()
===
class Plain: pass
class Sub(list): pass
class Own(dict):
    def __repr__(self): return "<own\nrepr>"
Sub([1, 2]), Own(), [Own(), Own()], {"k": Own()}
===
# forms only
Plain()
===
class Pretty:
    def _repr_pretty_(self, p, cycle):
        with p.group(8, "Pretty(", ")"):
            for i in range(30):
                if i:
                    p.text(",")
                    p.breakable()
                p.pretty(i)
[Pretty(), Pretty()]
===
print("out"); import sys; print("err", file=sys.stderr); "value"
===
1 / 0
===
undefined_name
===
def g(n):
    return g(n + 1)
g(0)
===
for
===
if True:
x = 1
===
raise SystemExit(3)
===
assert x == 0, "message"
===
import json
json.loads("{")
===
import no_such_module_anywhere
===
%no_such_magic
===
# interrupt
x = 7
while True: pass
===
x
===
# interrupt
import time
time.sleep(30)
===
import asyncio
await asyncio.sleep(0, "awaited")
===
async def later(v):
    await asyncio.sleep(0.01)
    return v
await asyncio.gather(later(1), later(2))
===
task = asyncio.ensure_future(later(3))
await task
===
y = !echo one; echo two
y
===
!echo {x} $x
===
%%bash
echo in bash; exit 0
===
%env SBX_COMPARED=1
===
%env SBX_COMPARED
===
here = %pwd
here == __import__("os").getcwd()
===
%%writefile compared.txt
one
===
open("compared.txt").read()
===
class Html:
    def __repr__(self): return "plain"
    def _repr_html_(self): return "<b>rich</b>"
Html()
===
class Many:
    def __repr__(self): return "many"
    def _repr_markdown_(self): return "**m**"
    def _repr_latex_(self): return "$x$"
    def _repr_json_(self): return {"a": [1, None]}
    def _repr_svg_(self): return "<svg/>"
    def _repr_png_(self): return b"\x89PNG"
    def _repr_jpeg_(self): return b"\xff\xd8"
    def _repr_javascript_(self): return "1"
Many()
===
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": "own plain", "application/x-own": "own"}, {"application/x-own": {"k": 1}}
    def _repr_html_(self): return "<i/>"
Bundle()
===
class Shows:
    def _ipython_display_(self): display("shown by itself")
Shows()
===
display(1, "two", Html()); display({"text/plain": "raw", "text/html": "<u/>"}, raw=True); "last"
===
handle = display("first", display_id="h1")
handle.update("second")
===
class NoHtml:
    def __repr__(self): return "no html"
    def _repr_html_(self): return None
    def _repr_latex_(self): raise NotImplementedError
NoHtml()
===
Html, [Html()], {"k": Html()}
===
import numpy as np
np.arange(6).reshape(2, 3), np.float64(1.5), np.array([1.5, 2])
===
[np.eye(2), np.eye(2)], {"a": np.zeros((2, 2))}, np.arange(2000), np.dtype("int8"), np.int64
===
import pandas as pd
frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
frame
===
frame.a, frame.describe().loc["mean"]
===
frame.a
===
frame.groupby("b").sum().T
===
[frame, frame]
===
import sympy
s = sympy.symbols("s")
sympy.Integral(sympy.sqrt(1 / s), s)
===
s ** 2 + sympy.pi
===
from PIL import Image
Image.new("RGB", (4, 4), "red").size
===
# forms only
Image.new("RGB", (4, 4), "red")
===
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 2, 3])
plt.show()
===
plt.figure(figsize=(3, 2)); plt.plot([1, 2]); plt.title("t");
===
# forms only
plt.plot([3, 1, 2])
===
fig
===
plt.figure(); plt.figure(); plt.plot([1]); 1 / 0
===
plt.get_fignums()
===
fig, ax = plt.subplots(); ax.hist([1, 2, 2]); plt.close(); "closed"
===
import seaborn as sns
axes = sns.barplot(x=["a", "b"], y=[1, 2])
===
# forms only
sns.heatmap(np.eye(3))
===
# plotly
import plotly.graph_objects as go
go.Figure(go.Bar(y=[2, 1]))
===
# plotly
import plotly.express as px
px.line(x=[1, 2], y=[3, 4]).show()
===
x = 99; exec("x += 1"); x
===
import threading
t = threading.Thread(target=print, args=("from a thread",)); t.start(); t.join()
===
re.compile("a\\\\.b"), re.compile(b"x"), [re.compile("y" * 70, re.S)]
===
import os
type(os.environ), [{"k": "v" * 70}, 1], [["w" * 90], 2], {"a": "b" * 90, "c": [1]}, ("z" * 100,)
===
[[1, 2], "x" * 100, [3, "y" * 78], {4: {5: "z" * 76}}]
===
[{"id": i, "name": f"user{i}", "tags": ["a", "b"], "nested": {"score": i * 1.5, "ok": None}} for i in range(8)]
===
try:
    raise ValueError("first")
except ValueError as e:
    kept = e
kept, [kept], ExceptionGroup("g", [kept])
===
# forms only
super(Item, Item("n", [])), Item.__init__, Item("n", []).__eq__, [].append, staticmethod(f), property(f)
===
# forms only
import functools, itertools
functools.partial(f, 1), itertools.count(3), iter, zip, map, dict(a=1).keys(), dict(a=1).items()
===
2 ** 200, -1, 10 ** 25, True, 1e22, 1e-7
===
f"{x!r:>5}"
===
%%html
<p>cell</p>
===
%%latex
$x$
===
%time sum(range(3))
===
%matplotlib inline
'''.strip("\n").split("\n===\n")

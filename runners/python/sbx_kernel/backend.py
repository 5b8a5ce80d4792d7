"""matplotlib's backend in a kernel: Agg, whose `show` gives the open figures to the owner."""

import builtins

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from . import figures


def show(*_, **__) -> None:
    figures.flush(builtins.display)


class FigureManager(FigureManagerBase):
    def show(self) -> None:
        builtins.display(self.canvas.figure)


class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager

"""Figures of matplotlib and plotly, for cells that only draw and never say display."""

import io
import os
import sys

from .imports import AfterImport

BACKEND = "module://sbx_kernel.backend"


def watch(display) -> None:
    """Prepares the plotting libraries when a cell imports them."""
    AfterImport(
        {
            "matplotlib": _choose_backend,
            "matplotlib.figure": _teach_figures,
            "plotly.basedatatypes": lambda module: _teach_plotly(module, display),
            "plotly.io._renderers": lambda module: setattr(module, "show", _shower(display)),
        }
    )


def flush(display) -> None:
    """Shows and closes the figures that are still open."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None or _shown_by_ipython():
        return
    for manager in list(helpers.Gcf.get_all_fig_managers()):
        figure = manager.canvas.figure
        helpers.Gcf.destroy(manager.num)
        display(figure)


def _shown_by_ipython() -> bool:
    matplotlib = sys.modules["matplotlib"]
    return "inline" in str(matplotlib.get_backend())


def _choose_backend(matplotlib) -> None:
    if "MPLBACKEND" not in os.environ:
        matplotlib.rcParams["backend"] = BACKEND


def _teach_figures(module) -> None:
    module.Figure._repr_png_ = _png


def _png(figure):
    """The figure as notebooks show it: trimmed; nothing when nothing is on it."""
    if not figure.axes and not figure.lines:
        return None
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", dpi=figure.dpi)
    return buffer.getvalue()


def _shower(display):
    def show(figure, *_, **__) -> None:
        display(figure)

    return show


def _teach_plotly(module, display) -> None:
    """Its own ways of showing need IPython, nbformat or a browser."""

    def bundle(self, include=None, exclude=None, **_):
        import json

        return {
            "application/vnd.plotly.v1+json": json.loads(self.to_json()),
            "text/html": self.to_html(include_plotlyjs="cdn", full_html=False),
        }

    figure = module.BaseFigure
    figure._repr_mimebundle_ = bundle
    figure._ipython_display_ = figure._repr_html_ = None
    figure.show = _shower(display)

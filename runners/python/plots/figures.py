"""What Matplotlib and Plotly are taught, so that figures which nobody saves become plot_<n>.png and plot_<n>.html."""

import atexit
import contextlib
import functools
import io
import logging
import os
import time
import warnings
import weakref

WINDOWS = ("gtk", "inline", "ipympl", "macosx", "module://", "nbagg", "notebook", "qt", "tk", "webagg", "widget", "wx")


def without_window(backend):
    """The backend; Agg in the place of one that needs a display."""
    return "agg" if isinstance(backend, str) and backend.lower().startswith(WINDOWS) else backend


def takes_no_window(choose):
    @functools.wraps(choose)
    def wrapper(backend, *positions, **options):
        return choose(without_window(backend), *positions, **options)

    return wrapper


def choose_backend(matplotlib, start):
    matplotlib.use = takes_no_window(matplotlib.use)
    # Not by its own way of reading: where nothing is chosen yet, that would try one backend after the other.
    chosen = dict.get(matplotlib.rcParams, "backend")
    if not isinstance(chosen, str) or without_window(chosen) != chosen:
        matplotlib.rcParams["backend"] = "agg"


def catch_figures(pyplot, start):
    Figures(pyplot, start)


class Figures:
    """Those of pyplot, of which it knows which ones were saved as they are."""

    def __init__(self, pyplot, start):
        from matplotlib import _pylab_helpers, backend_bases, figure

        self.managers = _pylab_helpers.Gcf
        self.start = start
        self.process = os.getpid()
        self.saved = weakref.WeakSet()
        self.teach_figure(figure.Figure, backend_bases.FigureCanvasBase)
        self.teach_pyplot(pyplot)
        atexit.register(self.at_end)

    def teach_figure(self, figure, canvas):
        write, clear = canvas.print_figure, figure.clear

        @functools.wraps(write)
        def print_figure(canvas, *positions, **options):
            written = write(canvas, *positions, **options)
            self.saved.add(canvas.figure)
            return written

        @functools.wraps(clear)
        def cleared(figure, *positions, **options):
            self.saved.discard(figure)  # what is drawn from now on is another picture
            return clear(figure, *positions, **options)

        @functools.wraps(figure.show)
        def show(figure, *positions, **options):
            self.save([figure])
            self.show()

        canvas.print_figure, figure.clear, figure.show = print_figure, cleared, show

    def teach_pyplot(self, pyplot):
        @functools.wraps(pyplot.show)
        def show(*positions, **options):
            self.show()

        @functools.wraps(pyplot.pause)
        def pause(interval):
            time.sleep(interval)  # its own shows the figure, which goes on being drawn

        pyplot.show, pyplot.pause = show, pause
        pyplot.switch_backend = takes_no_window(pyplot.switch_backend)

    def show(self):
        self.save(self.open())
        self.managers.destroy_all()

    def at_end(self):
        if os.getpid() == self.process:
            self.save(self.open())

    def open(self):
        return [self.managers.figs[number].canvas.figure for number in sorted(self.managers.figs)]

    def save(self, figures):
        """One that cannot be drawn is left out, as a window would stay empty."""
        for figure in figures:
            with contextlib.suppress(Exception), silence():
                if figure not in self.saved and figure.axes:
                    picture = io.BytesIO()
                    figure.savefig(picture, format="png")
                    write_free(self.start, "png", picture.getvalue())


@contextlib.contextmanager
def silence():
    """What a library says of a figure would be said of one that the program never asked for."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def write_free(start, extension, content):
    """As plot_<n>, of the first n that no file has."""
    number = 1
    while True:
        try:
            with open(os.path.join(start, f"plot_{number}.{extension}"), "xb") as file:
                file.write(content)
                return
        except FileExistsError:
            number += 1


def catch_plotly(renderers, start):
    @functools.wraps(renderers.show)
    def show(fig, renderer=None, validate=True, **options):
        from plotly import io as plotly_io

        text = plotly_io.to_html(fig, include_plotlyjs="cdn", validate=validate)
        write_free(start, "html", text.encode("utf-8", "replace"))
        with contextlib.suppress(Exception), silence():
            import kaleido  # noqa: F401

            write_free(start, "png", plotly_io.to_image(fig, format="png", validate=validate))

    renderers.show = show

"""Rich results: what an object offers by MIME type, and what a cell shows by itself."""

from .errors import report
from .pretty import pretty

METHODS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "application/pdf": "_repr_pdf_",
    "image/jpeg": "_repr_jpeg_",
    "text/latex": "_repr_latex_",
    "application/json": "_repr_json_",
    "application/javascript": "_repr_javascript_",
}
PLAIN = (str, int, float, bool, list, tuple, dict, set, frozenset, bytes, type(None))


class Display:
    """Publishes to the owner. Its `show` is what cells know as `display`."""

    def __init__(self, owner):
        self._owner = owner

    def result(self, value) -> None:
        data, metadata = bundle(value)
        if data:
            self._owner.bundle("result", data, metadata)

    def publish(self, kind: str, data: dict, metadata: dict, display_id=None) -> None:
        """For a shell that makes the bundles itself."""
        self._owner.bundle(kind, data, metadata, display_id)

    def show(
        self, *values, include=None, exclude=None, metadata=None, transient=None, display_id=None, raw=False, clear=False
    ):
        """Shows each value in its richest forms; with `raw` the values are bundles themselves ({MIME: value}).

        `display_id` (True for a new one) gives back a handle that can update what was shown.
        """
        if clear:
            self.clear(wait=True)
        name = _new_id() if display_id is True else display_id
        if name is None:
            name = (transient or {}).get("display_id")
        for value in values:
            self._publish("display", value, include, exclude, metadata, raw, name)
        return None if display_id is None else Handle(self, name)

    def update(self, value, *, display_id, include=None, exclude=None, metadata=None, raw=False) -> None:
        """Shows `value` in the place of what has that `display_id`."""
        self._publish("display_update", value, include, exclude, metadata, raw, display_id)

    def clear(self, wait: bool = False) -> None:
        """Asks whoever shows the results to forget them."""
        self._owner.send("clear", wait=bool(wait))

    def _publish(self, kind, value, include, exclude, metadata, raw, display_id) -> None:
        data, described = (value, {}) if raw else bundle(value, include, exclude)
        if data:
            self._owner.bundle(kind, data, {**described, **(metadata or {})}, display_id)


class Handle:
    """What was shown under one `display_id`."""

    def __init__(self, shown: Display, display_id: str):
        self._shown, self.display_id = shown, display_id

    def display(self, value, **options) -> None:
        self._shown.show(value, display_id=self.display_id, **options)

    def update(self, value, **options) -> None:
        self._shown.update(value, display_id=self.display_id, **options)

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"


def _new_id() -> str:
    import os

    return os.urandom(16).hex()


def bundle(value, include=None, exclude=None):
    """({MIME: value}, metadata) of an object; empty when it has shown itself."""
    data, metadata = {}, {}
    if not isinstance(value, type) and type(value) not in PLAIN:
        if _call(value, "_ipython_display_") is not _ABSENT:
            return {}, {}
        data, metadata = _own_bundle(value, include, exclude)
        for mime, method in METHODS.items():
            if mime not in data and _asked(mime, include, exclude):
                _add(data, metadata, mime, _call(value, method))
    if "text/plain" not in data and _asked("text/plain", include, exclude):
        try:
            data = {"text/plain": pretty(value), **data}
        except Exception as error:
            report(error)
    return data, metadata


def _asked(mime: str, include, exclude) -> bool:
    return (not include or mime in include) and not (exclude and mime in exclude)


def _own_bundle(value, include, exclude):
    found = _call(value, "_repr_mimebundle_", include=include, exclude=exclude)
    data, metadata = found if isinstance(found, tuple) and len(found) == 2 else (found, {})
    if not isinstance(data, dict):
        return {}, {}
    return {mime: item for mime, item in data.items() if _asked(mime, include, exclude)}, dict(metadata or {})


def _add(data, metadata, mime, found) -> None:
    if found is _ABSENT or found is None:
        return
    if isinstance(found, tuple) and len(found) == 2:
        found, metadata[mime] = found
    data[mime] = found


_ABSENT = object()


def _call(value, name: str, **arguments):
    """What the method gives, or `_ABSENT`: a method that fails costs its own form, not the others."""
    try:
        if _claims_everything(value):
            return _ABSENT
        method = getattr(value, name, None)
        if not callable(method):
            return _ABSENT
        return method(**arguments)
    except NotImplementedError:
        return _ABSENT
    except Exception as error:
        report(error)
        return None


def _claims_everything(value) -> bool:
    """Proxies and mocks answer to any name."""
    return getattr(value, "_no_object_has_a_method_of_this_name_", None) is not None



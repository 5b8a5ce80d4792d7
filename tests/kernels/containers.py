"""Programs in containers of our own images, whose work directory is a folder of this machine."""

import os
import subprocess
from pathlib import Path

from kernel import RUNNERS

VERSION = (Path(__file__).parents[2] / "images" / "VERSION").read_text().strip()
PLACE = "/mnt/data"


def run_in_image(image, directory, *command, **environment):
    """@return how it ended, with its output as text; the folder is at PLACE and the runners are where they always are"""
    os.chmod(directory, 0o777)
    variables = [f"--env={name}={value}" for name, value in {"HOME": "/tmp", **environment}.items()]
    return subprocess.run(
        ["docker", "run", "--rm", "--init", "--network=none", "--user=1000:1000", f"--workdir={PLACE}", *variables,
         f"--volume={directory}:{PLACE}", f"--volume={RUNNERS}:/.sbx:ro", f"sbx/{image}:{VERSION}", *command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

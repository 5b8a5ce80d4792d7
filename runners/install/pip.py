"""Fetches pip from the index, for images that have none, into a directory; prints the wheel's path.

A wheel runs as it is: `python pip-….whl/pip`.
"""

import hashlib
import html
import os
import re
import sys
import urllib.parse
import urllib.request

WHEEL = "pip-24.3.1-py3-none-any.whl"
SHA256 = "3790624780082365f47549d032f3770eeb2b1e8bd1f7b2e02dace1afa361b4ed"


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read()
    except OSError as error:
        sys.exit(f"cannot fetch {url}: {error}")


page = os.environ["SBX_INDEX"].rstrip("/") + "/pip/"
links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', fetch(page).decode())]
wheels = [link for link in links if os.path.basename(urllib.parse.urlparse(link).path) == WHEEL]
if not wheels:
    sys.exit(f"the image has no pip, and {page} does not have {WHEEL}")
content = fetch(urllib.parse.urljoin(page, wheels[0]))
if hashlib.sha256(content).hexdigest() != SHA256:
    sys.exit(f"{wheels[0]} is not the {WHEEL} that was expected")
path = os.path.join(sys.argv[1], WHEEL)
with open(path, "wb") as file:
    file.write(content)
print(path)

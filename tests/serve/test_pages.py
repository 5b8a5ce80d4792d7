"""/docs and /redoc in a browser: operations are shown, and one that is tried runs code."""

import json
import re
import zlib

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser import chromium

PAGES = ["/docs", "/docs/start.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/redoc", "/redoc/start.js",
         "/redoc/redoc.standalone.js"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    logs = {"goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
    profile = tmp_path_factory.mktemp("browser")
    with chromium(profile, flags=["--window-size=1200,2000"], capabilities=logs) as driver:
        yield driver


def wait(browser, condition):
    return WebDriverWait(browser, 30, 0.1).until(condition)


def found(browser, selector):
    return wait(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, selector))


def check_asks_nobody_else(browser, daemon):
    """What a library would fetch from elsewhere is stopped by the policy before it leaves the browser."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {message["params"]["requestId"]: message["params"]["request"]["url"] for message in messages
             if message["method"] == "Network.requestWillBeSent"}
    for message in messages:
        if message["method"] == "Network.loadingFailed" and message["params"].get("blockedReason") == "csp":
            asked.pop(message["params"]["requestId"], None)
    own = f"http://127.0.0.1:{daemon.port}/"
    outside = [url for url in asked.values() if url.startswith(("http", "ws")) and not url.startswith(own)]
    assert any(url.startswith(own) for url in asked.values()) and not outside, outside


def test_operations_are_shown_and_one_is_tried(daemon, browser):
    browser.get(f"http://127.0.0.1:{daemon.port}/docs")
    shown = {(block.find_element(By.CSS_SELECTOR, ".opblock-summary-method").text.lower(),
              re.sub(r"\s|\u200b", "", block.find_element(By.CSS_SELECTOR, ".opblock-summary-path").text))
             for block in found(browser, ".opblock")}
    document = daemon.get("/openapi.json").json
    declared = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert shown == declared and len(shown) > 20
    block = next(each for each in browser.find_elements(By.CSS_SELECTOR, ".opblock-post")
                 if re.sub(r"\s|\u200b", "", each.find_element(By.CSS_SELECTOR, ".opblock-summary-path").text)
                 == "/v1/executions")
    browser.execute_script("arguments[0].scrollIntoView()", block)
    block.find_element(By.CSS_SELECTOR, ".opblock-summary-control").click()
    wait(browser, lambda _: block.find_elements(By.CSS_SELECTOR, ".try-out__btn"))[0].click()
    area = wait(browser, lambda _: block.find_elements(By.CSS_SELECTOR, "textarea.body-param__text"))[0]
    area.clear()
    area.send_keys(json.dumps({"code": "print('ran in', 6 * 7)"}))
    block.find_element(By.CSS_SELECTOR, ".execute").click()
    answer = wait(browser, lambda _: block.find_elements(By.CSS_SELECTOR, ".live-responses-table .response"))[0]
    wait(browser, lambda _: "ran in 42" in answer.text)
    assert "200" in answer.find_element(By.CSS_SELECTOR, ".response-col_status").text
    assert browser.save_screenshot(str(daemon.home / "docs.png"))
    check_asks_nobody_else(browser, daemon)
    broken = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not broken, broken


def test_redoc_shows_the_operations(daemon, browser):
    browser.get(f"http://127.0.0.1:{daemon.port}/redoc")
    wait(browser, lambda driver: "Run code" in driver.page_source or "/v1/executions" in driver.page_source)
    paths = daemon.get("/openapi.json").json["paths"]
    wait(browser, lambda driver: all(each in driver.page_source for each in paths))
    check_asks_nobody_else(browser, daemon)


@pytest.mark.parametrize("path", PAGES)
def test_every_file_is_served_compressed_and_plain(daemon, path):
    plain = daemon.get(path)
    assert plain.status == 200 and "Content-Encoding" not in plain.headers
    small = daemon.get(path, Accept_Encoding="gzip, deflate")
    assert small.headers["Content-Encoding"] == "deflate" and zlib.decompress(small.body) == plain.body
    assert daemon.get(path, Accept_Encoding="gzip").body == plain.body
    for answer in (plain, small):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kind = {"js": "text/javascript", "ss": "text/css"}.get(path[-2:], "text/html")
    assert plain.headers["Content-Type"].startswith(kind)


def test_pages_name_nothing_outside(daemon):
    for path in ("/docs", "/redoc"):
        assert b"http" not in daemon.get(path).body


def test_pages_are_no_operations(daemon):
    assert not [path for path in daemon.get("/openapi.json").json["paths"] if path.startswith(("/docs", "/redoc"))]

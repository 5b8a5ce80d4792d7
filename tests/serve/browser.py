"""A headless Chromium that reaches nobody but this machine."""

from contextlib import contextmanager

from selenium import webdriver


@contextmanager
def chromium(profile, *names, flags=(), capabilities=()):
    """`names` are hosts that it may reach beside 127.0.0.1."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    excluded = ", ".join(f"EXCLUDE {name}" for name in ("127.0.0.1", *names))
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                 f"--user-data-dir={profile}", f"--host-resolver-rules=MAP * ~NOTFOUND, {excluded}", *flags):
        options.add_argument(flag)
    for name, value in dict(capabilities).items():
        options.set_capability(name, value)
    driver = webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
    driver.set_page_load_timeout(60)
    try:
        yield driver
    finally:
        driver.quit()

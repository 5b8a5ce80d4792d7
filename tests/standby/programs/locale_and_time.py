import locale
import os
import time

print(locale.setlocale(locale.LC_ALL), locale.getlocale(), locale.localeconv()["decimal_point"])
print(time.tzname, time.timezone, time.daylight, time.localtime(0)[:6], time.strftime("%c %Z", time.localtime(0)))
print(os.environ.get("TZ"), os.environ.get("LANG"))
print(locale.setlocale(locale.LC_ALL, "C"))

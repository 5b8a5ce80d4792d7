print("naïve – 日本語 – 🐍")
print("\udcff".encode("utf-8", "surrogateescape"))
print("lone \ud800")

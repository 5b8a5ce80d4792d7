import sys

events = []
sys.addaudithook(lambda event, arguments: events.append(event) if event in ("open", "import", "exec") else None)
open(__file__).close()
import colorsys

print(events)

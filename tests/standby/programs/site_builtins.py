import builtins
import sys

print([name for name in ("exit", "quit", "copyright", "credits", "license", "help", "_") if hasattr(builtins, name)])
sys.displayhook(41)
print(builtins._)

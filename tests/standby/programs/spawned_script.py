import subprocess
import sys

if len(sys.argv) == 1:
    result = subprocess.run([sys.executable, __file__, "child"], capture_output=True, text=True)
    print(result.stdout, result.stderr, result.returncode)
else:
    print("child of", sys.argv)
    sys.exit("child's message")

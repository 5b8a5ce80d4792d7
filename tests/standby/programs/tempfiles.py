import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "x")
    with open(path, "w") as file:
        file.write("text")
    print(os.path.getsize(path), "%o" % os.stat(path).st_mode)
print(os.path.exists(folder), tempfile.gettempdir())
with open("written beside.txt", "w") as file:
    file.write("x")
print(sorted(os.listdir(".")) == sorted(set(os.listdir("."))), os.path.exists("written beside.txt"))

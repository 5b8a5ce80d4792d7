print("hello from a sandbox")
